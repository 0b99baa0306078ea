"""Jobs under random kills: nothing lost, nothing twice, one result, nobody left behind."""

import os
import sys
from pathlib import Path

import pytest

from envbench.model.job import JobRequest
from tests.jobs.torture import torture

WORKER = Path(__file__).with_name("torture_worker.py")
PAUSE_S = 0.002


def make_request(page: Path) -> JobRequest:
    return JobRequest(
        kind="test",
        title="torture",
        argv=(sys.executable, str(WORKER)),
        payload={"truth": str(page), "pause_s": PAUSE_S},
        grace_s=1.0,
        low_priority=False,
    )


def run(tmp_path: Path, rounds: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jobs").mkdir(mode=0o700)
    report = torture(tmp_path, rounds=rounds, seed=seed, make_request=make_request, longest_s=0.7)
    with capsys.disabled():
        print(f"\n{report.show()}")
    assert report.faults == []
    assert report.jobs >= rounds * 0.6


def test_ten_rounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, 10, 11, capsys)


@pytest.mark.slow
def test_thirty_rounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, 30, 11, capsys)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_many_rounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """ENVBENCH_TORTURE_ROUNDS and ENVBENCH_TORTURE_SEED choose another run."""
    rounds = int(os.environ.get("ENVBENCH_TORTURE_ROUNDS", "200"))
    run(tmp_path, rounds, int(os.environ.get("ENVBENCH_TORTURE_SEED", "7")), capsys)
