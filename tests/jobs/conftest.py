"""What the tests of jobs share: a store, workers made of source text, and honest waiting."""

import json
import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envbench.jobs import layout
from envbench.jobs.job import Job
from envbench.jobs.processes import find_members, read_life, send_signal
from envbench.jobs.store import JobStore
from envbench.model.job import JobRequest
from envbench.model.job_states import Life

STANDIN = Path(__file__).with_name("standin.py")
DEADLINE_S = 30.0

PRELUDE = """
import os, signal, subprocess, sys, time
from envbench.model.errors import PreventedError, NotFineError, UsageError, CancelledWorkError
from envbench.model.event import Message, PhaseStarted, Progress
from envbench.model.job import JobResult, JobState
"""


def wait_until(condition: Callable[[], object], what: str = "the condition") -> object:
    """Wait for something to become true; fail by name when it does not."""
    end = time.monotonic() + DEADLINE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)
    return value


def shell(command: str, **fields: object) -> JobRequest:
    """A job that is a shell command."""
    # At low priority, tests on a busy box would wait for everybody else on it.
    fields = {"low_priority": False, **fields}
    return JobRequest(kind="test", title=command, argv=("/bin/sh", "-c", command), **fields)


def python(code: str, **fields: object) -> JobRequest:
    """A job that is a real worker; the code defines `main(context) -> JobResult`."""
    fields = {"low_priority": False, **fields}
    return JobRequest(
        kind="test",
        title="a worker",
        argv=(sys.executable, str(STANDIN)),
        payload={"code": PRELUDE + textwrap.dedent(code), **fields.pop("payload", {})},
        **fields,
    )


def read_json(job: Job, name: str) -> dict:
    return json.loads((job.directory / name).read_bytes())


def supervisor_of(job: Job) -> dict:
    """The supervisor on record, once there is one that lives."""

    def look() -> dict | None:
        if not (job.directory / layout.SUPERVISOR).exists():
            return None
        record = read_json(job, layout.SUPERVISOR)
        return record if read_life(record) is Life.ALIVE else None

    return wait_until(look, "a living supervisor")


def worker_of(job: Job) -> dict:
    """The worker on record, once its program has begun."""
    wait_until((job.directory / layout.STARTED).exists, "the start of the worker")
    return read_json(job, layout.WORKER)


def kill(record: dict, number: int = signal.SIGKILL) -> None:
    """Kill a process on record and wait until it is gone."""
    send_signal(record, number)
    wait_until(lambda: read_life(record) is not Life.ALIVE, "the end of a killed process")


def members_of(job: Job) -> list[dict]:
    """All processes that bear the job's marker."""
    return find_members(f"{layout.MARKER_VARIABLE}={job.id}".encode(), ())


def wait_for_file(path: Path) -> str:
    """The text of a file, once there is some."""
    wait_until(lambda: path.exists() and path.read_text(), str(path))
    return path.read_text()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    """An empty store; whatever a test leaves running is ended."""
    store = JobStore(tmp_path / "state" / "jobs")
    yield store
    if not store.root.is_dir() or store.root.is_symlink():
        return
    for directory in store.root.iterdir():
        marker = f"{layout.MARKER_VARIABLE}={directory.name}".encode()
        for record in find_members(marker, ()):
            send_signal(record, signal.SIGKILL)
        path = directory / layout.SUPERVISOR
        if path.is_file() and not path.is_symlink() and path.stat().st_uid == os.geteuid():
            send_signal(json.loads(path.read_bytes()), signal.SIGKILL)
