"""Real builds under random kills: see `driver`. Seed and length can be chosen from outside.

ENVBENCH_TORTURE_SEED=5 ENVBENCH_TORTURE_ROUNDS=400 pytest -m torture tests/torture
"""

import json
import os
import signal
import time

import pytest

from envbench.envs.paths import read_generation_link
from envbench.jobs import layout
from envbench.jobs.processes import send_signal
from envbench.model.job import JobState
from tests.engine.solver.asking import wait_until
from tests.torture.driver import Report, Torture, publish
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


def test_a_build_that_dies_while_it_tidies_up_is_done(box: Box) -> None:  # noqa: F811
    """Killed when it has gone live and an old generation is being removed: nothing is missing."""
    publish(box, "1.0")
    spec = box.write_spec("torture-app=1.0")
    for _ in range(3):
        box.build(spec)
    old = box.settings.paths.envs_dir / ".generations" / "env-1"
    # Many files, so that removing it takes long enough to be killed in the middle of.
    for number in range(20_000):
        (old / f"file-{number}").touch()
    job = box.submit(spec)
    wait_until(lambda: (job.directory / layout.WORKER_RESULT).exists())
    hit = send_signal(json.loads((job.directory / layout.WORKER).read_bytes()), signal.SIGKILL)
    result = job.wait(60)
    assert hit and result is not None
    assert (result.state, result.code) == (JobState.DONE, 0)
    assert read_generation_link(box.path()) == 4
    box.build(spec)
    assert box.leftovers() == []
