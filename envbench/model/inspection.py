"""What a line of a spec means, measured against the channel indexes that are at hand."""

from dataclasses import dataclass

MAX_HEADLINE = 100


@dataclass(frozen=True, slots=True)
class ChannelMatch:
    """What one channel has for a line."""

    channel: str
    """Under the name the user wrote."""
    builds: int
    """Builds that the line accepts."""
    versions: int
    """Distinct versions among them."""
    newest: str
    """The newest of these; empty when there is none."""
    exists: bool
    """Whether the channel has the package at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestBuild:
    """The build that a solver would try first, other lines left aside."""

    version: str
    build: str
    channel: str
    subdir: str
    """`linux-64` or `noarch`."""
    size_bytes: int | None = None
    """Size of the archive."""
    timestamp_ms: int | None = None
    """When it was built, since 1970."""
    license: str = ""
    pythons: tuple[str, ...] = ()
    """Python of all accepted builds of this version and channel: `3.9`, `3.10`, `>=3.8`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInspection:
    """What is known of one line; all texts are safe to show."""

    line: int
    """1-based."""
    headline: str = ""
    """The most important of it, at most `MAX_HEADLINE` characters."""
    details: tuple[str, ...] = ()
    """One fact a line, the most useful first."""
    reason: str = ""
    """Why there is nothing to say; empty when there is."""
    status: str = ""
    """What keeps the answer from being whole or fresh (a missing or old index)."""
    pending: bool = False
    """Whether an index is still being read: ask again."""
    name: str = ""
    """The package."""
    builds: int | None = None
    """How many builds the line accepts; None when nobody looked."""
    versions: tuple[str, ...] = ()
    """Accepted versions, newest first."""
    channels: tuple[ChannelMatch, ...] = ()
    """In the order of their priority."""
    winner: str = ""
    """The channel that the package would come from."""
    newest: str = ""
    """The newest version that exists in any channel, accepted or not."""
    close_names: tuple[str, ...] = ()
    """Names that may have been meant when there is no such package."""
    best: BestBuild | None = None
