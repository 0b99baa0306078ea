"""Which GPUs a build has code for.

A kernel for `sm_80` runs on every GPU of the same major capability that is not older (8.0, 8.6,
8.9); PTX (`compute_90`, or `+PTX`) is compiled at run time for newer GPUs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from envbench.model.compatibility.sources import (
    COMFY_16438,
    PYTORCH_ARCHITECTURES,
    TORCH_RUN,
    FactSource,
)

_CODE = re.compile(r"(?P<kind>sm|compute)_(?P<number>\d{2,3})(?P<special>[af]?)")


@dataclass(frozen=True, slots=True)
class ArchitectureRow:
    """The architectures that builds of a framework for some CUDA version have code for."""

    framework: str
    cuda: str
    """`12.8`, `13` for every 13.x, empty for any other."""
    codes: tuple[str, ...]
    """`sm_80` for machine code, `compute_80` for PTX."""
    source: FactSource
    is_measured: bool = False
    """Read from the framework itself; other rows are of its build scripts."""


_OLDER = ("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
_NEWER = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")

ARCHITECTURES = (
    ArchitectureRow("torch", "13.0", _NEWER, TORCH_RUN, is_measured=True),
    ArchitectureRow("torch", "13", (*_NEWER, "compute_120"), PYTORCH_ARCHITECTURES),
    ArchitectureRow(
        "torch",
        "12.8",
        ("sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"),
        PYTORCH_ARCHITECTURES,
    ),
    ArchitectureRow("torch", "", _OLDER, PYTORCH_ARCHITECTURES),
)
"""The first row that fits counts."""

CONSEQUENCES = {"13": ("no kernels for cards before Turing (V100, P40, GTX 10)", COMFY_16438)}
"""Major version of CUDA to what it means for whoever has old cards."""


def find_architectures(framework: str, cuda: str) -> ArchitectureRow | None:
    """Find the row for a build of a framework; None when the table knows nothing of it."""
    rows = [row for row in ARCHITECTURES if row.framework == framework]
    exact = next((row for row in rows if row.cuda and row.cuda == cuda), None)
    major = next((row for row in rows if row.cuda and row.cuda == cuda.partition(".")[0]), None)
    return exact or major or next((row for row in rows if not row.cuda), None)


def has_code_for(codes: Sequence[str], capability: str) -> bool | None:
    """Tell whether a build has code that a GPU can run.

    Args:
        codes: `sm_80`, `compute_90`, ...
        capability: Of the GPU, `8.6`.

    Returns:
        None when the capability or all codes cannot be read.
    """
    own = re.fullmatch(r"(\d{1,3})\.(\d)", capability)
    read = [match for code in codes if (match := _CODE.fullmatch(code.strip()))]
    if own is None or not read:
        return None
    major, minor = int(own[1]), int(own[2])
    return any(_runs(match, major, minor) for match in read)


def _runs(code: re.Match[str], major: int, minor: int) -> bool:
    its_major, its_minor = divmod(int(code["number"]), 10)
    if code["special"] == "a":
        # Code for one architecture with all its special features runs nowhere else.
        return (its_major, its_minor) == (major, minor)
    if code["kind"] == "compute":
        return (its_major, its_minor) <= (major, minor)
    return its_major == major and its_minor <= minor
