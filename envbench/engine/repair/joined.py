"""Ways out of a conflict that conda's part and the pip section have a share in.

Where pip refuses all that mends conda's lines, a fix must change both: what conda's best fix leaves
of the pip section's conflicts is mended on top of it. Where a line such as python has to give way
for pip, what conda's lines then need is looked for anew.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.contexts import Context
from envbench.engine.repair.ledger import Progress
from envbench.engine.repair.pip_elements import PipQuestions
from envbench.engine.repair.pip_search import PipRepairSearch
from envbench.engine.repair.search import RepairSearch
from envbench.engine.repair.set_search import Steps
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, SolverTrials
from envbench.model.conflict import Conflict, Core
from envbench.model.plan import Plan
from envbench.model.repair import Move, MoveKind
from envbench.model.repair_candidate import Candidate, remove
from envbench.model.version_match import satisfies_version

_IN_PLACE = frozenset({MoveKind.PIN, MoveKind.RELEASE, MoveKind.DROP_BUILD})
"""Moves after which all other lines stand where they stood."""
_MOST_BASES = 2
_MOST_PINS = 2
_NOT_TRIED = "changes of the pip section"


class PipConflicts(PipQuestions, Protocol):
    """Also tells why the pip section has no solution."""

    def find_conflict(self, plan: Plan) -> Conflict | None:
        """Find the conflict of the section beside a plan; None when it has a solution."""


class JoinedSearch:
    """Goes on where a search among conda's lines found nothing that pip takes."""

    def __init__(
        self, task: RepairTask, trials: SolverTrials, search: RepairSearch, pip: PipConflicts
    ) -> None:
        """Prepare.

        Args:
            task: The conflict between conda's lines.
            trials: Solves conda's part.
            search: What was looked for among conda's lines.
            pip: Answers about the pip section.
        """
        self._task = task
        self._trials = trials
        self._search = search
        self._ledger = search.ledger
        self._pip = pip
        self._lines = AskedLines(task, trials)

    def run(self) -> Iterator[Progress]:
        """Search until there is a fix that removes nothing, or the budget is used up."""
        try:
            for moves, plan in self._list_bases():
                yield from self._go_on(moves, plan)
                if self._has_kept_all():
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
        if not self._ledger.fixes:
            # A dear way out, but one that is known before the better ones are looked for.
            yield from self._drop_items(moves, conflict)
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
        if not self._has_kept_all():
            yield from self._choose_anew(conflict)

    def _choose_anew(self, conflict: Conflict) -> Steps:
        """Change a line for pip's sake, and look for what conda's lines then need."""
        seen = set[int]()
        for core in conflict.cores:
            asked = {(line.line, line.name) for line in core.lines if not line.is_pip}
            for index, line in enumerate(self._task.lines):
                if (line.line, line.name) in asked and index not in seen:
                    seen.add(index)
                    for pin in self._list_pins(index, core):
                        context = Context(moves=(pin.move,), texts=((index, pin.move.new),))
                        yield from self._search.search_under(context)
                        if self._has_kept_all():
                            return

    def _drop_items(self, moves: tuple[Move, ...], conflict: Conflict) -> Steps:
        """Prove conda's best fix without the items that stand in its way."""
        items = {
            line: None
            for core in conflict.cores
            for line in [next((line for line in core.lines if line.is_pip), None)]
            if line is not None
        }
        removals = [remove(line).move for line in self._task.pip_lines if line in items]
        if removals:
            yield from self._ledger.prove((*moves, *removals))

    def _has_kept_all(self) -> bool:
        return any(not fix.cost.removals for fix in self._ledger.fixes)

    def _list_pins(self, index: int, core: Core) -> list[Candidate]:
        """List the other versions of a line with which pip's conflict is gone, nearest first."""
        pins = [c for c in self._lines.candidates(index) if c.series]
        name = f"{self._lines.line(index).name} "
        told = [text.removeprefix(name) for text in core.available if text.startswith(name)]
        fitting = [c for c in pins if any(_is_in(version, c.series) for version in told)]
        return (fitting or pins)[:_MOST_PINS]


def _is_in(version: str, series: str) -> bool:
    return version == series or bool(satisfies_version(version, f"{series}.*"))
