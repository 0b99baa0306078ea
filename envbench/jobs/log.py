"""Reads the raw log of a job as clean lines: its end, or everything as it comes.

The log stays as it was written; it is cleaned and redacted on the way to whoever looks.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator

from envbench.jobs import layout
from envbench.jobs.folder import Folder, check_file
from envbench.jobs.job import Job
from envbench.jobs.log_lines import LineSplitter, LogLine
from envbench.jobs.log_show import show_line
from envbench.jobs.records import explain_disk
from envbench.model.job import JobState

POLL_S = 0.1
RECONCILE_S = 2.0
READ_BYTES = 1024 * 1024
_WINDOW_BYTES = 64 * 1024
_SEARCH_BYTES = 64 * 1024 * 1024


class LogReader:
    """Reads what is new in a job's log; never blocks, for loops of one's own."""

    def __init__(self, job: Job, *, offset: int = 0) -> None:
        """Begin at a place of the log.

        Args:
            job: The job.
            offset: In bytes; should be the start of a line.
        """
        self._job = job
        self._offset = offset
        self._splitter = LineSplitter()
        self.has_more = False
        """Whether the last poll left something for the next one."""

    @property
    def pending(self) -> str | None:
        """The line that has no end yet, such as a progress bar at work."""
        line = self._splitter.pending
        return None if line is None else show_line(line)

    def poll(self) -> list[str]:
        """Read the lines that have come since the last poll, at most a megabyte.

        Raises:
            PreventedError: The job's directory is gone, unsafe or unreadable.
        """
        return [show_line(line) for line in self.poll_raw()]

    def poll_raw(self) -> list[LogLine]:
        """As `poll`, but the lines are not made safe to show."""
        with _LogFile(self._job) as file:
            return self._read(file)

    def finish(self) -> list[str]:
        """Give the last line if it has no end, when nothing more will come."""
        return [show_line(line) for line in self._splitter.finish()]

    def _read(self, file: "_LogFile") -> list[LogLine]:
        if self._offset > file.size:
            # The log was started over on a disk that knows no holes.
            self._offset = file.size
        start = file.find_data(self._offset)
        lines = self._splitter.skip(start - self._offset) if start > self._offset else []
        data = file.read(start)
        self._offset = start + len(data)
        self.has_more = self._offset < file.size
        return lines + self._splitter.feed(data)


def tail(job: Job, lines: int = 100) -> tuple[str, ...]:
    """Read the last lines of a job's log, whatever its size.

    Args:
        job: The job.
        lines: How many at most; fewer when they fill more than 64 MiB.

    Raises:
        PreventedError: The job's directory is gone, unsafe or unreadable.
    """
    if lines <= 0:
        return ()
    with _LogFile(job) as file:
        found = _read_from(file, _find_start(file, lines))
    return tuple(show_line(line) for line in found[-lines:])


def follow_log(
    job: Job,
    *,
    lines: int | None = None,
    poll_s: float = POLL_S,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """Yield a job's log line by line, waiting for those to come, until the job has its result.

    While it waits it gives the job a new supervisor if it needs one.

    Args:
        job: The job.
        lines: Begin with so many of the last lines; all when None.
        poll_s: Between two looks at the file.
        should_stop: Asked at each look; ends the iteration early.

    Raises:
        PreventedError: The job's directory is gone, unsafe or unreadable.
    """
    with _LogFile(job) as file:
        offset = 0 if lines is None else _find_start(file, lines)
    reader = LogReader(job, offset=offset)
    next_look = time.monotonic()
    while True:
        result = job.result()
        yield from reader.poll()
        if reader.has_more:
            continue
        if result is not None:
            yield from reader.finish()
            return
        if should_stop is not None and should_stop():
            return
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + RECONCILE_S
            if job.reconcile() in (JobState.FOREIGN, JobState.DAMAGED):
                return
        time.sleep(poll_s)


class _LogFile:
    """The log, open for one look; an absent one is empty."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._descriptor = -1
        self.size = 0

    def __enter__(self) -> "_LogFile":
        try:
            with Folder(str(self._job.directory)) as folder:
                self._descriptor = folder.open(layout.LOG, os.O_RDONLY)
                status = os.fstat(self._descriptor)
                check_file(f"{folder.path}/{layout.LOG}", status)
                self.size = status.st_size
        except OSError as fault:
            if fault.errno != errno.ENOENT or not self._job.directory.exists():
                what = "the job's log cannot be read"
                raise explain_disk(fault, self._job.directory, what) from fault
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def find_data(self, offset: int) -> int:
        """Find where data begin, at or behind an offset; the end of the file if nowhere."""
        if offset >= self.size:
            return offset
        try:
            return os.lseek(self._descriptor, offset, os.SEEK_DATA)
        except OSError as fault:
            return self.size if fault.errno == errno.ENXIO else offset

    def read(self, offset: int) -> bytes:
        """Read from an offset that holds data up to the next hole, at most a megabyte."""
        if offset >= self.size:
            return b""
        try:
            end = os.lseek(self._descriptor, offset, os.SEEK_HOLE)
        except OSError:
            end = self.size
        return os.pread(self._descriptor, min(READ_BYTES, max(1, end - offset)), offset)


def _read_from(file: _LogFile, start: int) -> list[LogLine]:
    splitter = LineSplitter()
    lines: list[LogLine] = []
    offset = start
    while offset < file.size:
        data_start = file.find_data(offset)
        if data_start > offset:
            lines += splitter.skip(data_start - offset)
        data = file.read(data_start)
        lines += splitter.feed(data)
        offset = data_start + len(data)
    return lines + splitter.finish()


def _find_start(file: _LogFile, count: int) -> int:
    """Find the offset at which the last lines begin, searching backwards for line ends."""
    end, found = file.size, 0
    while count > 0 and end > 0 and file.size - end < _SEARCH_BYTES:
        start = max(0, end - _WINDOW_BYTES)
        chunk = _read_window(file, start, end)
        # The end of the last line begins no line.
        place = len(chunk) - (end == file.size and chunk.endswith(b"\n"))
        while (place := chunk.rfind(b"\n", 0, place)) >= 0:
            found += 1
            if found == count:
                return start + place + 1
        end = start
    return end


def _read_window(file: _LogFile, start: int, end: int) -> bytes:
    """Read a part of the log, NUL bytes for holes."""
    chunk = b""
    while start + len(chunk) < end:
        offset = start + len(chunk)
        data_start = min(end, file.find_data(offset))
        chunk += bytes(data_start - offset)
        if data_start < end:
            chunk += file.read(data_start)[: end - data_start]
    return chunk
