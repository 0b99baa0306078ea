"""The file of a trace: grows line by line, and never beyond a limit."""

import errno
import os
import secrets
import stat
from pathlib import Path

from envbench.jobs.folder import write_fully
from envbench.model.errors import UsageError
from envbench.model.gpu_trace import TRACE_SCHEMA
from envbench.model.gpu_trace_lines import TraceHead, TracePoint, encode_line

MOST_BYTES = 8 * 1024 * 1024
_HEAD_BYTES = 200
_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FLAGS = os.O_RDWR | os.O_CREAT | _SAFELY


class TraceFile:
    """Takes the moments of a run; when it gets too long, every second one of them goes."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Write nothing yet.

        Args:
            path: An older trace that is there is replaced, anything else is left alone.
            most_bytes: From this size on the file is thinned out.
        """
        self.path = path
        self.was_begun = False
        """Whether there is a file with a first line."""
        self._most_bytes = most_bytes
        self._descriptor = -1
        self._size = 0
        self._stride = 1
        self._seen = 0

    def begin(self, head: TraceHead) -> None:
        """Write the first line.

        Raises:
            OSError: The system refused, or something else is there.
        """
        self._descriptor = os.open(self.path, _FLAGS, 0o600)
        # Others may have put something there since `refuse_other_file` looked.
        if not _is_trace(self._descriptor):
            self.close()
            raise FileExistsError(errno.EEXIST, "something else is there")
        os.ftruncate(self._descriptor, 0)
        self._write(encode_line(head))
        self.was_begun = True

    def append(self, point: TracePoint) -> None:
        """Write a moment, unless it is one of those that a long trace leaves out.

        Raises:
            OSError: The system refused; what was written before is whole.
        """
        is_kept = self._seen % self._stride == 0
        self._seen += 1
        if is_kept:
            self._write(encode_line(point))
        if self._size > self._most_bytes:
            self._thin_out()

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _write(self, line: bytes) -> None:
        try:
            write_fully(self._descriptor, line)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(line)

    def _thin_out(self) -> None:
        """Keep every second moment, the first among them, in a new file in the old one's place."""
        written = os.pread(self._descriptor, self._size, 0)
        head, *points = written.splitlines(keepends=True)
        kept = b"".join((head, *points[::2]))
        aside = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, _FLAGS | os.O_EXCL, 0o600)
        try:
            write_fully(descriptor, kept)
            aside.replace(self.path)
        except BaseException:
            os.close(descriptor)
            aside.unlink(missing_ok=True)
            raise
        os.close(self._descriptor)
        self._descriptor, self._size = descriptor, len(kept)
        self._stride *= 2


def refuse_other_file(path: Path) -> None:
    """Make sure that writing a trace to a path destroys nothing but an older trace.

    Raises:
        UsageError: Something else is there, or there is no such directory.
    """
    try:
        if not path.parent.is_dir():
            raise UsageError("there is no such directory", where=str(path.parent))
        if not os.path.lexists(path) or _holds_trace(path):
            return
    except OSError as fault:
        why = fault.strerror or str(fault)
    else:
        why = "it is no trace of GPUs, and is left alone"
    raise UsageError("the trace is not written there", where=str(path), why=why)


def _holds_trace(path: Path) -> bool:
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    descriptor = os.open(path, os.O_RDONLY | _SAFELY)
    try:
        return _is_trace(descriptor)
    finally:
        os.close(descriptor)


def _is_trace(descriptor: int) -> bool:
    """Tell whether an opened file is a trace, or empty."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    head = os.pread(descriptor, _HEAD_BYTES, 0)
    return not head or TRACE_SCHEMA.encode() in head
