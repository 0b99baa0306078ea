"""The environments that processes on GPUs run in, as far as this box knows them."""

from dataclasses import dataclass

from envbench.model.gpu import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEnvironment:
    """What is known of one prefix."""

    prefix: str
    """As it was asked about."""
    name: str
    """Of envbench's environment; for those of other tools the last part of the path."""
    kind: str
    """`envbench`, `conda`, `conda base`, `pixi`, `venv`; empty when no environment lies there."""
    generation: int | None = None
    """The generation in this prefix; None for environments of other tools."""
    live_generation: int | None = None
    """The one that is in use now; None when there is none, and for other tools."""
    lock_path: str = ""
    """The record of what was built there; empty when there is none."""
    spec_path: str = ""
    """The spec that it was built from, as the build was told; empty when unknown."""
    spec_state: str = ""
    """`ok`, `spec changed` or `no spec`; empty for environments of other tools."""
    drift: str | None = None
    """What was changed since the build, in words; empty for nothing, None when not known."""
    is_old: bool = False
    """A generation that is no longer the live one."""
    fault: str = ""
    """Why it cannot be used; empty for a sound one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReport:
    """The readings of one moment, and the environments of the processes in them."""

    sample: Sample
    environments: tuple[KnownEnvironment, ...] = ()
    """Those that processes of the sample run in."""
