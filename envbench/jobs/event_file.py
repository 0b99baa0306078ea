"""One writer's file of events: one line, one write, and no torn line ever stays in the middle.

The supervisor reads this file: standard library only. What a line says is the writer's business;
here it gets its number and its time.
"""

import errno
import os
import time
from collections.abc import Callable

from envbench.jobs.folder import Folder, check_file

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})
"""The disk, the quota or the allowed size of files is used up, or the disk does not answer."""

_CHUNK_BYTES = 1024 * 1024

Encoder = Callable[[int, float], bytes]
"""Makes a line, without its line end, from sequence number and Unix time."""


class EventFile:
    """An event file opened for appending by its only writer."""

    def __init__(self, folder: Folder, name: str, *, encode_dropped: Callable[..., bytes]) -> None:
        """Open or make the file; a torn last line, left by a crash, is cut off.

        Args:
            folder: The job's directory.
            name: The file's name in it.
            encode_dropped: Makes the line that tells of `count` lines that found no room; called
                with sequence number, time and count.
        """
        self.dropped = 0
        """Events that found no room since the last one that did."""
        self._encode_dropped = encode_dropped
        self._descriptor = folder.open(name, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            check_file(f"{folder.path}/{name}", os.fstat(self._descriptor))
            self.sequence, self._size = _count_lines(self._descriptor)
            os.ftruncate(self._descriptor, self._size)
        except BaseException:
            os.close(self._descriptor)
            raise

    def write(self, encode: Encoder) -> bool:
        """Append one event; tell whether it found room.

        A caller that got True may count on the event: nothing but a loss of power takes it away.
        """
        now = time.time()
        lines = []
        if self.dropped:
            lines.append(self._encode_dropped(self.sequence + 1, now, self.dropped))
        lines.append(encode(self.sequence + len(lines) + 1, now))
        # Both or none: alone, the short line about the lost ones would fit again and again.
        if not self._append(b"".join(line + b"\n" for line in lines)):
            self.dropped += 1
            return False
        self.sequence += len(lines)
        self.dropped = 0
        return True

    def sync(self) -> None:
        """Wait until all events have reached the disk."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._descriptor)

    def _append(self, data: bytes) -> bool:
        try:
            written = os.write(self._descriptor, data)
        except OSError as fault:
            if fault.errno not in FULL:
                raise
            written = 0
        if written != len(data):
            os.ftruncate(self._descriptor, self._size)
            return False
        self._size += written
        return True


def _count_lines(descriptor: int) -> tuple[int, int]:
    """Count the whole lines of a file, and the bytes that they take."""
    lines = end = offset = 0
    while chunk := os.pread(descriptor, _CHUNK_BYTES, offset):
        lines += chunk.count(b"\n")
        last = chunk.rfind(b"\n")
        if last >= 0:
            end = offset + last + 1
        offset += len(chunk)
    return lines, end
