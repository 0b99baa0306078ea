"""What is left of each package, and why the rest is out."""

from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """Why something of a package was taken away."""

    LINE = "line"
    """A line asks for something else."""
    NEEDED = "needed"
    """A required package accepts something else."""
    LACKING = "lacking"
    """It needs a package of which nothing is left that it accepts."""
    LIMITED = "limited"
    """A required package forbids it."""
    EXCLUDING = "excluding"
    """It forbids all that is left of a required package."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something was taken away."""

    name: str
    accepted: int
    """What may stay."""
    out: int
    """What was taken away."""
    why: Why
    other: str = ""
    """The other package; empty for lines."""
    other_left: int = 0
    """What was left of the other package then."""


@dataclass(slots=True)
class Domains:
    """What is left of each package."""

    left: dict[str, int]
    """By name, the records that are not out; virtual packages among them."""
    required: dict[str, str]
    """By name of a required package, the package that brought it in; empty for a line's own."""
    emptied: str = ""
    """The required package of which nothing is left; empty when there is none."""
    steps: list[Step] = field(default_factory=list)
    """How it came about, in order; what holds whatever the lines are is left out."""
