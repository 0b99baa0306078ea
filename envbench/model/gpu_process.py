"""Processes that use a GPU, and the environment each runs in."""

from dataclasses import dataclass, field
from enum import StrEnum


class EnvironmentSource(StrEnum):
    """What an environment was told by, best first."""

    VARIABLES = "variables"
    """`CONDA_PREFIX` or `VIRTUAL_ENV` of the process itself."""
    EXECUTABLE = "executable"
    """The file that it runs lies in the prefix."""
    COMMAND = "command"
    """The path of the interpreter on its command line: the process says it, nothing proves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnvironment:
    """The environment that a process runs in."""

    prefix: str
    """Real path."""
    source: EnvironmentSource

    @property
    def is_inferred(self) -> bool:
        """Whether it is a guess from a path, and not what the process itself was given."""
        return self.source is not EnvironmentSource.VARIABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuProcess:
    """One process on one GPU (on one MIG device of it, where there are such)."""

    gpu: int
    """Index of the GPU."""
    pid: int
    """As the driver tells it; of the host, where `is_here` is False."""
    kinds: tuple[str, ...] = ()
    """`compute`, `graphics`, `mps`."""
    memory_used_bytes: int | None = None
    sm_percent: int | None = None
    gpu_instance: int | None = None
    compute_instance: int | None = None
    is_here: bool = True
    """Whether a process of this number runs here and is the one that is meant."""
    is_own: bool = False
    """Whether it belongs to who asks."""
    user: str | None = None
    name: str | None = None
    """Short, such as `python`."""
    command: str | None = None
    """The whole command line, cleaned and redacted."""
    started_s: float | None = None
    """Unix time."""
    container: str | None = None
    """Short id of its container; None outside of one, or when not known."""
    environment: ProcessEnvironment | None = None
    visible_devices: str | None = None
    """Its `CUDA_VISIBLE_DEVICES`; None when not set, or when not known."""
    slurm_job: str | None = None
    unread: dict[str, str] = field(default_factory=dict)
    """Field to why it is None, in words."""
