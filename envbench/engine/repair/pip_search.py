"""The search for ways out of a conflict in the pip section, or between it and conda's part.

Conda's part has a solution here. A change counts when conda's part still has one and the pip
section resolves beside it.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.pip_elements import PipElements, PipQuestions
from envbench.engine.repair.products import combine, price_of
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, SolverTrials
from envbench.engine.repair.variants import Variant
from envbench.model.conflict import SpecLine
from envbench.model.repair import Fix, Move, MoveKind
from envbench.model.repair_candidate import Candidate

MOST_LINES = 2
_MOST_TRIES = 60
_MOST_ON_A_SIDE = 12
_NO_CAUSE = "still no solution: not a cause"

Steps = Generator[Progress, None, None]


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
        self._elements = PipElements(task, trials, pip, base)
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
        sets = [frozenset(self._elements.find(number, core)) for number, core in enumerate(cores)]
        sets = [each for each in sets if each]
        if not sets:
            return
        examined: list[tuple[int, ...]] = []
        for size in range(1, MOST_LINES + 1):
            members = sorted({member for each in sets for member in each}, key=self._elements.weigh)
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
            for candidate in self._elements.give(chosen[0]).loose:
                yield from self._walk([[candidate]])
            self._agenda = self._agenda[1:]

    def _name(self, chosen: Sequence[int]) -> str:
        return " and ".join(
            f"line {move.line}  {move.old}" if move.line is not None else move.new
            for move in (self._elements.give(member).removal for member in chosen)
        )

    # -- one set of lines ------------------------------------------------------------------------

    def _examine(self, chosen: tuple[int, ...], solved: list[tuple[int, ...]]) -> Steps:
        removal = tuple(self._elements.give(member).removal for member in chosen)
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
            options = [list(self._elements.give(member).candidates) for member in chosen]
            yield from self._walk(options)
            return
        element = self._elements.give(chosen[0])
        for side in (1, 0, -1):
            yield from self._walk([element.side(side)], most_found=1)

    def _walk(
        self, options: Sequence[Sequence[Candidate]], *, most_found: int | None = None
    ) -> Steps:
        failed: list[tuple[Candidate, ...]] = []
        try:
            yield from self._walk_on(options, failed, most_found)
        finally:
            self._fail(failed)

    def _walk_on(
        self,
        options: Sequence[Sequence[Candidate]],
        failed: list[tuple[Candidate, ...]],
        most_found: int | None,
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
                failed.append(combination)
                continue
            fix = yield from self.ledger.prove(self._whole(moves))
            if fix is None or fix.loses_gpu:
                continue
            found += 1
            if best is None or fix.cost < best.cost:
                best, best_price = fix, price_of(combination)
            if most_found is not None and found >= most_found:
                return

    def _fail(self, failed: Sequence[tuple[Candidate, ...]]) -> None:
        """Note what had no solution; versions of one line in one row."""
        series = [each for each in failed if len(each) == 1 and each[0].series]
        if len(series) > 1:
            first, last = series[0][0], series[-1][0]
            several = replace(first.move, new=f"{first.move.new} ... {last.series}")
            self.ledger.fail(self._whole((several,)), "still no solution")
        for each in failed:
            if each not in series or len(series) == 1:
                moves = tuple(candidate.move for candidate in each)
                self.ledger.fail(self._whole(moves), "still no solution")

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
