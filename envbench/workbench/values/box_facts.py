"""This box."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxDisk:
    """A file system that envbench uses."""

    uses: tuple[str, ...]
    """What of envbench lies on it: `home`, `envs`, `cache`, `state`."""
    path: str
    """The directory of the first of these uses."""
    file_system: str | None
    """`ext4`, `nfs4`, ...; None when unknown."""
    total_bytes: int
    free_bytes: int
    """What this user may still write."""
    is_network: bool
    is_in_memory: bool
    """What lies there is gone after a restart."""
    warning: str
    """One line, for file systems on which environments are slow or fragile; mostly empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxGpu:
    """One GPU as the driver names it; None for what it did not tell."""

    index: int
    """NVML's order, which is not CUDA's."""
    name: str | None
    capability: str | None
    """Compute capability, `9.0`."""
    memory_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxReport:
    """This box."""

    name: str
    """Host name."""
    system: str
    kernel: str
    processor: str | None
    cores: int
    """Logical processors that this process may use."""
    load: tuple[float, float, float] | None
    """Mean number of processes that run or wait, over 1, 5 and 15 minutes; None when unknown."""
    memory_bytes: int
    """Total; of the container where one sets a limit."""
    memory_available_bytes: int
    disks: tuple[BoxDisk, ...]
    glibc: str | None
    archspec: str | None
    """Microarchitecture, `x86_64_v3` or `zen4`."""
    driver: str | None
    """Version of the NVIDIA driver."""
    cuda: str | None
    """Highest CUDA version that the driver serves."""
    gpus: tuple[BoxGpu, ...]
    gpu_note: str
    """One line about the GPUs: how many there are, or why none are known. No live readings."""
    jobs_note: str
    """Whether jobs go on after the logout, in one line."""
    jobs_outlive_logout: bool
    """False when something here is known to end them."""
