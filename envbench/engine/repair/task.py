"""What a search for ways out is about."""

from dataclasses import dataclass

from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict, SpecLine
from envbench.model.plan import PackageRecord, SolveRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTask:
    """A conflict, and what is needed to look for ways out."""

    request: SolveRequest
    lines: tuple[SpecLine, ...]
    """The user's conda lines, one for each spec of the request."""
    conflict: Conflict
    pip_lines: tuple[SpecLine, ...] = ()
    further: tuple[ChannelGroup, ...] = ()
    """Channels beyond those of the request that may be used."""
    installed: tuple[PackageRecord, ...] = ()
    against: str = ""
    """Name of the environment that has `installed`; empty compares with the nearest wish."""
    may_use_pip: bool = False
    """Whether a line may be moved to the pip section: only where that is tried, too."""
