"""The search for ways out of a conflict in the pip section, or between it and conda's part.

Conda's part has a solution here. A change counts when conda's part still has one and the pip
section resolves beside it.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Protocol

from envbench.engine.pip_section import HeldRange, PipSeries
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.products import combine, price_of
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, SolverTrials
from envbench.engine.repair.variants import Variant
from envbench.engine.search import sort_versions
from envbench.model.conflict import Core, CoreKind, SpecLine
from envbench.model.plan import Plan
from envbench.model.repair import Fix, Move, MoveKind
from envbench.model.repair_moves import (
    Candidate,
    line_to_conda,
    list_candidates,
    list_pip_candidates,
    remove,
)
from envbench.model.version_match import satisfies_version

MOST_LINES = 2
_MOST_TRIES = 60
_MOST_ON_A_SIDE = 12
_NO_CAUSE = "still no solution: not a cause"

Steps = Generator[Progress, None, None]


class PipQuestions(Protocol):
    """Answers what a search asks of the pip section; raises `BudgetOverError` when time is up."""

    def resolves(self, items: Sequence[str], plan: Plan) -> bool:
        """Tell whether items have a solution beside a plan of conda."""

    def series(self, item: str, rest: Sequence[str]) -> tuple[PipSeries, ...]:
        """List series of an item with which the rest has a solution, beside the first plan."""

    def ranges(self, distribution: str, items: Sequence[str]) -> HeldRange:
        """Tell which versions of a distribution of conda's items need."""


@dataclass(frozen=True)
class _Element:
    """Something that may be changed, and its changes."""

    removal: Move
    """The weakest change."""
    make: Callable[[], tuple[Candidate, ...]]
    """Lists the changes; they may have to be asked for."""

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.make()

    def side(self, side: int) -> list[Candidate]:
        """Give the pins of one side, nearest first."""
        found = [c for c in self.candidates if c.side == side and c.series]
        return sorted(found, key=lambda c: c.place)[:_MOST_ON_A_SIDE]

    @property
    def loose(self) -> list[Candidate]:
        return [c for c in self.candidates if not c.series and not c.removals]


class PipRepairSearch:
    """One search; `run` gives what is known so far, again and again."""

    def __init__(
        self,
        task: RepairTask,
        trials: SolverTrials,
        ledger: Ledger,
        pip: PipQuestions,
        base: tuple[Move, ...] = (),
    ) -> None:
        """Prepare.

        Args:
            task: What to look for; its conflict has cores with pip items.
            trials: Solves conda's part.
            ledger: Where fixes are proved, pip part included.
            pip: Answers about the pip section.
            base: Changes that were made already and that belong to every fix: they gave conda's
                part its solution.
        """
        self._task = task
        self._trials = trials
        self._pip = pip
        self.ledger = ledger
        self._base = base
        self._elements: dict[int, _Element] = {}
        self._ranges: dict[str, tuple[str, ...]] = {}
        """What pip items need of packages of conda, any of which will do."""
        self._agenda: list[str] = []

    def run(self) -> Iterator[Progress]:
        """Search until nothing better can come or the budget is used up.

        Raises:
            SolverStoppedError: The solver process died or was cancelled.
        """
        try:
            yield from self._search()
        except BudgetOverError:
            self.ledger.not_tried += self._agenda
        yield self.ledger.snapshot(is_over=True)

    def _search(self) -> Steps:
        cores = self._task.conflict.cores
        sets = [frozenset(self._find_elements(number, core)) for number, core in enumerate(cores)]
        sets = [each for each in sets if each]
        if not sets:
            return
        examined: list[tuple[int, ...]] = []
        for size in range(1, MOST_LINES + 1):
            members = sorted({member for each in sets for member in each}, key=self._weigh)
            chosen = [
                each
                for each in combinations(members, size)
                if not any(set(done) <= set(each) for done in examined)
                and all(core & set(each) for core in sets)
            ]
            examined += chosen
            yield from self._go_through(chosen)
            if self.ledger.has_fix:
                break
        self._agenda = ["removals of lines"]
        yield from self.ledger.prove_deferred()
        self._agenda = []

    def _go_through(self, sets: Sequence[tuple[int, ...]]) -> Steps:
        """Look for versions first of all sets, then for other changes."""
        self._agenda = [f"changes of {self._name(chosen)}" for chosen in sets]
        solved: list[tuple[int, ...]] = []
        for chosen in sets:
            yield from self._examine(chosen, solved)
            self._agenda = self._agenda[1:]
        singles = [chosen for chosen in solved if len(chosen) == 1]
        self._agenda = [f"further changes of {self._name(chosen)}" for chosen in singles]
        for chosen in singles:
            for candidate in self._element(chosen[0]).loose:
                yield from self._walk([[candidate]])
            self._agenda = self._agenda[1:]

    def _name(self, chosen: Sequence[int]) -> str:
        return " and ".join(
            f"line {move.line}  {move.old}" if move.line is not None else move.new
            for move in (self._element(member).removal for member in chosen)
        )

    # -- one set of lines ------------------------------------------------------------------------

    def _examine(self, chosen: tuple[int, ...], solved: list[tuple[int, ...]]) -> Steps:
        removal = tuple(self._element(member).removal for member in chosen)
        yield self.ledger.begin(self._whole(removal))
        is_removal = all(move.kind is MoveKind.REMOVE for move in removal)
        if not self._works(removal):
            if all(move.is_pip for move in removal):
                self.ledger.fail(self._whole(removal), _NO_CAUSE)
                return
            # What conda does not bring pip would have to: that it cannot says nothing of versions.
            self.ledger.fail(self._whole(removal), "still no solution")
        elif is_removal:
            yield from self.ledger.ensure_wish(self._whole(removal))
            self.ledger.defer(self._whole(removal))
        solved.append(chosen)
        if len(chosen) > 1:
            options = [list(self._element(member).candidates) for member in chosen]
            yield from self._walk(options)
            return
        element = self._element(chosen[0])
        for side in (1, 0, -1):
            yield from self._walk([element.side(side)], most_found=1)

    def _walk(
        self, options: Sequence[Sequence[Candidate]], *, most_found: int | None = None
    ) -> Steps:
        best: Fix | None = None
        best_price = price_of(())
        found = 0
        for count, combination in enumerate(combine(options)):
            if count >= _MOST_TRIES:
                self.ledger.not_tried.append(f"further combinations: {count} were tried")
                return
            # What the base costs is part of every fix here, and of no price.
            if best is not None and price_of(combination) > best_price:
                return
            if all(candidate.removals for candidate in combination):
                continue
            moves = tuple(candidate.move for candidate in combination)
            yield self.ledger.begin(self._whole(moves))
            if not self._works(moves):
                self.ledger.fail(self._whole(moves), "still no solution")
                continue
            fix = yield from self.ledger.prove(self._whole(moves))
            if fix is None or fix.loses_gpu:
                continue
            found += 1
            if best is None or fix.cost < best.cost:
                best, best_price = fix, price_of(combination)
            if most_found is not None and found >= most_found:
                return

    def _whole(self, moves: tuple[Move, ...]) -> tuple[Move, ...]:
        return (*self._base, *moves)

    def _works(self, moves: Sequence[Move]) -> bool:
        """Tell whether conda's part and the pip section both have a solution."""
        conda: list[str | None] = [spec.text for spec in self._task.request.specs]
        items: list[str | None] = [line.text for line in self._task.pip_lines]
        added: list[str] = []
        for move in moves:
            if move.kind is MoveKind.ADD:
                added.append(move.new)
            elif move.is_pip:
                place = self._place(self._task.pip_lines, move)
                items[place] = None if move.kind is MoveKind.TO_CONDA else move.new or None
                added += [move.new] if move.kind is MoveKind.TO_CONDA else []
            else:
                conda[self._place(self._task.lines, move)] = move.new or None
        plan = self._trials.plan_variant(Variant(texts=tuple(conda)), tuple(added))
        left = [item for item in items if item is not None]
        return plan is not None and (not left or self._pip.resolves(left, plan))

    @staticmethod
    def _place(lines: Sequence[SpecLine], move: Move) -> int:
        return next(
            i for i, each in enumerate(lines) if (each.line, each.name) == (move.line, move.name)
        )

    # -- elements --------------------------------------------------------------------------------

    def _find_elements(self, number: int, core: Core) -> Iterator[int]:
        count = len(self._task.lines)
        for wanted in core.lines:
            lines = self._task.pip_lines if wanted.is_pip else self._task.lines
            same = [i for i, line in enumerate(lines) if line.line == wanted.line]
            named = [i for i in same if lines[i].name == wanted.name]
            for place in named or same:
                if any(_is_at(move, lines[place]) for move in self._base):
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

    def _make_addition(self, core: Core) -> _Element | None:
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
        return _Element(moves[0], lambda: tuple(Candidate(move=move) for move in moves))

    def _element(self, member: int) -> _Element:
        if member not in self._elements:
            count = len(self._task.lines)
            self._elements[member] = (
                self._make_conda(member) if member < count else self._make_pip(member - count)
            )
        return self._elements[member]

    def _make_conda(self, index: int) -> _Element:
        line = self._task.lines[index]
        return _Element(remove(line).move, lambda: self._list_conda(line))

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

    def _make_pip(self, index: int) -> _Element:
        line = self._task.pip_lines[index]
        return _Element(remove(line).move, lambda: self._list_pip(index, line))

    def _list_pip(self, index: int, line: SpecLine) -> tuple[Candidate, ...]:
        rest = [other.text for i, other in enumerate(self._task.pip_lines) if i != index]
        versions = sort_versions(each.version for each in self._pip.series(line.text, rest))
        candidates = list_pip_candidates(line, versions)
        moved = line_to_conda(line)
        if moved is not None and self._trials.supply(_name_of(moved)).versions:
            return (*candidates[:-1], moved, candidates[-1])
        return candidates

    def _weigh(self, member: int) -> tuple[bool, bool, int]:
        """Pip items and additions first, python last."""
        is_conda = 0 <= member < len(self._task.lines)
        is_python = is_conda and self._task.lines[member].name == "python"
        return (is_python, is_conda, member)


def _is_at(move: Move, line: SpecLine) -> bool:
    return (move.line, move.name, move.is_pip) == (line.line, line.name, line.is_pip)


def _name_of(candidate: Candidate) -> str:
    return candidate.move.new.split(" ")[0]
