"""What a build is asked."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.build import PipSettings
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
