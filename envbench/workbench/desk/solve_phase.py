"""What a solve is doing, as it is told while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvePhase:
    """The last one told counts."""

    name: str
    """`prepare` (the spec is read, the solver started), `fetch` (indexes are on their way) or
    `solve`."""
    channels: tuple[str, ...] = ()
    """Channels whose indexes are on their way."""
