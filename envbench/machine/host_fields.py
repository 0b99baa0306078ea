"""The fields of a host profile as data: what each means, what may stand in it."""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,4}")
SUBDIR = re.compile(r"[a-z]+-[a-z0-9]+")
"""conda's names of platforms."""


@dataclass(frozen=True, slots=True)
class HostField:
    """One field that becomes a virtual package."""

    name: str
    meaning: str
    example: str
    variable: str
    """The environment variable that overrides it, as conda names it."""
    family: str = ""
    """The only family of platforms that has it; empty for all."""
    pattern: re.Pattern[str] = _VERSION


HOST_FIELDS = (
    HostField("linux", "version of the Linux kernel", "5.15.0", "CONDA_OVERRIDE_LINUX", "linux"),
    HostField("glibc", "version of the C library", "2.31", "CONDA_OVERRIDE_GLIBC", "linux"),
    HostField("osx", "version of macOS", "14.5", "CONDA_OVERRIDE_OSX", "osx"),
    HostField("cuda", "highest CUDA version that the driver serves", "12.4", "CONDA_OVERRIDE_CUDA"),
    HostField(
        "cuda_arch", "lowest compute capability among the GPUs", "9.0", "CONDA_OVERRIDE_CUDA_ARCH"
    ),
    HostField(
        "archspec",
        "microarchitecture",
        "zen4",
        "CONDA_OVERRIDE_ARCHSPEC",
        pattern=re.compile(r"[A-Za-z0-9_.]{1,64}"),
    ),
)
