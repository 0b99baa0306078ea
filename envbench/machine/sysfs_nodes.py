"""Nodes of one GPU in sysfs: read one by one, each with a reason where it tells nothing.

A node may be there and refuse: drivers give one to every card of a family.

Source: sysfs(5); aristocratos/btop#1794 (nodes that answer ENOTSUP).
"""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from envbench.machine.kernel_numbers import parse_count
from envbench.model.gpu import Unread

_LIMIT_BYTES = 64 * 1024
_NOT_SUPPORTED = frozenset(
    {errno.ENOENT, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENODATA, errno.ENOSYS}
)
_NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM})
_LOST = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT, errno.ETIME})
_Value = TypeVar("_Value")


def classify_error(number: int) -> Unread:
    """Say why a node tells nothing by the kernel's error number."""
    if number in _NOT_SUPPORTED:
        return Unread.NOT_SUPPORTED
    return Unread.NO_PERMISSION if number in _NO_PERMISSION else Unread.DRIVER_ERROR


class Nodes:
    """Collects the values of a reading's fields from the nodes of a card."""

    def __init__(self) -> None:
        """Begin with no value."""
        self.values: dict[str, Any] = {}
        self.unread: dict[str, Unread] = {}
        self.codes: dict[str, int] = {}
        """Field to the kernel's error number, where the reason is `driver_error`."""

    def take(self, field: str, parse: Callable[[str], _Value], *paths: Path) -> _Value | None:
        """Read a field from the first of several nodes that tells it.

        Args:
            field: Name of the field of `GpuReading`.
            parse: Turns the text of a node into the value; a ValueError or an IndexError of it
                means that the node makes no sense.
            paths: Where it may stand, the best place first.
        """
        fault: int | None = None
        for path in paths:
            try:
                value = parse(read_node(path))
            except OSError as error:
                # The first refusal says most: what is merely not there comes last.
                if error.errno != errno.ENOENT and fault is None:
                    fault = error.errno
            except (ValueError, IndexError):
                fault = fault or errno.EBADMSG
            else:
                self.values[field] = value
                return value
        self._refuse(field, fault or errno.ENOENT)
        return None

    def take_int(
        self, field: str, *paths: Path, unit: float = 1, can_be_negative: bool = False
    ) -> int | None:
        """Read a whole number, counted in `unit`."""

        def parse(text: str) -> int:
            return round(parse_int(text, can_be_negative=can_be_negative) * unit)

        return self.take(field, parse, *paths)

    def is_lost(self, *fields: str) -> bool:
        """Tell whether the device itself fails behind each of some fields."""
        return all(self.codes.get(field) in _LOST for field in fields)

    def _refuse(self, field: str, number: int) -> None:
        self.values[field] = None
        self.unread[field] = classify_error(number)
        if self.unread[field] is Unread.DRIVER_ERROR:
            self.codes[field] = number


def read_node(path: Path) -> str:
    """Read a node.

    Raises:
        OSError: It is not there, or refuses.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return os.read(descriptor, _LIMIT_BYTES).decode(errors="replace").strip()
    finally:
        os.close(descriptor)


def parse_int(text: str, *, can_be_negative: bool = False) -> int:
    """Read a whole number as the kernel writes it.

    Raises:
        ValueError: It is none.
    """
    is_negative = can_be_negative and text.startswith("-")
    number = parse_count(text[1:] if is_negative else text)
    if number is None:
        raise ValueError(text[:40])
    return -number if is_negative else number


def read_or_none(path: Path) -> str | None:
    """Read a node; None where that fails."""
    try:
        return read_node(path)
    except OSError:
        return None


def list_names(folder: Path) -> list[str]:
    """List what lies in a directory; nothing where that fails."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        return []


def find_sensors(device: Path) -> Path:
    """Find the directory of a card's sensors; one that is not there, where it has none."""
    folders = [device / "hwmon" / name for name in list_names(device / "hwmon")]
    return next(iter(folders), device / "hwmon" / "none")


def is_asleep(device: Path) -> bool:
    """Tell whether a device is powered down; to ask that does not wake it."""
    try:
        # Asked of each GPU at each tick: a joined path costs more than the read.
        status = os.open(f"{device}/power/runtime_status", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.read(status, 64).strip() in {b"suspended", b"suspending"}
    except OSError:
        return False
    finally:
        os.close(status)


def iterate_states(text: str) -> Iterator[tuple[int, bool]]:
    """Take the lines of `pp_dpm_sclk` apart: `1: 2100Mhz *` is (2100, current)."""
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].lower().endswith("mhz"):
            yield parse_int(words[0][:-3]), "*" in words[1:]


def parse_current_mhz(text: str) -> int:
    """Find the clock that is set now among the states of a clock."""
    return next(mhz for mhz, is_current in _require(iterate_states(text)) if is_current)


def parse_highest_mhz(text: str) -> int:
    """Find the highest clock among the states of a clock."""
    return max(mhz for mhz, _ in iterate_states(text))


def _require(states: Iterator[tuple[int, bool]]) -> list[tuple[int, bool]]:
    found = list(states)
    if not any(is_current for _, is_current in found):
        raise ValueError("no state is marked")
    return found


_GENERATIONS = {"2.5": 1, "5": 2, "5.0": 2, "8": 3, "8.0": 3, "16.0": 4, "32.0": 5, "64.0": 6}


def parse_generation(text: str) -> int:
    """Turn `16.0 GT/s PCIe` into the generation, 4."""
    speed = text.split()[0]
    if speed not in _GENERATIONS:
        raise ValueError(speed)
    return _GENERATIONS[speed]


def parse_width(text: str) -> int:
    """Read the width of a link; 0 and 255 stand for none."""
    width = parse_int(text)
    if width in {0, 255}:
        raise ValueError(text)
    return width
