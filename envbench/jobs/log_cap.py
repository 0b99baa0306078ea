"""Keeps a log that is being written to within its limit, without the writer's help.

The middle is cut out as a hole of the file: offsets stay valid, the writer notices nothing, and
both the beginning and the end stay readable. The supervisor reads this file.

Source: fallocate(2).
"""

import ctypes
import errno
import os
from collections.abc import Callable

from envbench.jobs.processes import libc

MIB = 1024 * 1024
HEAD_BYTES = 1 * MIB
TAIL_BYTES = 4 * MIB
_BLOCK = 4096
_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_UNSUPPORTED = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM, errno.EINVAL})

Punch = Callable[[int, int, int], None]
"""Makes a hole in a file: descriptor, offset, length."""


def punch_hole(descriptor: int, offset: int, length: int) -> None:
    """Give the blocks of a part of a file back; reading there gives zeros.

    Raises:
        OSError: The file system cannot do this (EOPNOTSUPP), or another fault.
    """
    arguments = (ctypes.c_int(_KEEP_SIZE | _PUNCH_HOLE), ctypes.c_int64(offset))
    if libc.fallocate(descriptor, *arguments, ctypes.c_int64(length)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def trim_log(descriptor: int, limit_bytes: int, punch: Punch = punch_hole) -> int:
    """Cut the middle out of a log that takes more of the disk than it may.

    Args:
        descriptor: The log, open for reading and writing, in append mode.
        limit_bytes: What it may take.
        punch: How holes are made.

    Returns:
        All bytes that are missing in the middle by now, or 0 when nothing had to be done.
    """
    status = os.fstat(descriptor)
    if status.st_blocks * 512 <= limit_bytes:
        return 0
    head = min(HEAD_BYTES, limit_bytes // 4) // _BLOCK * _BLOCK
    tail = min(TAIL_BYTES, limit_bytes // 2)
    end = (status.st_size - tail) // _BLOCK * _BLOCK
    if end <= head:
        return 0
    try:
        punch(descriptor, head, end - head)
    except OSError as fault:
        if fault.errno not in _UNSUPPORTED:
            raise
        return _start_over(descriptor, head, status.st_size)
    return end - head


def _start_over(descriptor: int, head: int, size: int) -> int:
    """Keep the beginning only; what the writer appends from now on follows it."""
    os.ftruncate(descriptor, head)
    os.write(descriptor, f"\n[log truncated: {size - head} bytes cut]\n".encode())
    return size - head
