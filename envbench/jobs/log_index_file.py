"""A log file that is looked at again and again: what has become of it since the last look.

The file stays open between looks, so that what was written can be read even after its directory is
gone.
"""

import errno
import os

from envbench.jobs import layout
from envbench.jobs.folder import Folder, check_file
from envbench.model.errors import PreventedError

CUT = "the middle of the log was cut out: its lines are counted anew"
REPLACED = "the log was replaced by another file"
TRUNCATED = "the log was started over"
GONE = "the log file is gone; this is what was read"

_MARK_BYTES = 64
_LOOK_FOR_HOLES_EVERY = 1024 * 1024
_MEANINGS = {
    errno.EACCES: "permission denied",
    errno.ELOOP: "it is a link",
    errno.ESTALE: "the network file system has lost it",
    errno.EIO: "the disk reports an error",
}


class IndexedFile:
    """The log of one job, held open."""

    def __init__(self, directory: str) -> None:
        """Name it; it is opened at the first look.

        Args:
            directory: The job's directory.
        """
        self._directory = directory
        self._path = f"{directory}/{layout.LOG}"
        self._descriptor = -1
        self._identity = (0, 0)
        self._blocks = 0
        self._looked_at = 0
        self._hole: tuple[int, int] | None = None
        self._mark = b""
        self.size = 0
        self.is_gone = False
        """No file has this name any more."""
        self.fault = ""
        """Why it cannot be read, in plain words; empty when it can."""

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def look(self, position: int) -> str:
        """Find out its size, and whether what was read of it is still what stands there.

        Args:
            position: How far it was read.

        Returns:
            Why it has to be read anew from its beginning; empty when it has not.
        """
        try:
            reason = self._look(position)
        except (OSError, PreventedError) as fault:
            self._note_fault(fault)
            return ""
        self.fault = ""
        if reason:
            self._mark = b""
            self._hole = self._find_hole()
        return reason

    def read(self, offset: int, count: int) -> bytes:
        """Read a part of the file; less when there is less, nothing when it cannot be read."""
        try:
            return os.pread(self._descriptor, count, offset) if self._descriptor >= 0 else b""
        except OSError as fault:
            self._note_fault(fault)
            return b""

    def read_next(self, offset: int, count: int) -> tuple[int, bytes]:
        """Read on from an offset: the length of the hole there, and the bytes behind it."""
        start = self._find_data(offset)
        data = self.read(start, min(count, self.size - start)) if start < self.size else b""
        before = self._mark if start == offset and len(data) < _MARK_BYTES else b""
        self._mark = (before + data[-_MARK_BYTES:])[-_MARK_BYTES:]
        return start - offset, data

    def _look(self, position: int) -> str:
        reason = "" if self._descriptor < 0 else self._ask_name()
        if self._descriptor < 0:
            self._open()
            if self._descriptor < 0:
                return ""
        status = os.fstat(self._descriptor)
        self.size = status.st_size
        fewer, self._blocks = status.st_blocks < self._blocks, status.st_blocks
        if reason:
            return reason
        if status.st_size < position or not self._is_unchanged(position):
            return TRUNCATED
        if fewer or status.st_size - self._looked_at >= _LOOK_FOR_HOLES_EVERY:
            self._looked_at = status.st_size
            if self._is_cut_before(position):
                return CUT
        return ""

    def _open(self) -> None:
        try:
            with Folder(self._directory) as folder:
                self._descriptor = folder.open(layout.LOG, os.O_RDONLY)
        except FileNotFoundError:
            return
        status = os.fstat(self._descriptor)
        try:
            check_file(self._path, status)
        except PreventedError:
            self.close()
            raise
        self._identity = (status.st_dev, status.st_ino)
        self.size = status.st_size
        self._blocks = status.st_blocks
        self._looked_at = 0
        self._hole = self._find_hole()
        self.is_gone = False

    def _ask_name(self) -> str:
        """See whether the name still leads to the open file; close it if it leads to another."""
        try:
            status = os.stat(self._path, follow_symlinks=False)  # noqa: PTH116 - each poll asks
        except (FileNotFoundError, NotADirectoryError):
            self.is_gone = True
            return ""
        self.is_gone = False
        if (status.st_dev, status.st_ino) == self._identity:
            return ""
        self.close()
        return REPLACED

    def _is_unchanged(self, position: int) -> bool:
        """Compare the last bytes that were read, where more has come behind them."""
        count = len(self._mark)
        if not count or self.size <= position:
            return True
        return os.pread(self._descriptor, count, position - count) == self._mark

    def _is_cut_before(self, position: int) -> bool:
        """Tell whether a hole has come to be, or has grown, in what was read."""
        before, self._hole = self._hole, self._find_hole()
        return self._hole not in (before, None) and self._hole[0] < position

    def _find_hole(self) -> tuple[int, int] | None:
        """Give the ends of the first hole of the file; None when it has none, or cannot say."""
        try:
            start = os.lseek(self._descriptor, 0, os.SEEK_HOLE)
            if start >= self.size:
                return None
            return start, os.lseek(self._descriptor, start, os.SEEK_DATA)
        except OSError:
            return None

    def _find_data(self, offset: int) -> int:
        """Find where data begin, at or behind an offset; the end of the file if nowhere."""
        if offset >= self.size or self._descriptor < 0:
            return offset
        try:
            return min(self.size, os.lseek(self._descriptor, offset, os.SEEK_DATA))
        except OSError as fault:
            return self.size if fault.errno == errno.ENXIO else offset

    def _note_fault(self, fault: OSError | PreventedError) -> None:
        self.close()
        if isinstance(fault, PreventedError):
            self.fault = ": ".join(part for part in (fault.what, fault.why) if part)
            return
        number = fault.errno or 0
        self.fault = f"the log cannot be read: {_MEANINGS.get(number, os.strerror(number))}"
