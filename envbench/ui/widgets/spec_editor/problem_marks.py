"""Problems put at the lines and columns of a text, and kept there while it is edited."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from envbench.model.problem import Problem

WORST_FIRST = ("error", "warning", "info")
"""The values of `Severity`."""


class PlacedProblem(NamedTuple):
    """A problem and the stretch of one line that it is about."""

    problem: "Problem"
    row: int
    """0-based."""
    start: int
    """First column, 0-based."""
    end: int
    """Column behind the last; behind the end of the line where the place is empty."""


class ProblemMarks:
    """The problems of a text in the order of their places."""

    def __init__(self, placed: Iterable[PlacedProblem] = ()) -> None:
        """Take problems that have a place."""
        self.placed = tuple(sorted(placed, key=_order))
        self._rows: dict[int, list[PlacedProblem]] = {}
        for one in self.placed:
            self._rows.setdefault(one.row, []).append(one)

    @classmethod
    def place(cls, problems: "Sequence[Problem]", lines: Sequence[str]) -> "ProblemMarks":
        """Find the places of problems; those of the whole file stand on the first line."""
        return cls(_place(problem, lines) for problem in problems)

    def on(self, row: int) -> Sequence[PlacedProblem]:
        """Give the problems of a line."""
        return self._rows.get(row, ())

    def worst(self, row: int) -> PlacedProblem | None:
        """Give the worst problem of a line."""
        return min(self.on(row), key=lambda one: _rank(one.problem), default=None)

    def at(self, row: int, column: int) -> PlacedProblem | None:
        """Give the problem at a column, or else the worst one of the line."""
        hits = [one for one in self.on(row) if one.start <= column < one.end]
        return min(hits, key=lambda one: _rank(one.problem), default=self.worst(row))

    def step(self, row: int, column: int, by: int) -> PlacedProblem | None:
        """Give the next problem behind a place (`by` > 0) or before it, around the end."""
        if not self.placed:
            return None
        here = (row, column)
        if by > 0:
            later = (one for one in self.placed if (one.row, one.start) > here)
            return next(later, self.placed[0])
        before = [one for one in self.placed if (one.row, one.start) < here]
        return before[-1] if before else self.placed[-1]

    def number(self, one: PlacedProblem | None) -> int:
        """Give the place of a problem in the order, from 1; 0 without one."""
        return self.placed.index(one) + 1 if one in self.placed else 0

    def follow(self, top: int, old_bottom: int, new_bottom: int) -> "ProblemMarks":
        """Move along with an edit of the rows `top` to `old_bottom`, which now end at `new_bottom`."""
        shift = new_bottom - old_bottom
        moved = []
        for one in self.placed:
            if one.row > old_bottom:
                moved.append(one._replace(row=one.row + shift))
            elif one.row < top:
                moved.append(one)
            else:
                # What was underlined may be gone; the mark stays until the next check.
                row = min(one.row, new_bottom)
                moved.append(one._replace(row=row, start=0, end=0))
        return ProblemMarks(moved)


def _place(problem: "Problem", lines: Sequence[str]) -> PlacedProblem:
    span = problem.span
    if span is None:
        return PlacedProblem(problem, 0, 0, 0)
    row = max(0, min(span.line - 1, len(lines) - 1))
    length = len(lines[row])
    start = max(0, min(span.column - 1, length))
    end = min(length, start + span.end - span.start)
    return PlacedProblem(problem, row, start, max(end, start + 1))


def _rank(problem: "Problem") -> int:
    return WORST_FIRST.index(problem.severity)


def _order(one: PlacedProblem) -> tuple[int, int, int]:
    return one.row, one.start, _rank(one.problem)
