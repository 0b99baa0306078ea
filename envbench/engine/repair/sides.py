"""How far a line must go, up or down, until there is a solution.

Whether *some* of the nearest series have a solution can only become true as more of them are let
in, so that the nearest one is found by halving.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from envbench.engine.solver.protocol import Tried
from envbench.model.conflict import SpecLine
from envbench.model.line_texts import build_for_other_versions, read_line
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.repair_candidate import Candidate
from envbench.model.version_match import satisfies_version


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one side of a line."""

    nearest: int | None
    """Number of the nearest candidate with a solution; None when none of them has one."""
    refusal: str = ""
    """What the solver said about the whole side."""


def find_nearest(
    line: SpecLine,
    candidates: Sequence[Candidate],
    ask: Callable[[str], Tried],
    known: Tried | None = None,
) -> Side:
    """Find the nearest candidate of one side that has a solution.

    Args:
        line: The user's line.
        candidates: Pins of one side, nearest first; not empty.
        ask: Tries another text in the place of the line.
        known: A solution for any version, which may lie on this side.
    """
    first = ask(join_series(line, candidates[:1]))
    if first.is_solvable:
        return Side(0)
    if len(candidates) == 1:
        return Side(None, first.refusal)
    place = _place_of(line, candidates, known) if known is not None else None
    if place is None:
        whole = ask(join_series(line, candidates))
        if not whole.is_solvable:
            return Side(None, whole.refusal)
        place = _place_of(line, candidates, whole)
    low, high = 0, _or_last(place, candidates)
    if high - low > 1:
        # The solver prefers what is new: below the line its choice is mostly the nearest already.
        nearer = ask(join_series(line, candidates[:high]))
        if not nearer.is_solvable:
            return Side(high)
        high = min(high - 1, _or_last(_place_of(line, candidates, nearer), candidates))
    while high - low > 1:
        middle = (low + high) // 2
        answer = ask(join_series(line, candidates[: middle + 1]))
        if answer.is_solvable:
            high = min(middle, _or_last(_place_of(line, candidates, answer), candidates))
        else:
            low = middle
    return Side(high)


def join_series(line: SpecLine, candidates: Sequence[Candidate]) -> str:
    """Write a line that lets in what candidates let in, and nothing else."""
    read = read_line(line.text)
    if read is None:
        return line.text
    build = build_for_other_versions(read.build)
    versions = "|".join(f"{candidate.series}.*" for candidate in candidates)
    head = f"{read.head}{read.name} {versions}"
    return f"{head} {build}" if build else f"{head}{read.tail}"


def _or_last(place: int | None, candidates: Sequence[Candidate]) -> int:
    return place if place is not None else len(candidates) - 1


def _place_of(line: SpecLine, candidates: Sequence[Candidate], answer: Tried) -> int | None:
    """Find the candidate that a solution belongs to."""
    name = _name_of(line)
    version = next((pick.version for pick in answer.picks if pick.name == name), "")
    for place, candidate in enumerate(candidates):
        if satisfies_version(version, f"{candidate.series}.*"):
            return place
    return None


def _name_of(line: SpecLine) -> str:
    try:
        return parse_match_spec(line.text).name
    except MatchSpecError:
        return line.name
