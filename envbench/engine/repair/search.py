"""The search for ways out of a conflict between conda's lines.

A way out must change a line of every core, so the sets of lines to change are the hitting sets of
the cores, the smallest first. Each set is tried by leaving its lines out, which is the weakest
change: where even that has no solution, no change of these lines has one, and the core of what is
left tells which other sets need not be looked at.
"""

from collections.abc import Generator, Iterator, Sequence

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.contexts import (
    Context,
    add_channel,
    list_channel_contexts,
    list_contexts,
    list_lacking,
)
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.lines import LineSearch
from envbench.engine.repair.products import combine, price_of
from envbench.engine.repair.proof import Prover
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, Trials
from envbench.engine.repair.variants import Variant
from envbench.engine.repair.views import View
from envbench.model.known_names import PYPI_OF_CONDA, pypi_name_of
from envbench.model.repair import Fix, MoveKind
from envbench.model.repair_candidate import Candidate
from envbench.model.section_moves import line_to_pip
from envbench.model.well_known import PIP_PACKAGES

MOST_LINES = 3
"""So many lines are changed together at most."""
_MOST_COMBINATIONS = 200
_MOST_NAMED = 2
"""So many lines get the name of a channel together, where priority is strict."""
_LATER = (
    "changes of channel priority and box",
    "changes of one more line for the sake of newer versions",
    "moves to the pip section",
    "channels that are not listed",
)
_NO_CAUSE = "still no solution: not a cause"

Steps = Generator[Progress, None, None]


class RepairSearch:
    """One search; `run` gives what is known so far, again and again."""

    def __init__(self, task: RepairTask, trials: Trials, prove: Prover) -> None:
        """Prepare.

        Args:
            task: What to look for.
            trials: Answers whether changed requests have a solution.
            prove: Proves fixes on the whole index, pip part included.
        """
        self._task = task
        self._trials = trials
        self.ledger = Ledger(task, trials, prove)
        self._lines = AskedLines(task, trials)
        self._agenda: list[str] = []
        self._plain = View(None)
        self._is_spent = False
        self._size = 0
        """So many lines are changed together in the smallest fix."""

    def run(self) -> Iterator[Progress]:
        """Search until nothing better can come or the budget is used up.

        Raises:
            SolverStoppedError: The solver process died or was cancelled.
        """
        yield from self.search_lines()
        yield from self.search_channels()
        yield self.ledger.snapshot(is_over=True)

    def search_lines(self) -> Iterator[Progress]:
        """Search among all that needs no further index."""
        yield from self._bounded(self._search(), _LATER[-1:])

    def search_channels(self) -> Iterator[Progress]:
        """Look into channels that are not listed, last of all: their indexes take long to load."""
        yield from self._bounded(self._look_into_channels(max(1, self._size)), ())

    def _bounded(self, steps: Steps, later: Sequence[str]) -> Iterator[Progress]:
        """Go on until the budget is used up; once it is, nothing further is begun."""
        if self._is_spent:
            return
        try:
            yield from steps
        except BudgetOverError:
            self._is_spent = True
            self.ledger.not_tried += [*self._list_unexamined(), *self._agenda, *later]

    def _list_unexamined(self) -> list[str]:
        """Name the lines of cores that no change was tried of."""
        plain = self._plain
        tried = {i for chosen in plain.examined if chosen != plain.current for i in chosen}
        members = sorted({i for core in plain.cores or [] for i in core} - tried)
        lines = [self._task.lines[index] for index in members]
        return [f"changes of line {line.line}  {line.text}" for line in lines]

    # -- levels ----------------------------------------------------------------------------------

    def _search(self) -> Steps:
        cores = self._lines.read_cores(self._task.conflict)
        if not cores:
            return
        self._trials.narrow(self._lines.common_to(cores))
        plain = self._plain
        plain.cores = cores
        beside = [View(context) for context in self._list_contexts()]
        while self._size < MOST_LINES and not self.ledger.has_fix:
            size = self._size = self._size + 1
            self._agenda = [f"changes of {size} lines together"] if size > 1 else []
            self._agenda += _LATER[:-1]
            yield from self._level([plain], size)
            if size == 1:
                yield from self._level(beside, size)
        self._agenda = ["removals of lines", *_LATER[:-1]]
        yield from self.ledger.prove_deferred()
        self._agenda = list(_LATER[:-1])
        for wider in range(2, self._size + 1):
            yield from self._level(beside, wider)
        yield from self.ledger.prove_deferred()
        self._agenda = list(_LATER[1:-1])
        yield from self._go_further(plain)
        self._agenda = list(_LATER[2:-1])
        yield from self._move_to_pip(plain)
        self._agenda = []

    def _list_contexts(self) -> tuple[Context, ...]:
        """List what may be changed beside the versions of lines, without another index."""
        named = []
        if self._lines.is_strict:
            named = [
                (index, candidate)
                for index in range(len(self._lines.texts))
                for candidate in self._lines.candidates(index)
                if candidate.move.kind is MoveKind.SET_CHANNEL
            ]
        return (
            *list_contexts(self._task.request, self._task.conflict.cores),
            *list_channel_contexts(named, _MOST_NAMED),
        )

    def _look_into_channels(self, most: int) -> Steps:
        self._agenda = list(_LATER[-1:])
        names = {name: None for core in self._task.conflict.cores for name in list_lacking(core)}
        for group in self._task.further:
            if names:
                yield self.ledger.note(f"the channel {group.name}")
            if any(self._trials.versions_in(group, name) for name in names):
                view = View(add_channel(self._task.request, group))
                for size in range(1, most + 1):
                    yield from self._level([view], size)
                yield from self.ledger.prove_deferred()

    def _level(self, views: Sequence[View], size: int) -> Steps:
        for view in views:
            count = size - len(view.moves)
            if count < 0:
                continue
            if count == 0:
                yield from self._try_context(view)
                continue
            if view.cores is None:
                view.cores = self._lines.explain(self._lines.vary(view.context, ()))
            while (chosen := view.next_set(count, self._lines)) is not None:
                view.examined.append(chosen)
                view.current = chosen
                yield from self._examine(view, chosen)
                view.current = ()

    def _try_context(self, view: View) -> Steps:
        if view.context is None or () in view.examined:
            return
        view.examined.append(())
        yield self.ledger.begin(view.moves)
        answer = self._trials.try_variant(self._lines.vary(view.context, ()))
        if not answer.is_solvable:
            self.ledger.fail(view.moves, _NO_CAUSE)
            return
        view.solved.add(())
        yield from self.ledger.prove(view.moves)

    # -- one set of lines ------------------------------------------------------------------------

    def _examine(self, view: View, chosen: tuple[int, ...]) -> Steps:
        removal = self._lines.remove(chosen)
        yield self.ledger.begin((*view.moves, *removal))
        base = self._lines.vary(view.context, chosen)
        if self._trials.try_variant(base).is_solvable:
            view.solved.add(chosen)
            yield from self.ledger.ensure_wish((*view.moves, *removal))
            self.ledger.defer((*view.moves, *removal))
        else:
            self.ledger.fail((*view.moves, *removal), _NO_CAUSE)
            view.cores = [*(view.cores or []), *self._lines.explain(base)]
            if not self._lines.is_strict:
                return
        if len(chosen) == 1:
            vain = self.ledger.pip_refusal_of((*view.moves, *removal))
            yield from self._line_search(view, base, chosen[0]).explore(vain)
        else:
            yield from self._explore_product(view, base, chosen)

    def _explore_product(self, view: View, base: Variant, chosen: tuple[int, ...]) -> Steps:
        options = []
        for index in chosen:
            options.append(self._line_search(view, base, index).list_options())
            yield self.ledger.snapshot()
        yield from self._walk_product(view, base, chosen, options)

    def _walk_product(
        self,
        view: View,
        base: Variant,
        chosen: Sequence[int],
        options: Sequence[Sequence[Candidate]],
        *,
        most_found: int | None = None,
    ) -> Steps:
        best: Fix | None = None
        found = 0
        for count, combination in enumerate(combine(options)):
            if count >= _MOST_COMBINATIONS:
                self.ledger.not_tried.append(
                    f"further combinations of {self._lines.name(chosen)}: {count} were tried"
                )
                return
            lines, removals, distance = price_of(combination)
            if best is not None and (lines + len(view.moves), removals, 0, distance) > (
                best.cost.lines, best.cost.removals, best.cost.gpu_losses, best.cost.distance,
            ):  # fmt: skip
                return
            if all(candidate.removals for candidate in combination):
                continue
            moves = (*view.moves, *(candidate.move for candidate in combination))
            variant = base
            for index, candidate in zip(chosen, combination, strict=True):
                variant = variant.with_text(index, candidate.move.new or None)
            yield self.ledger.begin(moves)
            if not self._trials.try_variant(variant).is_solvable:
                continue
            fix = yield from self.ledger.prove(moves)
            if fix is not None:
                found += 1
                best = fix if best is None or fix.cost < best.cost else best
                if most_found is not None and found >= most_found:
                    return

    # -- further ways ----------------------------------------------------------------------------

    def _go_further(self, view: View) -> Steps:
        """Where a line alone can only go one way, look for what keeps it from going the other."""
        for chosen in sorted(view.solved):
            if len(chosen) != 1 or not self.ledger.wants_more:
                continue
            index = chosen[0]
            search = self._line_search(view, self._lines.vary(view.context, chosen), index)
            blocked = search.blocked_text()
            if blocked is None:
                continue
            text, pins = blocked
            yield self.ledger.snapshot()
            variant = self._lines.vary(view.context, ()).with_text(index, text)
            cores = self._lines.explain(variant)
            # One more line helps only where it takes part in every conflict that is left.
            shared = frozenset.intersection(*cores) - {index} if cores else frozenset[int]()
            for other in sorted(shared, key=self._lines.weigh):
                yield from self._pair(view, index, pins, other, variant)

    def _pair(
        self, view: View, index: int, pins: Sequence[Candidate], other: int, variant: Variant
    ) -> Steps:
        if not self._trials.try_variant(variant.with_text(other, None)).is_solvable:
            return
        pair = (index, other)
        base = self._lines.vary(view.context, pair)
        options = [
            pins,
            [c for c in self._lines.candidates(other) if not c.removals],
        ]
        yield from self._walk_product(view, base, pair, options, most_found=1)

    def _move_to_pip(self, view: View) -> Steps:
        """Try lines in the pip section, if what PyPI has under the name is the same thing."""
        for chosen in sorted(view.solved):
            is_vain = bool(self.ledger.pip_refusal_of(self._lines.remove(chosen)))
            if len(chosen) != 1 or is_vain or not self._task.may_use_pip:
                continue
            line = self._task.lines[chosen[0]]
            is_same = line.name in PYPI_OF_CONDA or pypi_name_of(line.name) in PIP_PACKAGES
            candidate = line_to_pip(line)
            if candidate is not None and (is_same or self.ledger.is_python_package(line.name)):
                yield from self.ledger.prove((candidate.move,))

    # -- small things ----------------------------------------------------------------------------

    def _line_search(self, view: View, base: Variant, index: int) -> LineSearch:
        return LineSearch(
            line=self._task.lines[index],
            candidates=[
                candidate
                for candidate in self._lines.candidates(index)
                if not (self._lines.is_strict and candidate.move.kind is MoveKind.SET_CHANNEL)
            ],
            ask=lambda text: self._trials.try_variant(base.with_text(index, text)),
            ledger=self.ledger,
            others=view.moves,
            one_by_one=self._lines.is_strict,
        )
