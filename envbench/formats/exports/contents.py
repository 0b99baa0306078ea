"""What recipes ask about the content of an environment."""

import re

from envbench.model.build_flavour import Flavour, read_flavour
from envbench.model.lock import Lock

_CUDA_NEED = re.compile(r"__cuda(?:\s*>=\s*|\s+)(?P<version>\d+(?:\.\d+)?)")
_GPU_WHEEL = re.compile(r"(?:nvidia-|.*-cu\d{2}$|jax-cuda\d{2})")
_GPU_LOCAL = re.compile(r"\+cu\d+")


def package_names(lock: Lock) -> frozenset[str]:
    """Return the names of all packages, those of conda and those of pip."""
    return frozenset({p.name for p in lock.packages} | {p.name for p in lock.pip})


def uses_gpu(lock: Lock) -> bool:
    """Tell whether any package of an environment is made for NVIDIA GPUs."""
    return any(
        read_flavour(package) is Flavour.GPU and "rocm" not in package.build
        for package in lock.packages
    ) or any(_GPU_WHEEL.match(p.name) or _GPU_LOCAL.search(p.version) for p in lock.pip)


def cuda_of(lock: Lock) -> str | None:
    """Return the CUDA version that a driver must serve, `12.4`, as far as the lock says so.

    That of the box it was solved for, or the highest that a package asks for.
    """
    for package in lock.virtual_packages:
        if package.name == "__cuda":
            return package.version
    asked = [
        match["version"]
        for record in lock.packages
        for text in (*record.depends, *record.constrains)
        if (match := _CUDA_NEED.match(text))
    ]
    return max(asked, key=_numbers, default=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
