"""What the tags of a wheel say about the C library it needs."""

import re
from collections.abc import Iterable

from packaging.tags import Tag

_MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_")
_OLD_NAMES = {"manylinux1_": (2, 5), "manylinux2010_": (2, 12), "manylinux2014_": (2, 17)}


def find_glibc_floor(tags: Iterable[Tag]) -> tuple[int, int]:
    """Find the oldest glibc that a wheel works with.

    Several platform tags of one wheel each promise that it works there, so the lowest counts.

    Returns:
        (major, minor); (0, 0) for wheels that promise nothing about glibc.

    Source:
        https://peps.python.org/pep-0600/
    """
    floors = [floor for tag in tags if (floor := _read_floor(tag.platform)) > (0, 0)]
    return min(floors, default=(0, 0))


def _read_floor(platform: str) -> tuple[int, int]:
    match = _MANYLINUX.match(platform)
    if match:
        return int(match[1]), int(match[2])
    return next((floor for name, floor in _OLD_NAMES.items() if platform.startswith(name)), (0, 0))
