"""Environments of all tools, one row each."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.workbench.values.environment_users import EnvironmentUser


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSpec:
    """A spec that somebody has before them."""

    name: str
    """The name of the environment that it describes."""
    path: str
    sha256: str
    """Of the file's bytes."""


class SpecState(StrEnum):
    """How an environment stands to its spec."""

    OK = "ok"
    """Built from the spec as it is now."""
    CHANGED = "spec changed"
    """The spec was changed since the build."""
    NO_SPEC = "no spec"
    """None is known that it was built from."""
    NOT_BUILT = "not built"
    """There is a spec, and no environment of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRow:
    """One environment, or one spec that none was built from."""

    key: str
    """The same for all rows about one thing: a later row takes the place of an earlier one."""
    name: str
    kind: str
    """`envbench`, `conda`, `conda base`, `pixi`, `venv`; empty for a spec that was not built."""
    path: str
    """The stable path; empty for a spec that was not built."""
    python: str = ""
    """Version of its Python; empty when it has none."""
    conda_packages: int = 0
    live_generation: int | None = None
    generations: int = 0
    """How many complete ones there are; 0 for environments of other tools."""
    built_from: str = ""
    """The spec's path as it was given to the build."""
    spec_state: SpecState = SpecState.NO_SPEC
    drift: str | None = None
    """What was changed since the build, in words; empty for nothing, None when that is not known
    or was not looked at yet."""
    extras: str = ""
    """What pip put over an environment of conda, in words."""
    size_bytes: int | None = None
    """All its generations on disk, each file once; None when not measured."""
    unique_bytes: int | None = None
    """What is free after its removal."""
    last_used: str | None = None
    """ISO 8601, UTC, to a day; None when unknown."""
    users: tuple[EnvironmentUser, ...] = ()
    """Processes of this user that work in it."""
    read_only: str = ""
    """Why envbench does not change it; empty for its own."""
    owner: str = ""
    """Who it belongs to when that is somebody else."""
    fault: str = ""
    """Why it cannot be used; empty for a sound one."""
