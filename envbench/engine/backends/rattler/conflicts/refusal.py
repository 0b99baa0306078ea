"""A request that has no solution, while it is looked into."""

from dataclasses import dataclass

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.candidates import Host, Line
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.channels import ChannelNames
from envbench.engine.conflict_text import ConflictText


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of it before the search."""

    attempt: Attempt
    lines: tuple[Line, ...]
    host: Host
    read: ConflictText
    """The solver's explanation."""
    names: ChannelNames
    propagation: Propagation
    """Over all lines, by their index."""
    ends: float
    """`time.monotonic()` at which no more is asked."""
