"""Ways out of a conflict that conda's part and the pip section have a share in.

Where pip refuses all that mends conda's lines, a fix must change both: what conda's best fix leaves
of the pip section's conflicts is mended on top of it. Where a line such as python has to give way
for pip, the lines of conda's fix are chosen anew beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.pip_elements import PipQuestions
from envbench.engine.repair.pip_search import PipRepairSearch
from envbench.engine.repair.set_search import SetSearch, Steps
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, SolverTrials
from envbench.engine.repair.views import View
from envbench.model.conflict import Conflict, Core
from envbench.model.plan import Plan
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate
from envbench.model.version_match import satisfies_version

_IN_PLACE = frozenset({MoveKind.PIN, MoveKind.RELEASE, MoveKind.DROP_BUILD})
"""Moves after which all other lines stand where they stood."""
_MOST_BASES = 2
_MOST_PINS = 3
_MOST_TRIES = 20
_NOT_TRIED = "changes of the pip section"


class PipConflicts(PipQuestions, Protocol):
    """Also tells why the pip section has no solution."""

    def find_conflict(self, plan: Plan) -> Conflict | None:
        """Find the conflict of the section beside a plan; None when it has a solution."""


class JoinedSearch:
    """Goes on where a search among conda's lines found nothing that pip takes."""

    def __init__(
        self, task: RepairTask, trials: SolverTrials, ledger: Ledger, pip: PipConflicts
    ) -> None:
        """Prepare.

        Args:
            task: The conflict between conda's lines.
            trials: Solves conda's part.
            ledger: What the search so far came to.
            pip: Answers about the pip section.
        """
        self._task = task
        self._trials = trials
        self._ledger = ledger
        self._pip = pip
        self._lines = AskedLines(task, trials)
        self._sets = SetSearch(self._lines, trials, ledger)

    def run(self) -> Iterator[Progress]:
        """Search until there is a fix that removes nothing, or the budget is used up."""
        try:
            for moves, plan in self._list_bases():
                yield from self._go_on(moves, plan)
                if any(not fix.cost.removals for fix in self._ledger.fixes):
                    return
        except BudgetOverError:
            self._ledger.not_tried.append(_NOT_TRIED)

    def _list_bases(self) -> list[tuple[tuple[Move, ...], Plan]]:
        """List the best fixes of conda's part that pip refuses, one for each set of lines."""
        bases: dict[tuple[int | None, ...], tuple[tuple[Move, ...], Plan]] = {}
        refused = self._ledger.proofs.list_pip_refused()
        for moves, plan in sorted(refused, key=lambda each: len(each[0])):
            if all(move.kind in _IN_PLACE for move in moves):
                bases.setdefault(tuple(move.line for move in moves), (moves, plan))
        return list(bases.values())[:_MOST_BASES]

    def _go_on(self, moves: tuple[Move, ...], plan: Plan) -> Steps:
        conflict = self._pip.find_conflict(plan)
        if conflict is None:
            return
        texts = {(move.line, move.name): move.new for move in moves}
        specs = tuple(
            replace(spec, text=texts.get((line.line, line.name), spec.text))
            for spec, line in zip(self._task.request.specs, self._task.lines, strict=True)
        )
        request = replace(self._task.request, specs=specs)
        based = replace(self._task, request=request, conflict=conflict)
        trials = self._trials.based_on(request)
        search = PipRepairSearch(based, trials, self._ledger, self._pip, moves)
        yield from (progress for progress in search.run() if not progress.is_over)
        self._trials.solves += trials.solves
        if all(fix.cost.removals for fix in self._ledger.fixes):
            yield from self._choose_anew(moves, conflict)

    def _choose_anew(self, moves: tuple[Move, ...], conflict: Conflict) -> Steps:
        """Change a line for pip's sake, and look for what conda's conflict then needs."""
        mended = [
            index
            for index, line in enumerate(self._task.lines)
            if any((move.line, move.name) == (line.line, line.name) for move in moves)
        ]
        for core in conflict.cores:
            asked = {(line.line, line.name) for line in core.lines if not line.is_pip}
            for index, line in enumerate(self._task.lines):
                if (line.line, line.name) in asked and index not in mended:
                    yield from self._move_line(index, core, mended)

    def _move_line(self, index: int, core: Core, mended: Sequence[int]) -> Steps:
        view = View(None)
        chosen = (index, *mended)
        bare = self._lines.vary(None, chosen)
        for pin in self._list_pins(index, core):
            base = bare.with_text(index, pin.move.new)
            yield self._ledger.begin((pin.move, *self._lines.remove(mended)))
            if not self._trials.try_variant(base).is_solvable:
                self._ledger.fail((pin.move,), "no solution, whatever else is changed")
                continue
            options = [self._sets.search_line(view, base, i).list_pins() for i in mended]
            before = len(self._ledger.fixes)
            yield from self._sets.walk(view, bare, chosen, [[pin], *options], most=_MOST_TRIES)
            if len(self._ledger.fixes) > before:
                return

    def _list_pins(self, index: int, core: Core) -> list[Candidate]:
        """List the other versions of a line with which pip's conflict is gone, nearest first."""
        pins = [c for c in self._lines.candidates(index) if c.series]
        name = f"{self._lines.line(index).name} "
        told = [text.removeprefix(name) for text in core.available if text.startswith(name)]
        fitting = [c for c in pins if any(_is_in(version, c.series) for version in told)]
        return (fitting or pins)[:_MOST_PINS]


def _is_in(version: str, series: str) -> bool:
    return version == series or bool(satisfies_version(version, f"{series}.*"))
