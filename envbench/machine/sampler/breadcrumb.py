"""What the sampler is doing right now, in 64 bytes of memory that it shares with its client.

A call that hangs or crashes can tell nothing; what was written before it still can.

Source: memfd_create(2); CLOCK_MONOTONIC of clock_gettime(2) is the same for all processes.
"""

import mmap
import os
import struct
import tempfile
import time
from dataclasses import dataclass

SIZE_BYTES = 64
_LAYOUT = struct.Struct("=Iid48s")
_NAME_AT = 16


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """One call that has begun."""

    number: int
    """Counts the calls, so that two alike can be told apart."""
    gpu: int
    """Index of the GPU, or `orders.DRIVER`, or `orders.BOX`."""
    began_s: float
    """CLOCK_MONOTONIC."""
    call: str


def make_breadcrumb_file() -> int:
    """Make the memory; return its descriptor, which belongs to the caller.

    Raises:
        OSError: There is no room, or no descriptor is left.
    """
    # Pythons that were built against an old C library, conda's among them, lack the call.
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("envbench-breadcrumb", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile(prefix="envbench-breadcrumb-") as stream:
            descriptor = os.dup(stream.fileno())
    os.ftruncate(descriptor, SIZE_BYTES)
    return descriptor


class BreadcrumbWriter:
    """Leaves breadcrumbs."""

    def __init__(self, descriptor: int | None) -> None:
        """Write into shared memory, or where nobody looks when there is none."""
        self._memory = mmap.mmap(-1 if descriptor is None else descriptor, SIZE_BYTES)
        self._number = 0

    def enter(self, gpu: int, call: str) -> None:
        """Say which call begins now."""
        self._number = (self._number + 1) & 0xFFFFFFFF
        _LAYOUT.pack_into(self._memory, 0, self._number, gpu, time.monotonic(), call.encode())

    def leave(self) -> None:
        """Say that it has come back."""
        self._memory[_NAME_AT] = 0


class BreadcrumbReader:
    """Looks at them from the other side."""

    def __init__(self, descriptor: int) -> None:
        """Share the memory."""
        self._memory = mmap.mmap(descriptor, SIZE_BYTES, prot=mmap.PROT_READ)

    def read(self) -> Breadcrumb | None:
        """Return the call that has begun and not come back; None when there is none.

        What is read in the very moment of writing may be mixed: trust only what is read twice, or
        what was left by a process that is gone.
        """
        number, gpu, began_s, name = _LAYOUT.unpack_from(self._memory, 0)
        call = name.split(b"\0", 1)[0].decode("ascii", "replace")
        return Breadcrumb(number, gpu, began_s, call) if call else None

    def close(self) -> None:
        """Let the memory go."""
        self._memory.close()
