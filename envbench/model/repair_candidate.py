"""One change of one line, before it is tried."""

from dataclasses import dataclass

from envbench.model.conflict import SpecLine
from envbench.model.repair import Move, MoveKind
from envbench.model.version_steps import NO_DISTANCE, Distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One change of one line, before it is tried."""

    move: Move
    least: Distance = NO_DISTANCE
    """The version distance that it costs at least."""
    series: str = ""
    """For a pin: the series it goes to."""
    side: int = 0
    """1 for a series above what the line asks for, -1 for one below, 0 for other changes."""
    place: int = 0
    """Its number on its side, nearest first."""
    narrower: str = ""
    """Another text of the line that asks for more and is as far: where that has a solution, this
    change adds nothing."""

    @property
    def lines(self) -> int:
        """How many places of the file it touches."""
        return 2 if self.move.kind in {MoveKind.TO_PIP, MoveKind.TO_CONDA} else 1

    @property
    def removals(self) -> int:
        """How many direct dependencies it takes away."""
        return 1 if self.move.kind is MoveKind.REMOVE else 0


def remove(line: SpecLine) -> Candidate:
    """Make the change that takes a line out."""
    return Candidate(move=make_move(line, MoveKind.REMOVE, ""))


def make_move(line: SpecLine, kind: MoveKind, new: str) -> Move:
    """Make a move of a line."""
    return Move(
        kind=kind, name=line.name, old=line.text, new=new, line=line.line, is_pip=line.is_pip
    )
