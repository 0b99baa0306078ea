"""Starts a job's worker so that it is on record before it runs, and runs at most once.

The child waits on a pipe until its parent has put it on record; when the parent dies first, the
child ends without having done anything. Just before its program begins it makes the `started`
marker, which can be made only once. The supervisor reads this file.
"""

import json
import os
import resource
import signal
import time

from envbench.jobs import layout
from envbench.jobs.folder import Folder
from envbench.jobs.priority import lower_priority, offer_to_oom_killer
from envbench.jobs.processes import Identity, identify, restore_signals

NOT_STARTED = 125
"""Exit status of a child that was never told to go, or that found the marker made already."""
NO_DIRECTORY = 126
NO_PROGRAM = 127

Request = dict[str, object]
"""The fields of `envbench.model.job.JobRequest`, as they lie on disk."""


def start_worker(folder: Folder, request: Request, job_id: str, lock: int) -> Identity:
    """Fork the worker, put it on record, let it go.

    Args:
        folder: The job's directory.
        request: What to run.
        job_id: Goes into the worker's environment.
        lock: The supervisor's lock, which the child must not keep alive.

    Returns:
        The record of the worker, with `started_at` (Unix time).

    Raises:
        OSError: It could not be put on record; the child ends by itself.
    """
    wait_end, go_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go_end)
        os.close(lock)
        _become_worker(folder, request, job_id, wait_end)
    os.close(wait_end)
    try:
        record = {**(identify(pid) or {}), "started_at": time.time()}
        folder.replace(layout.WORKER, json.dumps(record).encode())
        os.write(go_end, b"g")
    finally:
        os.close(go_end)
    return record


def _become_worker(folder: Folder, request: Request, job_id: str, wait_end: int) -> None:
    """Turn this forked child into the worker; does not return."""
    status = NOT_STARTED
    try:
        signal.set_wakeup_fd(-1)
        os.setsid()
        if os.read(wait_end, 1) == b"g":
            status = _run(folder, request, job_id)
    except BaseException as fault:  # noqa: BLE001 - a forked child must never run its parent's code
        os.write(2, f"the worker could not be started: {fault}\n".encode(errors="replace"))
        status = NO_DIRECTORY
    finally:
        os._exit(status)


def _run(folder: Folder, request: Request, job_id: str) -> int:
    argv = [str(part) for part in _as_list(request["argv"])]
    env = {str(k): str(v) for k, v in dict(_as_dict(request["env"])).items()}
    env[layout.DIRECTORY_VARIABLE] = folder.path
    env[layout.MARKER_VARIABLE] = job_id
    log = folder.open(layout.LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    _settle(log)
    if request.get("low_priority"):
        lower_priority()
    offer_to_oom_killer()
    restore_signals()
    os.chdir(str(request["cwd"]))
    try:
        folder.create(layout.STARTED)
    except FileExistsError:
        return NOT_STARTED
    try:
        os.execve(argv[0], argv, env)  # noqa: S606 - no shell is wanted
    except OSError as fault:
        os.write(2, f"{argv[0]} could not be started: {fault.strerror}\n".encode(errors="replace"))
    return NO_PROGRAM


def _settle(log: int) -> None:
    """Standard streams, permissions of new files, no core dumps (they hold secrets)."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    null = os.open(os.devnull, os.O_RDONLY)
    # A log that was opened without waiting would hand short writes to every child.
    os.set_blocking(log, True)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target, inheritable=True)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _as_dict(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}
