"""Follows the events of a job: those of the worker and of every supervisor, in order of time.

Files are polled, which is right on network file systems too and needs nothing.
"""

import os
import time
from collections.abc import Callable, Iterator

import msgspec

from envbench.jobs import layout
from envbench.jobs.folder import Folder, check_file
from envbench.jobs.job import Job
from envbench.jobs.records import explain_disk
from envbench.model.errors import PreventedError
from envbench.model.event import AnyEvent, JobEnded
from envbench.model.job import JobResult, JobState

POLL_S = 0.1
RECONCILE_S = 2.0
READ_BYTES = 1024 * 1024
"""Read at most from one file at one poll, so that a flood cannot hold up whoever polls."""

_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class EventTail:
    """Reads what is new in one event file; complete lines only."""

    def __init__(self, name: str) -> None:
        """Begin at the start of the file, which need not be there yet."""
        self.name = name
        self.skipped = 0
        """Lines that could not be understood: damaged, or written by a newer version."""
        self.has_more = False
        """Whether the last poll stopped at its limit."""
        self._offset = 0

    def poll(self, folder: Folder) -> list[AnyEvent]:
        """Read the events that have come since the last poll.

        Raises:
            PreventedError: It is no regular file of this user.
        """
        data = self._read(folder)
        end = data.rfind(b"\n") + 1
        self.has_more = len(data) == READ_BYTES
        if not end and self.has_more:
            # A line longer than any writer makes; let it go.
            end = len(data)
            self.skipped += 1
        self._offset += end
        return [event for line in data[:end].splitlines() if (event := self._decode(line))]

    def _read(self, folder: Folder) -> bytes:
        try:
            descriptor = folder.open(self.name, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            status = os.fstat(descriptor)
            check_file(f"{folder.path}/{self.name}", status)
            # A torn last line, never handed out, may have been cut off by the next writer.
            self._offset = min(self._offset, status.st_size)
            return os.pread(descriptor, READ_BYTES, self._offset)
        finally:
            os.close(descriptor)

    def _decode(self, line: bytes) -> AnyEvent | None:
        try:
            return _DECODER.decode(line)
        except msgspec.DecodeError:
            self.skipped += 1
            return None


class EventReader:
    """Reads what is new in all event files of a job; never blocks, for loops of one's own."""

    def __init__(self, job: Job) -> None:
        """Begin at the job's first event."""
        self._job = job
        self._tails = {layout.WORKER_EVENTS: EventTail(layout.WORKER_EVENTS)}

    @property
    def skipped(self) -> int:
        """How many lines could not be understood so far."""
        return sum(tail.skipped for tail in self._tails.values())

    @property
    def has_more(self) -> bool:
        """Whether the last poll left something for the next one."""
        return any(tail.has_more for tail in self._tails.values())

    def poll(self) -> list[AnyEvent]:
        """Read the events that have come since the last poll, in order of time.

        Raises:
            PreventedError: The job's directory is gone, unsafe or unreadable.
        """
        try:
            with Folder(str(self._job.directory)) as folder:
                for name in folder.names():
                    if name.startswith(layout.SUPERVISOR_EVENTS) and name not in self._tails:
                        self._tails[name] = EventTail(name)
                found = [e for tail in self._tails.values() for e in tail.poll(folder)]
        except OSError as fault:
            what = "the job's events cannot be read"
            raise explain_disk(fault, self._job.directory, what) from fault
        return sorted(found, key=lambda event: event.t)


def follow_events(
    job: Job,
    *,
    poll_s: float = POLL_S,
    reconcile_s: float = RECONCILE_S,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[AnyEvent]:
    """Yield a job's events from its first to its last, waiting for those to come.

    While it waits it gives the job a new supervisor if it needs one. The last event is one
    `JobEnded`, which says what the result says.

    Args:
        job: The job.
        poll_s: Between two looks at the files.
        reconcile_s: Between two looks at the supervisor.
        should_stop: Asked at each look; ends the iteration early.

    Raises:
        PreventedError: The job's directory is gone, unsafe or unreadable, or the job belongs to
            another machine and what is on disk has been told.
    """
    reader = EventReader(job)
    next_look = time.monotonic()
    end: JobEnded | None = None
    while True:
        # First the result, then the events: all that there will be is on disk by then.
        result = job.result()
        for event in reader.poll():
            if isinstance(event, JobEnded):
                end = event
            else:
                yield event
        if reader.has_more:
            continue
        if result is not None:
            yield _last_event(end, result)
            return
        if should_stop is not None and should_stop():
            return
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + reconcile_s
            _look_after(job)
        time.sleep(poll_s)


def _look_after(job: Job) -> None:
    state = job.reconcile()
    if state is JobState.FOREIGN:
        why = "it runs on another machine or in another container"
        raise PreventedError("the job cannot be followed from here", where=job.id, why=why)
    if state is JobState.DAMAGED:
        raise PreventedError("the job's records are damaged", where=job.id, why=job.damage)


def _last_event(end: JobEnded | None, result: JobResult) -> JobEnded:
    """A supervisor may have died after its last event, and another one spoken the verdict."""
    if end is not None and end.state == result.state:
        return end
    return JobEnded(t=time.time() if end is None else end.t, state=result.state)
