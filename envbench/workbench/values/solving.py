"""What a solve is asked, and what came of it."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.plan import PackageChange, Plan
from envbench.model.plan_sizes import PlanSizes
from envbench.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOrder:
    """What `envbench solve` was asked for."""

    spec: Path
    host_file: Path | None = None
    virtual: tuple[str, ...] = ()
    """Virtual packages that the box is taken to have, `__cuda=12.4`; they come before a file."""
    against: str | None = None
    """Environment to prefer and to compare with."""
    is_fresh: bool = False
    """Compare only: choose as a build does, which does not look at what is installed."""
    offline: bool = False
    priority: ChannelPriority | None = None
    """None takes condarc's, else conda's default."""
    exclude_newer: str | None = None
    """ISO 8601 date; younger packages do not exist."""
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One item of the spec that asks for a package."""

    name: str
    """Of the package, as records have it; empty for pip items without a name."""
    text: str
    """As written, cleaned and without secrets."""
    line: int
    """Line of the user's file, 1-based."""
    is_pip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveReport:
    """What came of a solve: exactly one of `plan` and `conflict` is set."""

    path: str
    sha256: str = ""
    """Of the spec's bytes that were solved."""
    problems: tuple[Problem, ...]
    asked: tuple[AskedLine, ...] = ()
    """What the spec asks for on this platform, in the order of the file."""
    plan: Plan | None = None
    conflict: Conflict | None = None
    against: str | None = None
    changes: tuple[PackageChange, ...] = ()
    """Against the environment named by `against`; all packages as additions without one."""
    sizes: PlanSizes | None = None
    """Bytes to download and on disk; None for a conflict."""
    pip_items: tuple[str, ...] = ()
    """Requirement lines of the pip section; resolved when the conda part is in place."""
