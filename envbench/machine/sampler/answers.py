"""What the driver's error numbers mean for a reading, for a GPU and for the reader.

Source: `nvmlReturn_t` in NVML's API reference.
"""

from envbench.machine.nvml_errors import (
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    NO_PERMISSION,
    NOT_SUPPORTED,
    RESET_REQUIRED,
)
from envbench.model.gpu import Unread

GPU_IS_GONE = frozenset({GPU_IS_LOST, RESET_REQUIRED})
"""Nothing more can be learned from this GPU."""
TOO_OLD = frozenset({FUNCTION_NOT_FOUND, 25, 26})
"""The driver does not have the function, or not this version of its argument."""

_REASONS = {
    NOT_SUPPORTED: Unread.NOT_SUPPORTED,
    NO_PERMISSION: Unread.NO_PERMISSION,
    **dict.fromkeys(TOO_OLD, Unread.NOT_IN_DRIVER),
}
LASTING = frozenset({Unread.NOT_SUPPORTED, Unread.NO_PERMISSION, Unread.NOT_IN_DRIVER})
"""These do not change while the driver is loaded: nobody asks again."""

_WORDS = {
    1: "the driver was unloaded",
    2: "the driver calls the question invalid",
    3: "this card does not support it",
    4: "no permission",
    6: "not found",
    7: "the answer did not fit",
    8: "not enough power: a power cable may be missing",
    10: "the driver answered too late",
    11: "the kernel has trouble with the card's interrupts",
    13: "this driver does not have the function",
    14: "the card's information ROM is damaged",
    15: "the GPU has fallen off the bus",
    16: "the GPU needs a reset",
    17: "the operating system refused the call",
    18: "driver library and kernel module do not fit together",
    19: "the GPU is in use",
    20: "not enough memory",
    21: "no data",
    22: "a virtual GPU does not support it",
    23: "a resource ran out",
    27: "not ready",
    28: "no such GPU",
    29: "the GPU is in a state that does not allow it",
    999: "an unknown error inside the driver",
}

_REMEDIES = {
    4: "ask for access to its device file, or for it to be given to this container",
    8: "look at the card's power cables",
    11: "look for NVRM lines in dmesg",
    14: "look at `nvidia-smi -q` for the card's health; it may have to be replaced",
    15: "look for Xid lines in dmesg; reboot, and if it comes again have the card looked at",
    16: "end its processes, then `nvidia-smi --gpu-reset -i INDEX` as root, or reboot",
    999: "look for Xid lines in dmesg; in a container, restart it",
}


def explain_reason(code: int) -> Unread:
    """Say why there is no value."""
    return _REASONS.get(code, Unread.DRIVER_ERROR)


def explain_code(code: int) -> str:
    """Say in words what the driver answered."""
    return _WORDS.get(code, f"error {code}")


def advise(code: int, gpu: int) -> str:
    """Say what to do when a whole GPU answers so."""
    advice = _REMEDIES.get(code, "it is asked again from time to time; look for Xid lines in dmesg")
    return advice.replace("INDEX", str(gpu))
