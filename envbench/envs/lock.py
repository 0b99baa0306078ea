"""Locks between processes: one builder per environment, many builders beside one cleaner.

The kernel releases a lock when its holder dies, so no lock is ever stale and none must ever be
removed by hand. What a lock file says about its holder is for messages only. Whoever takes several
locks takes them in the order cache, prefix, job.

On network file systems `flock` may be local to one machine; envbench's directories belong on a
local disk.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from envbench.envs.lock_holder import Holder as Holder
from envbench.envs.paths import LOCKS, environment_path
from envbench.files import make_private_directory
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError

_LIMIT_BYTES = 4096
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5
_REMIND_S = 30.0


@dataclass(frozen=True, slots=True)
class EnvironmentLock:
    """The proof that this process may change one environment, for as long as it is held."""

    envs_dir: Path
    name: str
    holder: Holder
    """This process."""


@contextmanager
def lock_environment(
    envs_dir: Path,
    name: str,
    *,
    wait_s: float,
    on_wait: Callable[[Holder], None] = lambda _: None,
    job: str = "",
) -> Iterator[EnvironmentLock]:
    """Keep everybody else from changing an environment.

    Args:
        envs_dir: Where the environments lie.
        name: The environment; it need not exist yet.
        wait_s: How long to wait for another holder; 0 does not wait.
        on_wait: Told whom we wait for: at once, when the holder changes, and twice a minute.
        job: Id of the job that asks, for the messages of others.

    Raises:
        UsageError: The name is not allowed.
        PreventedError: Somebody else still holds it, or the lock file cannot be trusted.
    """
    environment_path(envs_dir, name)
    path = make_private_directory(envs_dir / LOCKS) / f"{name}.lock"
    what = f"the environment {name!r}"
    with _held(path, what, fcntl.LOCK_EX, _Wait(wait_s, on_wait), job) as holder:
        yield EnvironmentLock(envs_dir, name, holder)


@contextmanager
def lock_cache(
    cache_dir: Path,
    *,
    cleaning: bool,
    wait_s: float,
    on_wait: Callable[[Holder], None] = lambda _: None,
    job: str = "",
) -> Iterator[Holder]:
    """Keep a cleaner and builders apart: builders share the package cache, a cleaner is alone.

    Args:
        cache_dir: The cache; made when missing.
        cleaning: True to remove things, False to build with them.
        wait_s: How long to wait.
        on_wait: Told whom we wait for.
        job: Id of the job that asks.

    Raises:
        PreventedError: Somebody else still holds it, or the lock file cannot be trusted.
    """
    path = make_private_directory(cache_dir) / ".envbench-cache.lock"
    mode = fcntl.LOCK_EX if cleaning else fcntl.LOCK_SH
    with _held(path, "the package cache", mode, _Wait(wait_s, on_wait), job) as holder:
        yield holder


@dataclass(frozen=True, slots=True)
class _Wait:
    limit_s: float
    tell: Callable[[Holder], None]


@contextmanager
def _held(path: Path, what: str, mode: int, wait: _Wait, job: str) -> Iterator[Holder]:
    descriptor = _open_lock_file(path)
    try:
        _acquire(descriptor, what, mode, wait)
        me = _describe_self(job)
        if mode == fcntl.LOCK_EX:
            _write_holder(descriptor, me)
        yield me
    finally:
        # Closing releases the lock; children never inherit the descriptor (PEP 446).
        os.close(descriptor)


def read_holder(envs_dir: Path, name: str) -> Holder | None:
    """Tell who is changing an environment right now; None when nobody is."""
    path = environment_path(envs_dir, name).parent / LOCKS / f"{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        # Shared, so that two who merely look do not take each other for a builder.
        return None if _try_lock(descriptor, fcntl.LOCK_SH) else _read_holder(descriptor)
    finally:
        os.close(descriptor)


def _open_lock_file(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as fault:
        why = "a symbolic link stands in its place" if fault.errno == errno.ELOOP else str(fault)
        raise PreventedError("the lock cannot be opened", where=str(path), why=why) from fault
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        os.close(descriptor)
        why = f"it is no regular file of yours (owner: uid {status.st_uid})"
        raise PreventedError("the lock cannot be trusted", where=str(path), why=why)
    return descriptor


def _acquire(descriptor: int, what: str, mode: int, wait: _Wait) -> None:
    # Somebody who merely looks (`read_holder`) is in the way for a moment: always try twice.
    deadline = time.monotonic() + max(wait.limit_s, 2 * _FIRST_PAUSE_S)
    pause, told, told_at = _FIRST_PAUSE_S, None, 0.0
    while not _try_lock(descriptor, mode):
        holder = _read_holder(descriptor)
        now = time.monotonic()
        if now >= deadline:
            raise PreventedError(
                f"{what} is in use by {holder}",
                hint="wait for it, or cancel that job",
            )
        if holder != told or now - told_at >= _REMIND_S:
            wait.tell(holder)
            told, told_at = holder, now
        time.sleep(min(pause, max(deadline - now, 0.001)))
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno in {errno.EAGAIN, errno.EACCES}:
            return False
        raise PreventedError(
            "this file system cannot lock files",
            why=os.strerror(fault.errno or 0),
            hint="keep environments and caches on a local disk",
        ) from fault
    return True


def _describe_self(job: str) -> Holder:
    # Loaded by those who take a lock: most only read who holds one, or nothing at all.
    import socket
    from datetime import UTC, datetime

    since = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(pid=os.getpid(), host=socket.gethostname(), job=job, since=since)


def _write_holder(descriptor: int, holder: Holder) -> None:
    data = msgspec.json.encode(holder)
    # The note is for messages only: a full disk must not keep anybody from a lock.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, data, 0)


def _read_holder(descriptor: int) -> Holder:
    try:
        found = msgspec.json.decode(os.pread(descriptor, _LIMIT_BYTES, 0), type=Holder)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # Nothing was written yet, or it is being written, or it was never one of ours.
        return Holder()
    return Holder(
        pid=found.pid,
        host=clean(found.host, limit=100),
        job=clean(found.job, limit=100),
        since=clean(found.since, limit=40),
    )
