"""What a supervisor does: takes the job's lock, starts or adopts the worker, stays, judges.

It is the only one that writes the result. When it dies, the worker goes on, and the next
supervisor takes over from the files. Loaded by `supervisor`; standard library only.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import sys

from envbench.jobs import layout
from envbench.jobs.ending import Ending, reap_strangers
from envbench.jobs.event_file import EventFile
from envbench.jobs.folder import Folder
from envbench.jobs.log_cap import trim_log
from envbench.jobs.processes import (
    Identity,
    count_oom_kills,
    identify,
    is_from_here,
    libc,
    open_pidfd,
    read_life,
)
from envbench.jobs.starting import Request, start_worker
from envbench.jobs.verdict import End, decide, write_verdict
from envbench.model.errors import PreventedError
from envbench.model.job_states import JobState, Life, judge

TICK_MS = 500
ENDING_TICK_MS = 50
_SET_CHILD_SUBREAPER = 36
_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGTTOU)


def supervise(directory: str) -> None:
    """Stay with a job until it has a result; return at once when there is nothing to do."""
    os.umask(0o077)
    with contextlib.suppress(FileNotFoundError, PreventedError), Folder(directory) as folder:
        folder.check(layout.OWN_FILES)
        lock = take_lock(folder)
        if lock is None or folder.has(layout.RESULT):
            return
        job = _read_json(folder, layout.JOB)
        if job is None or not is_from_here(_part(job, "creator")):
            return
        try:
            Supervisor(folder, lock, job).run()
        except Exception:
            # The outer edge of a process whose standard error leads nowhere.
            _write_fault(folder)
            raise


def take_lock(folder: Folder) -> int | None:
    """Lock the job for as long as this process lives; None when another supervisor has it."""
    lock = folder.open(layout.LOCK, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


class Supervisor:
    """One life of a supervisor, in possession of the lock."""

    def __init__(self, folder: Folder, lock: int, job: dict[str, object]) -> None:
        """Take the job over."""
        self._folder = folder
        self._lock = lock
        self._id = str(job["id"])
        self._request: Request = _part(job, "request")
        self._end = End()
        self._worker: Identity | None = None
        self._pidfd: int | None = None
        self._is_parent = False
        self._oom_before = 0
        self._log: int | None = None
        marker = f"{layout.MARKER_VARIABLE}={self._id}".encode()
        self._ending = Ending(marker, float(str(self._request.get("grace_s", 5.0))))
        self._wakeup = _catch_signals()
        self._events = self._sign_on()

    def run(self) -> None:
        """Bring the job to its result from wherever it is."""
        while True:
            self._worker = _read_json(self._folder, layout.WORKER)
            state = judge(
                supervisor=Life.DEAD,
                worker=read_life(self._worker),
                started=self._folder.has(layout.STARTED),
            )
            if state is JobState.FOREIGN:
                return
            if state is JobState.UNSTARTED and not self._start():
                break
            if state is not JobState.DEAD:
                self._watch()
            # A child that lost its parent before it was told to go ends without having begun.
            if self._is_parent or self._folder.has(layout.STARTED):
                break
        self._conclude()

    def _sign_on(self) -> EventFile | None:
        """Say who supervises now; a full disk must not keep a job from its supervisor."""
        life = 1 + sum(name.startswith(layout.SUPERVISOR_EVENTS) for name in self._folder.names())
        record = {**(identify(os.getpid()) or {}), "life": life}
        with contextlib.suppress(OSError):
            self._folder.replace(layout.SUPERVISOR, json.dumps(record).encode())
        try:
            name = layout.name_supervisor_events(life)
            return EventFile(self._folder, name, encode_dropped=_encode_dropped)
        except OSError:
            return None

    def _start(self) -> bool:
        if self._folder.has(layout.CANCEL):
            self._end.never_ran_why = "it was cancelled before"
            return False
        self._oom_before = count_oom_kills()
        self._is_parent = True
        try:
            self._worker = start_worker(self._folder, self._request, self._id, self._lock)
        except OSError as fault:
            self._end.never_ran_why = fault.strerror or "unknown"
            return False
        self._tell("worker_started", pid=self._worker["pid"])
        return True

    def _watch(self) -> None:
        """Stay until the worker has ended."""
        poller = select.poll()
        poller.register(self._wakeup, select.POLLIN)
        self._pidfd = open_pidfd(self._worker or {})
        if self._pidfd is not None:
            poller.register(self._pidfd, select.POLLIN)
        cancelling = False
        while not self._has_ended():
            poller.poll(ENDING_TICK_MS if cancelling else TICK_MS)
            with contextlib.suppress(BlockingIOError):
                os.read(self._wakeup, 512)
            cancelling = cancelling or self._folder.has(layout.CANCEL)
            if cancelling and not self._has_ended():
                self._ending.step(self._worker)
            self._trim()

    def _has_ended(self) -> bool:
        for pid, status in reap_strangers():
            if self._worker is not None and pid == self._worker["pid"] and self._is_parent:
                self._end.returned = os.waitstatus_to_exitcode(status)
        if self._is_parent:
            return self._end.returned is not None
        return read_life(self._worker) is not Life.ALIVE

    def _trim(self) -> None:
        """Keep the log within its limit."""
        limit = int(str(self._request.get("log_limit_bytes", 0)))
        if limit <= 0:
            return
        with contextlib.suppress(OSError):
            if self._log is None:
                self._log = self._folder.open(layout.LOG, os.O_RDWR | os.O_APPEND)
            cut = trim_log(self._log, limit)
            if cut:
                self._tell("log_trimmed", cut_bytes=cut)

    def _conclude(self) -> None:
        """End what is left of the job, judge it and publish the result."""
        end = self._end
        end.leftover = self._ending.finish(self._worker)
        self._trim()
        if self._log is not None:
            with contextlib.suppress(OSError):
                os.fsync(self._log)
        end.own = _read_json(self._folder, layout.WORKER_RESULT)
        end.cancel = self._folder.has(layout.CANCEL)
        end.oom = self._is_parent and count_oom_kills() > self._oom_before
        moment = (self._worker or {}).get("started_at")
        if isinstance(moment, float) and self._folder.has(layout.STARTED):
            end.started_at = moment
        state = decide(end)
        self._tell("end", state=state)
        if self._events is not None:
            with contextlib.suppress(OSError):
                self._events.sync()
        self._publish(write_verdict(end, state))

    def _publish(self, verdict: bytes) -> None:
        try:
            self._folder.fill_reserve(layout.RESERVE, layout.RESULT, verdict)
        except (FileNotFoundError, ValueError):
            self._folder.write_first(layout.RESULT, verdict)

    def _tell(self, kind: str, **fields: object) -> None:
        if self._events is None:
            return
        with contextlib.suppress(OSError):
            self._events.write(lambda s, t: _encode(s, t, kind, fields))


def _catch_signals() -> int:
    """Have signals wake the poll loop; return the descriptor that becomes readable then."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    wake_end, signal_end = os.pipe()
    os.set_blocking(wake_end, False)
    os.set_blocking(signal_end, False)
    signal.set_wakeup_fd(signal_end, warn_on_full_buffer=False)
    # A request to end means: look whether a cancel was asked for. Without one, as at a shutdown
    # of the box, the supervisor stays with its worker to the last.
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    libc.prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), 0, 0, 0)
    return wake_end


def _read_json(folder: Folder, name: str) -> dict[str, object] | None:
    data = folder.read(name)
    if data is None:
        return None
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _part(record: dict[str, object], name: str) -> dict[str, object]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _encode(sequence: int, moment: float, kind: str, fields: dict[str, object]) -> bytes:
    line = {"k": kind, "s": sequence, "t": moment, **fields}
    return json.dumps(line, separators=(",", ":")).encode()


def _encode_dropped(sequence: int, moment: float, count: int) -> bytes:
    return _encode(sequence, moment, "events_dropped", {"count": count})


def _write_fault(folder: Folder) -> None:
    import traceback

    text = "".join(traceback.format_exception(*sys.exc_info()))
    with contextlib.suppress(OSError):
        descriptor = folder.open(layout.FAULT, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, text.encode(errors="replace"))
        os.close(descriptor)
