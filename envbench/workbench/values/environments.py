"""What was done to an environment."""

from dataclasses import dataclass

from envbench.model.lock_difference import LockDifference


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two environments."""

    a: str
    b: str
    difference: LockDifference

    @property
    def is_same(self) -> bool:
        """Whether both hold the same packages and variables."""
        return self.difference.is_empty


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackReport:
    """What a rollback did."""

    environment: str
    generation: int
    previous: int
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalReport:
    """What was removed."""

    environment: str
    generations: tuple[int, ...]
    warning: str = ""
    """What of it stays in the lists of other tools, and why; empty when nothing does."""
