"""What to solve, and what came of it: a plan, or a conflict."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from envbench.model.channel import ChannelGroup, ChannelPriority
from envbench.model.host import HostProfile


@dataclass(frozen=True, slots=True)
class RequestedSpec:
    """One match spec of the user, with the line it stands in."""

    text: str
    """As written (lenient conda syntax)."""
    line: int | None = None
    """Line of the user's file, 1-based; None for specs that did not come from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecord:
    """One conda package: the fields of its repodata record that envbench uses."""

    name: str
    version: str
    build: str
    build_number: int
    subdir: str
    """`linux-64`, `noarch`, ..."""
    file_name: str
    """Name of the archive, `numpy-1.26.4-py311h64a7726_0.conda`."""
    url: str
    """Where the archive lies, without secrets."""
    channel: str
    """The channel under the name the user wrote; the base URL where no name is known."""
    channel_url: str = ""
    """Base address of that channel (or of the member of a multi-channel), without secrets and
    trailing slash; empty when unknown."""
    md5: str | None = None
    """Lower-case hexadecimal digest of the archive."""
    sha256: str | None = None
    size_bytes: int | None = None
    """Size of the archive."""
    noarch: str | None = None
    """`python`, `generic` or None."""
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    timestamp_ms: int | None = None
    license: str | None = None
    python_site_packages_path: str | None = None
    """Set on `python` records only (CEP 17)."""
    extra: dict[str, Any] = field(default_factory=dict, hash=False, repr=False)
    """Further fields of the repodata record as JSON builtins, under the names they have there
    (`track_features`, `purls`, `license_family`, ...): a prefix record must carry them."""

    @property
    def dist_name(self) -> str:
        """`name-version-build`, conda's name of the distribution."""
        return f"{self.name}-{self.version}-{self.build}"


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
