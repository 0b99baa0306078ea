"""One environment in detail."""

from dataclasses import dataclass

from envbench.workbench.values.environment_users import EnvironmentUser


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationDetails:
    """One generation of an environment."""

    number: int
    is_live: bool
    created: str
    """ISO 8601, UTC."""
    created_by: str
    """`user@host`."""
    reason: str
    """`build environment.yml`, ..."""
    job_id: str
    """The job that built it; empty when none did."""
    conda_packages: int
    pip_packages: int
    channels: tuple[str, ...]
    spec_sha256: str
    """Of the spec's bytes."""
    kept_bytes: int
    """Bytes of its files when it was built, each file once; others may share them."""
    users: tuple[EnvironmentUser, ...]
    kept_because: str
    """Why it does not go when newer ones come: `live`, `in use by pid 81233`; empty when it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateLine:
    """What to type to activate an environment in a running shell."""

    shell: str
    """`bash`, `zsh` or `fish`."""
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentContents:
    """What lies in an environment now."""

    python: str
    """Version of its Python; empty when it has none."""
    platform: str
    channels: tuple[str, ...]
    variables: tuple[str, ...]
    """Names of the variables that activation sets; their values are not told."""
    conda_packages: int
    pip_packages: int
    drift: str | None
    """What was changed since the build, in words; empty for nothing, None when unknown."""
    damage: tuple[str, ...]
    """One line for each record that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDetails:
    """One environment."""

    name: str
    kind: str
    """`envbench`, `conda`, `conda base`, `pixi`, `venv`."""
    path: str
    """The stable path."""
    prefix: str
    """The real directory; empty when nothing usable is there."""
    contents: EnvironmentContents | None
    """None when nothing usable is there."""
    generations: tuple[GenerationDetails, ...]
    """Newest first; empty for environments of other tools."""
    users: tuple[EnvironmentUser, ...]
    """All processes of this user that work in it, in whichever generation."""
    activate: tuple[ActivateLine, ...]
    """Empty where it cannot be activated, or its path holds what nobody can type."""
    read_only: str
    """Why envbench does not change it; empty for its own."""
    fault: str
    """Why it cannot be used; empty for a sound one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSize:
    """What one generation takes on disk."""

    number: int | None
    """None for an environment of another tool."""
    total_bytes: int
    """Each file once."""
    unique_bytes: int
    """What no cache and no other environment or generation shares: free after its removal."""
