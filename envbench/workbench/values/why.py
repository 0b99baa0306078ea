"""What `why` is asked."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.channel import ChannelPriority

BUDGET_S = 30.0
"""After so many seconds no further solve is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecConditions:
    """A spec, and under which conditions it is solved."""

    spec: Path
    host_file: Path | None = None
    virtual: tuple[str, ...] = ()
    """Virtual packages that the box is taken to have, `__cuda=12.4`; `__cuda=none`: to lack."""
    priority: ChannelPriority | None = None
    """None takes condarc's, else conda's default."""
    exclude_newer: str | None = None
    """ISO 8601 date; younger packages do not exist."""
    offline: bool = False
    timeout_s: float | None = None
    """Limit of the solve of the spec as it is."""
    budget_s: float = BUDGET_S
    """Wall time for all that is solved beyond that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyOrder:
    """Who requires a package: of a spec, or of an environment."""

    package: str
    conditions: SpecConditions | None = None
    """Exactly one of this and `environment` is given."""
    environment: str = ""
    """Name, `NAME@GENERATION` or path."""
    is_newer_asked: bool = True
    """Also find out why it is not newer; for specs only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackOrder:
    """Why the direct dependencies of a spec are not newer."""

    conditions: SpecConditions
