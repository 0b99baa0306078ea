"""What is known of the box and of the user's variables when an outcome is explained."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_NVIDIA_VERSION = Path("/proc/driver/nvidia/version")
_DRIVER_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/nvidia/lib64",
    "/usr/lib/wsl/lib",
    "/run/opengl-driver/lib",
)
_KEPT_VARIABLES = re.compile(
    r"PYTHON\w+|LD_\w+|HOME|CUDA_\w+|HIP_\w+|ROCR_\w+|NVIDIA_\w+|KMP_\w+|MKL_\w+|OMP_\w+|JAX_PLATFORMS"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Facts about the box; every one may be unknown."""

    environ: Mapping[str, str] = field(default_factory=dict)
    """The variables of the run as the user would have it, as far as they explain anything."""
    gpus: int | None = None
    """GPUs that this box has; None when unknown."""
    driver: str | None = None
    """Version of the loaded NVIDIA kernel module; None when there is none or it is unknown."""
    has_driver_library: bool | None = None
    """Whether a `libcuda.so.1` is to be found; None when nobody looked."""
    cpu_flags: frozenset[str] = frozenset()
    """Instruction sets of the CPU as `/proc/cpuinfo` names them; empty when unknown."""


def read_surroundings(environ: Mapping[str, str], *, gpus: int | None) -> Surroundings:
    """Look at the box; nothing is started and no driver is asked.

    Args:
        environ: The variables that the probe ran with.
        gpus: GPUs that this box is known to have; None when unknown.
    """
    search = [*environ.get("LD_LIBRARY_PATH", "").split(":"), *_DRIVER_FOLDERS]
    return Surroundings(
        environ={name: value for name, value in environ.items() if _KEPT_VARIABLES.fullmatch(name)},
        gpus=gpus,
        driver=_read_driver(),
        has_driver_library=any(
            folder and (Path(folder) / "libcuda.so.1").exists() for folder in search
        ),
        cpu_flags=_read_cpu_flags(),
    )


def _read_driver() -> str | None:
    with suppress(OSError):
        found = re.search(r"Kernel Module\D+?(\d+(?:\.\d+)+)", _NVIDIA_VERSION.read_text())
        return found[1] if found else None
    return None


def _read_cpu_flags() -> frozenset[str]:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in {"flags", "Features"}:
                return frozenset(value.split())
    return frozenset()
