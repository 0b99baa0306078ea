"""What the client says to the sampler: one JSON line each, on its standard input."""

import re

import msgspec

DRIVER = -1
"""Stands for the driver as a whole where a GPU's index is expected."""
BOX = -2
"""Stands for what is read without a driver."""

EXIT_STALE = 3
"""Status of a sampler that can do no more: the driver may be there again for a new process."""
PROCESS_CALLS = {
    "compute": "nvmlDeviceGetComputeRunningProcesses",
    "graphics": "nvmlDeviceGetGraphicsRunningProcesses",
    "mps": "nvmlDeviceGetMPSComputeRunningProcesses",
}
"""The lists of processes, by kind; each has versions."""
UTILIZATION_CALL = "nvmlDeviceGetProcessUtilization"
OPTIONAL_CALLS = frozenset({*PROCESS_CALLS.values(), UTILIZATION_CALL})
"""A GPU can be read without these."""
OPEN_CALL = "nvmlDeviceGetHandleByIndex_v2"
"""Wakes the GPU where no daemon keeps it awake, which takes seconds."""

Part = tuple[int, str]
"""What can be left out: a GPU and no call, the driver and no call, or one call about one of them
(by the name that is in the breadcrumb, without the version at its end)."""


class Orders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Orders; what is None stays as it was."""

    period_s: float | None = None
    """Wanted time between two samples."""
    breadcrumb_fd: int | None = None
    """Inherited descriptor of the memory in which breadcrumbs are left; only in the first line."""
    disks: tuple[str, ...] = ()
    """Paths whose disks are told; only in the first line."""
    skip: tuple[Part, ...] | None = None
    """All that must not be asked for now."""
    only: tuple[int, ...] | None = None
    """The only GPUs that may be asked for; only in the first line."""
    retry_s: float | None = None
    """How long to wait before a driver that is not there is looked for again; doubles each time."""


def name_call(symbol: str) -> str:
    """Leave the version out of a function's name."""
    return re.sub(r"_v[0-9]+$", "", symbol)


def encode_orders(orders: Orders) -> bytes:
    """Write orders as a line."""
    return msgspec.json.encode(orders) + b"\n"


def decode_orders(line: bytes) -> Orders:
    """Read a line.

    Raises:
        msgspec.DecodeError: It holds no orders.
    """
    return msgspec.json.decode(line, type=Orders)
