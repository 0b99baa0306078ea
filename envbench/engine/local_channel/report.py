"""What making a channel tells: while it runs, and at its end."""

from dataclasses import dataclass
from pathlib import Path

from envbench.engine.local_channel.package import MadePackage


@dataclass(frozen=True, slots=True)
class ChannelStep:
    """One step of the work, told before it starts."""

    text: str
    """What is done now: `packaging numpy 1.26.4`."""
    done: int
    """Packages finished."""
    total: int
    """Packages in all; 0 while that is not known."""


@dataclass(frozen=True, slots=True)
class SkippedDistribution:
    """A dependency that the channel does not hold."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReport:
    """What a run has put into a channel."""

    directory: Path
    packages: tuple[MadePackage, ...]
    """All packages asked for and their dependencies, in the order of their names."""
    skipped: tuple[SkippedDistribution, ...]
    """Dependencies that are not there: packages that need them will not install from here alone."""
    index_paths: tuple[Path, ...]
    """`repodata.json` of each platform folder."""

    @property
    def size_bytes(self) -> int:
        """Size of the archives of this report together."""
        return sum(package.size_bytes for package in self.packages)
