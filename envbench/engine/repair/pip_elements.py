"""What may be changed in a conflict with the pip section, and how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from envbench.engine.pip_section import HeldRange, PipSeries
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import SolverTrials
from envbench.engine.search import sort_versions
from envbench.model.conflict import Core, CoreKind, SpecLine
from envbench.model.plan import Plan
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate, remove
from envbench.model.repair_moves import list_candidates
from envbench.model.section_moves import line_to_conda, list_pip_candidates
from envbench.model.version_match import satisfies_version

_MOST_ON_A_SIDE = 12


class PipQuestions(Protocol):
    """Answers what a search asks of the pip section; raises `BudgetOverError` when time is up."""

    def resolves(self, items: Sequence[str], plan: Plan) -> bool:
        """Tell whether items have a solution beside a plan of conda."""

    def series(self, item: str, rest: Sequence[str]) -> tuple[PipSeries, ...]:
        """List series of an item with which the rest has a solution, beside the first plan."""

    def ranges(self, distribution: str, items: Sequence[str]) -> HeldRange:
        """Tell which versions of a distribution of conda's items need."""


@dataclass(frozen=True)
class Element:
    """Something that may be changed, and its changes."""

    removal: Move
    """The weakest change."""
    make: Callable[[], tuple[Candidate, ...]]
    """Lists the changes; they may have to be asked for."""

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """List the changes, removal last."""
        return self.make()

    def side(self, side: int) -> list[Candidate]:
        """Give the pins of one side, nearest first."""
        found = [c for c in self.candidates if c.side == side and c.series]
        return sorted(found, key=lambda c: c.place)[:_MOST_ON_A_SIDE]

    @property
    def loose(self) -> list[Candidate]:
        """List the changes that are neither versions nor a removal."""
        return [c for c in self.candidates if not c.series and not c.removals]


class PipElements:
    """The elements of one search, each made when it is first looked at."""

    def __init__(
        self,
        task: RepairTask,
        trials: SolverTrials,
        pip: PipQuestions,
        base: tuple[Move, ...] = (),
    ) -> None:
        """Prepare; see `PipRepairSearch`."""
        self._task = task
        self._trials = trials
        self._pip = pip
        self._base = base
        self._elements: dict[int, Element] = {}
        self._ranges: dict[str, tuple[str, ...]] = {}
        """What pip items need of packages of conda, any of which will do."""

    def find(self, number: int, core: Core) -> Iterator[int]:
        """Name what may be changed against a core, the number of which is given."""
        count = len(self._task.lines)
        for wanted in core.lines:
            lines = self._task.pip_lines if wanted.is_pip else self._task.lines
            same = [i for i, line in enumerate(lines) if line.line == wanted.line]
            named = [i for i in same if lines[i].name == wanted.name]
            for place in named or same:
                if any(is_at(move, lines[place]) for move in self._base):
                    continue
                yield place + (count if wanted.is_pip else 0)
        if core.kind is CoreKind.PIP_AGAINST_CONDA and core.meeting not in {"", "python"}:
            added = -1 - number
            if added not in self._elements:
                found = self._make_addition(core)
                if found is not None:
                    self._elements[added] = found
            if added in self._elements:
                yield added

    def _make_addition(self, core: Core) -> Element | None:
        """Make the change that holds a package of conda for the sake of a pip item."""
        items = [line.text for line in core.lines if line.is_pip]
        held = self._pip.ranges(core.meeting, items)
        self._ranges[held.package] = held.ranges
        named = {line.name for line in self._task.lines}
        if not held.ranges or held.package in named:
            return None
        moves = [
            Move(kind=MoveKind.ADD, name=held.package, new=f"{held.package} {versions}")
            for versions in held.ranges
        ]
        return Element(moves[0], lambda: tuple(Candidate(move=move) for move in moves))

    def give(self, member: int) -> Element:
        """Give what goes by a number: conda lines first, then pip items, additions below zero."""
        if member not in self._elements:
            count = len(self._task.lines)
            self._elements[member] = (
                self._make_conda(member) if member < count else self._make_pip(member - count)
            )
        return self._elements[member]

    def _make_conda(self, index: int) -> Element:
        line = self._task.lines[index]
        return Element(remove(line).move, lambda: self._list_conda(line))

    def _list_conda(self, line: SpecLine) -> tuple[Candidate, ...]:
        """List the changes of a conda line that can let in what pip needs."""
        supply = self._trials.supply(line.name)
        ranges = self._ranges.get(line.name, ())
        wanted = [v for v in supply.versions if any(satisfies_version(v, each) for each in ranges)]
        return tuple(
            candidate
            for candidate in list_candidates(line, supply)
            if not (candidate.series and ranges)
            or any(satisfies_version(v, f"{candidate.series}.*") for v in wanted)
        )

    def _make_pip(self, index: int) -> Element:
        line = self._task.pip_lines[index]
        return Element(remove(line).move, lambda: self._list_pip(index, line))

    def _list_pip(self, index: int, line: SpecLine) -> tuple[Candidate, ...]:
        rest = [other.text for i, other in enumerate(self._task.pip_lines) if i != index]
        versions = sort_versions(each.version for each in self._pip.series(line.text, rest))
        candidates = list_pip_candidates(line, versions)
        moved = line_to_conda(line)
        if moved is not None and self._trials.supply(_name_of(moved)).versions:
            return (*candidates[:-1], moved, candidates[-1])
        return candidates

    def weigh(self, member: int) -> tuple[bool, bool, int]:
        """Pip items and additions first, python last."""
        is_conda = 0 <= member < len(self._task.lines)
        is_python = is_conda and self._task.lines[member].name == "python"
        return (is_python, is_conda, member)


def is_at(move: Move, line: SpecLine) -> bool:
    """Tell whether a move concerns a line."""
    return (move.line, move.name, move.is_pip) == (line.line, line.name, line.is_pip)


def _name_of(candidate: Candidate) -> str:
    return candidate.move.new.split(" ")[0]
