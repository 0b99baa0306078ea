"""What a solver process does to itself first: limits, and an end that comes with its parent's."""

import contextlib
import ctypes
import os
import resource
import signal
from types import FrameType

_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""


def set_limits(*, file_bytes: int, memory_bytes: int) -> None:
    """Bound the files and the memory of this process, whatever a server sends.

    A write beyond the limit then fails with "File too large", since Python ignores SIGXFSZ.
    """
    os.umask(0o077)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    _lower(resource.RLIMIT_DATA, memory_bytes)


def end_with_parent(parent: int) -> None:
    """Arrange that this process ends when its parent does.

    The kernel sends the signal when the *thread* that started us ends, too, so the handler looks
    whether the parent is really gone. That standard input ends is the second line of defence.
    """

    def leave_orphaned(_signal: int, _frame: FrameType | None) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGUSR1, leave_orphaned)
    with contextlib.suppress(OSError, AttributeError):  # another system than Linux
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1)
    if os.getppid() != parent:
        os._exit(0)


def _lower(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
