"""A screen that is killed, and another one: the job is there, and its log is whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.ui.app import EnvbenchApp
from envbench.ui.state import JOBS, LOG
from tests.jobs.conftest import wait_until
from tests.ui.waiting import screen_text, wait_for
from tests.workbench.desk.conftest import private_environ

PROGRAM = Path(__file__).with_name("screen_program.py")


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in private_environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def orphan(box: Path) -> Job:
    """A job whose screen was killed while it ran."""
    screen = subprocess.Popen([sys.executable, str(PROGRAM), str(box)], stdout=subprocess.DEVNULL)
    try:
        store = JobStore(box / "state" / "jobs")
        wait_until(lambda: store.root.exists() and store.list_ids(), "the job")
        job = store.find(store.list_ids()[0])
        log = job.directory / "log"
        wait_until(lambda: log.exists() and b"package 3" in log.read_bytes(), "its first words")
    finally:
        os.kill(screen.pid, signal.SIGKILL)
        screen.wait()
    return job


async def test_a_job_outlives_the_screen_that_was_killed(box: Path, orphan: Job):
    app = EnvbenchApp(str(box))
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_for(pilot, lambda: app.state.running_jobs)
        await wait_for(pilot, lambda: "runs without you" in screen_text(app))
        await wait_for(pilot, lambda: "linked package" in screen_text(app))
        assert "o bigger" in screen_text(app), "the strip under the centre"
        assert app.state.tick >= 0

        await pilot.press("8")
        await wait_for(pilot, lambda: app.state.focus == JOBS)
        await wait_for(pilot, lambda: "► link" in screen_text(app))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.state.place == LOG and "FOLLOW" in screen_text(app))
        assert "o bigger" not in screen_text(app), "the log itself is there"

        await wait_for(pilot, lambda: app.state.told and "done" in app.state.told[-1].text, 60)
        await wait_for(pilot, lambda: "60 lines" in screen_text(app))
        assert "linked package 60" in screen_text(app)
        await pilot.press("g")
        await wait_for(pilot, lambda: "linked package 1 " in screen_text(app))
        await pilot.press("o")
        await wait_for(pilot, lambda: app.state.place != LOG)
        assert app.state.log_job == ""
    lines = (orphan.directory / "log").read_text().splitlines()
    assert [line for line in lines if line.startswith("linked")] == [
        f"linked package {number}" for number in range(1, 61)
    ]
