"""What to solve, and what came of it: a plan, or a conflict."""

from dataclasses import dataclass
from enum import StrEnum

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.host import HostProfile
from envbench.model.package_record import PackageRecord as PackageRecord


@dataclass(frozen=True, slots=True)
class RequestedSpec:
    """One match spec of the user, with the line it stands in."""

    text: str
    """As written (lenient conda syntax)."""
    line: int | None = None
    """Line of the user's file, 1-based; None for specs that did not come from a file."""


class ChangeKind(StrEnum):
    """What a plan does to one package of an installed environment."""

    ADD = "add"
    REMOVE = "remove"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    REBUILD = "rebuild"
    """Same version, other build."""
    RECHANNEL = "rechannel"
    """Same version and build from another channel."""


@dataclass(frozen=True, slots=True)
class PackageChange:
    """One line of the difference between a plan and an installed environment."""

    kind: ChangeKind
    name: str
    old: PackageRecord | None
    new: PackageRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """Everything that a solve depends on."""

    specs: tuple[RequestedSpec, ...]
    channels: tuple[ChannelGroup, ...]
    """In order of priority."""
    host: HostProfile
    channel_priority: ChannelPriority = ChannelPriority.FLEXIBLE
    installed: tuple[PackageRecord, ...] = ()
    """Preferred where they fit (an update keeps what it can)."""
    pinned: tuple[PackageRecord, ...] = ()
    """Not to be changed: each is either as it is here, or not in the plan. What a record leaves
    empty (build, digests) is open, and dependencies are those that the channel says."""
    offline: bool = False
    """Use cached repodata only."""
    timeout_s: float = 600.0
    exclude_newer: str | None = None
    """ISO 8601 instant in UTC; younger packages do not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A solution: the full list of packages, in an order in which they can be linked."""

    platform: str
    packages: tuple[PackageRecord, ...]
    """Topologically sorted: dependencies first."""
    channels: tuple[ChannelGroup, ...]
    channel_priority: ChannelPriority
    host: HostProfile
    solve_s: float = 0.0
    """Wall time of the solver alone."""
