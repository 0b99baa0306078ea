"""The file of a trace: grows line by line, and never beyond a limit."""

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
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class TraceFile:
    """Takes the moments of a run; when it gets too long, every second one of them goes."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Write nothing yet.

        Args:
            path: A file that is there is replaced; see `refuse_other_file`.
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
            OSError: The system refused.
        """
        self._descriptor = os.open(self.path, _FLAGS, 0o600)
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
        head, *points = self.path.read_bytes().splitlines(keepends=True)
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
    if not path.parent.is_dir():
        raise UsageError("there is no such directory", where=str(path.parent))
    if not os.path.lexists(path):
        return
    why = "it is no trace of GPUs, and is left alone"
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
        if not head or TRACE_SCHEMA.encode() in head:
            return
    raise UsageError("the trace is not written there", where=str(path), why=why)
