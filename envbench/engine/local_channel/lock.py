"""One run at a time in a channel folder."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

LOCK_NAME = ".envbench-channel.lock"


@contextlib.contextmanager
def hold_channel(channel: Path, tell_waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a channel folder for this process; wait while another one holds it.

    The lock goes with the process, however that ends. Its file stays: removing it would let two
    processes lock two different files.

    Args:
        channel: The folder.
        tell_waiting: Called once before waiting.

    Raises:
        OSError: The lock's file cannot be made, or it is a link.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(channel / LOCK_NAME, flags, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell_waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
