"""Several builds at once, and builds that are killed, orphaned and cancelled in every phase."""

import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.processes import read_life, send_signal
from envbench.model.errors import NotFineError, PreventedError
from envbench.model.event import JobEnded, Message
from envbench.model.job import JobState
from envbench.model.job_states import Life
from envbench.workbench import environments
from envbench.workbench.building import read_build_result
from envbench.workbench.environments import remove_environment, rollback_environment
from envbench.workbench.jobs import cancel_job, wait_for_result
from tests.channels import Executable
from tests.workbench.conftest import Box
from tests.workbench.failing import (
    Stage,
    build_well,
    find_job_processes,
    list_litter,
    read_identity,
    serving,
    unchanged,
    wait_until,
)

HELD = ("wait", "solve", "fetch", "link", "pip", "probe")


def choose_phases(*some: str, every: tuple[str, ...] = HELD) -> pytest.MarkDecorator:
    """Go through some phases by default, and through all of them in the slow lane."""
    sets = [pytest.param(some, id="some"), pytest.param(every, id="all", marks=pytest.mark.slow)]
    return pytest.mark.parametrize("phases", sets)


@pytest.fixture
def stage(box: Box) -> Iterator[Stage]:
    """A stage with an environment in use."""
    with serving(box.channel) as server:
        result, _ = box.build(box.write_spec("zlib"))
        assert result.state is JobState.DONE, result
        yield Stage(box, server)


def test_of_two_builds_of_one_environment_one_waits_and_says_for_whom(box: Box, stage: Stage):
    with stage.holding("fetch") as first:
        second = box.submit(box.write_spec("app=1"))
        told: list[str] = []
        following = threading.Thread(
            target=wait_for_result,
            args=(second, lambda e: told.append(e.text) if isinstance(e, Message) else None),
        )
        following.start()
        wait_until(lambda: told, "the message of the one that waits")
        assert told[0].startswith(f"waiting for env: job {first.id} (process ")
        assert second.result() is None
    results = [job.wait(60) for job in (first, second)]
    following.join(60)
    assert [result.state for result in results] == [JobState.DONE] * 2, results
    assert [read_build_result(result).generation for result in results] == [2, 3]
    assert "app 1.0" in (box.path() / "bin" / "app").read_text()
    assert list_litter(box) == []


def test_rollback_and_remove_name_the_build_that_holds_the_environment(
    box: Box, stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    build_well(box, box.write_spec("app"))
    with stage.holding("fetch") as job, unchanged(box), monkeypatch.context() as patch:
        patch.setattr(environments, "LOCK_WAIT_S", 0.1)
        for act in (
            lambda: rollback_environment("env", None, box.settings),
            lambda: remove_environment("env", box.settings),
        ):
            with pytest.raises(PreventedError, match=f"in use by job {job.id}") as caught:
                act()
            assert "cancel that job" in caught.value.hint
    # With patience it waits for the build, and then goes back behind it.
    report = rollback_environment("env", None, box.settings)
    assert job.wait(60).state is JobState.DONE
    assert (report.previous, report.generation) == (3, 2)


def test_remove_names_the_process_that_runs_in_the_environment(box: Box):
    program = Path(shutil.which("sleep") or "/bin/sleep").read_bytes()
    box.publish("sleeper", files={"bin/sleeper": Executable(program)})
    box.build(box.write_spec("sleeper"))
    process = subprocess.Popen([box.path() / "bin" / "sleeper", "300"], cwd="/")
    try:
        wait_until(
            lambda: Path(f"/proc/{process.pid}/exe").readlink().name == "sleeper", "the process"
        )
        with unchanged(box), pytest.raises(NotFineError, match="in use") as caught:
            remove_environment("env", box.settings)
        assert caught.value.exit_code == 1
        assert f"process {process.pid} (sleeper) runs it" in caught.value.why
        assert "force" in caught.value.hint
        report = remove_environment("env", box.settings, force=True)
        assert report.generations == (1,)
        assert not box.path().is_symlink()
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@choose_phases("fetch", "link", "pip")
def test_a_worker_that_is_killed_in_any_phase(box: Box, stage: Stage, phases: tuple[str, ...]):
    for phase in phases:
        with unchanged(box):
            with stage.holding(phase) as job:
                assert send_signal(read_identity(job, layout.WORKER), signal.SIGKILL)
                result = job.wait(60)
            assert (result.state, result.signal) == (JobState.FAILED, 9), (phase, result)
            assert result.reason
            assert result.hint
            assert find_job_processes(job) == []
            assert tell_ends(job) == 1
        build_well(box, box.write_spec("app", channel=stage.server.url))


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["record", "switch", "verify", "wait", "solve", "fetch", "link"])
def test_a_worker_that_is_killed_at_the_beginning_of_a_phase(box: Box, stage: Stage, phase: str):
    """Where it cannot be held, it may be over before the kill; then the environment is whole."""
    for _ in range(4):
        before = box.path().readlink()
        job = box.submit(stage.write_spec("link"))
        wait_until(lambda: is_in(job, phase), phase)  # noqa: B023 - called at once
        send_signal(read_identity(job, layout.WORKER), signal.SIGKILL)
        result = job.wait(60)
        assert tell_ends(job) == 1
        assert result.state in {JobState.FAILED, JobState.DONE}
        if result.state is JobState.DONE:
            assert box.path().readlink() != before
        build_well(box, box.write_spec("app"))


def is_in(job, phase: str) -> bool:
    events = job.directory / layout.WORKER_EVENTS
    mark = f'"phase":"{phase}"'.encode()
    return job.result() is not None or (events.exists() and mark in events.read_bytes())


@choose_phases("solve", "link", every=("wait", "solve", "fetch", "link"))
def test_a_supervisor_that_is_killed_in_any_phase(box: Box, stage: Stage, phases: tuple[str, ...]):
    for generation, phase in enumerate(phases, start=2):
        with stage.holding(phase) as job:
            supervisor = read_identity(job, layout.SUPERVISOR)
            assert send_signal(supervisor, signal.SIGKILL)
            wait_until(lambda s=supervisor: read_life(s) is not Life.ALIVE, "its end")
        result = job.wait(60)
        assert result.state is JobState.DONE, (phase, result)
        assert read_build_result(result).generation == generation
        assert find_job_processes(job) == []
        assert tell_ends(job) == 1
        assert list_litter(box) == []


def test_worker_and_supervisor_killed_together(box: Box, stage: Stage):
    with unchanged(box), stage.holding("fetch") as job:
        for name in (layout.SUPERVISOR, layout.WORKER):
            assert send_signal(read_identity(job, name), signal.SIGKILL)
        result = job.wait(60)
        assert result.state is JobState.LOST, result
        assert result.reason
        assert result.hint
    assert tell_ends(job) == 1
    build_well(box, stage.write_spec("fetch"))


@choose_phases("wait", "fetch", "probe")
def test_a_build_that_is_cancelled_in_any_phase(box: Box, stage: Stage, phases: tuple[str, ...]):
    for phase in phases:
        with unchanged(box), stage.holding(phase) as job:
            result = cancel_job(job, box.settings)
            assert (result.state, result.code) == (JobState.CANCELLED, 130), (phase, result)
            assert find_job_processes(job) == []
            assert tell_ends(job) == 1
    build_well(box, box.write_spec("app", channel=stage.server.url))


def tell_ends(job) -> int:
    """Count the ends that whoever follows the job is told of."""
    seen = []
    wait_for_result(job, seen.append)
    return sum(isinstance(event, JobEnded) for event in seen)
