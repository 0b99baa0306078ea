"""What differs between two generations."""

from dataclasses import dataclass

from envbench.model.plan import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One thing that differs."""

    part: str
    """`conda`, `pip`, `variable`, `channels` or `platform`."""
    kind: ChangeKind
    """What it takes to get from A to B; `rebuild` for another build or source of a version."""
    name: str
    old: str
    """In A; empty when it is not there."""
    new: str
    """In B; empty when it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationComparison:
    """All that differs between generation A and generation B."""

    environment: str
    a: int
    b: int
    rows: tuple[DifferenceRow, ...]
    """Conda packages, pip packages, then the rest; each by name."""
