"""The box that an environment is meant for, as the solver sees it."""

from dataclasses import dataclass, field
from typing import NamedTuple


class VirtualPackage(NamedTuple):
    """A package that stands for a property of the box, such as `__cuda 12.4 0`."""

    name: str
    version: str
    build: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProfile:
    """What a solve must know of the box: detected here, or read from a file made on another."""

    platform: str
    """conda subdir, such as `linux-64`."""
    linux: str | None = None
    """Version of the Linux kernel, `5.15.0`."""
    glibc: str | None = None
    """Version of the C library, `2.31`."""
    osx: str | None = None
    """Version of macOS."""
    cuda: str | None = None
    """Highest CUDA version that the driver serves, `12.4`; None without a driver."""
    cuda_arch: str | None = None
    """Lowest compute capability among the GPUs, `9.0` (CEP 46)."""
    archspec: str | None = None
    """Microarchitecture, `x86_64_v3` or `zen4`."""
    origin: dict[str, str] = field(default_factory=dict)
    """Field name to where its value came from: `detected`, `CONDA_OVERRIDE_CUDA`, a file."""

    def virtual_packages(self) -> tuple[VirtualPackage, ...]:
        """List the virtual packages of this box, in conda's naming.

        Source: conda's virtual package plugins (`__unix`, `__linux`, `__glibc`, `__osx`, `__cuda`,
        `__archspec`), CEP 46 (`__cuda_arch`).
        """
        family = self.platform.partition("-")[0]
        found: list[VirtualPackage] = []
        if family in {"linux", "osx"}:
            found.append(VirtualPackage("__unix", "0", "0"))
        if family == "win":
            found.append(VirtualPackage("__win", "0", "0"))
        for name, version in (
            ("__linux", self.linux),
            ("__glibc", self.glibc),
            ("__osx", self.osx),
            ("__cuda", self.cuda),
            ("__cuda_arch", self.cuda_arch),
        ):
            if version:
                found.append(VirtualPackage(name, version, "0"))
        if self.archspec:
            found.append(VirtualPackage("__archspec", "1", self.archspec))
        return tuple(found)
