"""Which driver can run a build for which CUDA.

A driver runs everything up to the CUDA version that it serves itself. Within one major version it
also runs newer builds, with limits: that is NVIDIA's minor-version compatibility.
"""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.compatibility.sources import NVIDIA_MINOR, FactSource


@dataclass(frozen=True, slots=True)
class DriverMinimum:
    """The oldest driver branch that runs builds for a major version of CUDA."""

    cuda_major: int
    driver_branch: int
    """Major version of the Linux driver."""
    source: FactSource


DRIVER_MINIMA = (
    DriverMinimum(13, 580, NVIDIA_MINOR),
    DriverMinimum(12, 525, NVIDIA_MINOR),
    DriverMinimum(11, 450, NVIDIA_MINOR),
)


class DriverFit(StrEnum):
    """How a driver gets on with a build."""

    NATIVE = "native"
    """It serves this CUDA version, or a newer one."""
    MINOR = "minor-version compatibility"
    """The same major version, newer than it serves: no code is compiled for it at run time."""
    TOO_OLD = "too old"
    UNKNOWN = "unknown"


def judge_driver(build_cuda: str, driver_cuda: str | None, driver: str | None) -> DriverFit:
    """Tell whether a driver runs a build.

    Args:
        build_cuda: What the build was made with, `12.4`, or only its major version.
        driver_cuda: Highest CUDA version that the driver serves, `12.2`.
        driver: Version of the driver, `535.104.05`.
    """
    wanted, served = _numbers(build_cuda), _numbers(driver_cuda or "")
    if not wanted or not served:
        return DriverFit.UNKNOWN
    if served >= wanted:
        return DriverFit.NATIVE
    if served[0] < wanted[0]:
        return DriverFit.TOO_OLD
    branch = _numbers(driver or "")
    row = find_minimum(build_cuda)
    if row is not None and branch and branch[0] < row.driver_branch:
        return DriverFit.TOO_OLD
    return DriverFit.MINOR


def find_minimum(build_cuda: str) -> DriverMinimum | None:
    """Find the row for the CUDA version of a build; None when there is none."""
    wanted = _numbers(build_cuda)
    return next((row for row in DRIVER_MINIMA if wanted and row.cuda_major == wanted[0]), None)


def _numbers(text: str) -> tuple[int, ...]:
    """Read the leading numbers of a version; none for a text that begins with no number."""
    found = []
    for part in text.split("."):
        if not part.isdecimal() or len(part) > 6:
            break
        found.append(int(part))
    return tuple(found[:2])
