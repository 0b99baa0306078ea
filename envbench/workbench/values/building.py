"""What a build is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.model.build import LockedInput, PipSettings
from envbench.model.channel import ChannelPriority


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """What `envbench build` was asked for."""

    spec: Path
    name: str | None = None
    """None takes the spec's own name."""
    probes: tuple[str, ...] = ()
    """None given means those of the settings."""
    host_file: Path | None = None
    virtual: tuple[str, ...] = ()
    """Virtual packages that the box is taken to have, `__cuda=12.4`."""
    priority: ChannelPriority | None = None
    """None takes condarc's, else conda's default."""
    exclude_newer: str | None = None
    """ISO 8601 date; younger packages do not exist, conda's and pip's alike."""
    offline: bool = False
    backend: str = "rattler"
    allow_builds: bool = False
    """Let pip packages without a wheel run their code."""
    pip: PipSettings | None = None
    """In the place of the user's own settings for the pip section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOrder:
    """What `envbench build --from` was asked for."""

    locks: tuple[Path, ...]
    """A lock of the conda part and, where that cannot hold it, one of the pip part."""
    name: str | None = None
    """None takes the lock's own name."""
    probes: tuple[str, ...] = ()
    """None given means those of the settings."""
    host_file: Path | None = None
    virtual: tuple[str, ...] = ()
    """Virtual packages that the box is taken to have, `__cuda=12.4`."""
    priority: ChannelPriority | None = None
    """For formats without addresses, whose packages are looked up; None takes condarc's."""
    offline: bool = False
    backend: str = "rattler"
    allow_builds: bool = False
    """Let pip packages without a wheel run their code."""
    pip: PipSettings | None = None
    """In the place of the user's own settings for the pip section."""
    locked: LockedInput | None = None
    """A lock that has been read already; the first of `locks` is then only told."""
    places: Mapping[str, Path] = field(default_factory=dict)
    """Archives and artefacts that lie on this box already, by their address in the lock."""
