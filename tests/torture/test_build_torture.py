"""Real builds under random kills: see `driver`. Seed and length can be chosen from outside.

ENVBENCH_TORTURE_SEED=5 ENVBENCH_TORTURE_ROUNDS=400 pytest -m torture tests/torture
"""

import os
import time

import pytest

from tests.torture.driver import Report, Torture
from tests.torture.targets import ACTS
from tests.workbench.conftest import Box, box  # noqa: F401 - a fixture

SEED = int(os.environ.get("ENVBENCH_TORTURE_SEED", "3"))


def run(box: Box, rounds: int, capsys: pytest.CaptureFixture[str]) -> Report:  # noqa: F811
    began = time.monotonic()
    torture = Torture(box, SEED)
    try:
        torture.run(rounds)
    finally:
        torture.close()
        with capsys.disabled():
            print(f"\n{torture.report.show()}\n{time.monotonic() - began:.0f} s")
    return torture.report


def test_every_act_once(box: Box, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    report = run(box, len(ACTS), capsys)
    assert report.faults == []
    assert set(report.acts) == set(ACTS)


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_many_rounds(box: Box, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    rounds = int(os.environ.get("ENVBENCH_TORTURE_ROUNDS", "204"))
    report = run(box, rounds, capsys)
    assert report.faults == []
    assert sum(tally.jobs for tally in report.acts.values()) >= rounds * 0.8
