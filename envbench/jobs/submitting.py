"""Makes a job's directory whole before it gets its name, and starts its supervisor."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

from envbench.jobs import layout
from envbench.jobs.folder import READ_LIMIT_BYTES, Folder
from envbench.jobs.processes import identify
from envbench.jobs.records import JobRecord, encode_record, explain_disk
from envbench.model.errors import PreventedError, UsageError
from envbench.model.job import JobRequest
from envbench.model.redaction import holds_secret

NEW_PREFIX = ".new-"
TRASH_PREFIX = ".trash-"
SUPERVISOR = Path(__file__).with_name("supervisor.py")
_SPAWN_TIMEOUT_S = 30
_INHERITED = ("LD_LIBRARY_PATH",)
"""Some Pythons of clusters do not start without it; nothing else of the caller gets through."""


def write_job(root: Path, request: JobRequest) -> str:
    """Put a request on disk as a job that nobody has started yet.

    Returns:
        The job's id: it sorts by the time of submission.

    Raises:
        UsageError: The request cannot be run as it is.
        PreventedError: The disk refused; nothing is left behind.
    """
    _check(request)
    job_id = f"{time.time_ns() // 1_000_000:011x}-{secrets.token_hex(4)}"
    record = JobRecord(
        schema=layout.SCHEMA,
        id=job_id,
        submitted=time.time(),
        creator=identify(os.getpid()) or {},
        request=request,
    )
    text = _encode(record)
    if len(text) > READ_LIMIT_BYTES:
        raise UsageError(
            "the job asks for more than a job can hold",
            why=f"Its request is {len(text)} bytes, the limit is {READ_LIMIT_BYTES}.",
        )
    fresh = root / f"{NEW_PREFIX}{job_id}"
    try:
        fresh.mkdir(mode=0o700)
        with Folder(str(fresh)) as folder:
            folder.create(layout.RESERVE, b" " * layout.RESERVE_BYTES)
            folder.create(layout.WORKER_RESERVE, b" " * layout.WORKER_RESERVE_BYTES)
            folder.create(layout.JOB, text)
            folder.sync()
        fresh.rename(root / job_id)
        _sync(root)
    except OSError as fault:
        shutil.rmtree(fresh, ignore_errors=True)
        raise explain_disk(fault, root, "the job could not be put on record") from fault
    return job_id


def start_supervisor(directory: Path) -> None:
    """Start a supervisor for a job; it leaves this process at once and outlives it.

    Any number may be started: the job's lock lets one of them work, the others end.

    Raises:
        PreventedError: No process can be started.
    """
    argv = [sys.executable, "-I", "-S", str(SUPERVISOR), str(directory)]
    env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        first = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=True,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", layout.SUPERVISOR_VARIABLE: directory.name, **env},
            start_new_session=True,
            umask=0o077,
        )
        # It forks and ends: waiting for it leaves no zombie in a caller that lives long.
        first.wait(_SPAWN_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as fault:
        why = getattr(fault, "strerror", "") or "it did not answer"
        raise PreventedError("the job's supervisor could not be started", why=why) from fault


def _check(request: JobRequest) -> None:
    if not request.argv or not Path(request.argv[0]).is_absolute():
        raise UsageError("a job needs a command with an absolute path", why=request.title)


def _encode(record: JobRecord) -> bytes:
    try:
        text = encode_record(record)
    except UnicodeEncodeError as fault:
        why = "a path or a variable of the environment is not valid UTF-8"
        raise UsageError("the job cannot be put on record", why=why) from fault
    if holds_secret(text.decode()):
        why = "a password or token would be written to disk with it"
        hint = "this is a fault of envbench: please report it"
        raise PreventedError("the job was not put on record", why=why, hint=hint)
    return text


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
