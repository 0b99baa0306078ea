"""What `envbench fix` is asked."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.channel import ChannelPriority


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOrder:
    """For which spec ways out are looked for, and under which conditions."""

    spec: Path
    host_file: Path | None = None
    priority: ChannelPriority | None = None
    """None takes condarc's, else conda's default."""
    offline: bool = False
    against: str | None = None
    """Environment to compare with, in the place of the nearest wish."""
    budget_s: float = 30.0
    """For so long ways out are looked for, from the first question to the solver."""
    with_pip: bool = True
    """Whether the pip part of the spec is tried with each fix."""
    exclude_newer: str | None = None
    """ISO 8601 instant; younger packages do not exist."""
    virtual: tuple[str, ...] = ()
    """Virtual packages in the place of what the host profile says, `__cuda=12.4`."""
    looks_further: bool = True
    """Also look into well-known channels that the spec does not list, whose indexes may have to be
    fetched for that."""
