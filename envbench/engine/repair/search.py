"""The search for ways out of a conflict between conda's lines.

A way out must change a line of every core, so the sets of lines to change are the hitting sets of
the cores, the smallest first. Each set is tried by leaving its lines out, which is the weakest
change: where even that has no solution, no change of these lines has one, and the core of what is
left tells which other sets need not be looked at.
"""

from collections.abc import Iterator, Sequence

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.contexts import (
    Context,
    add_channel,
    list_channel_contexts,
    list_contexts,
    list_lacking,
)
from envbench.engine.repair.further_ways import FurtherWays
from envbench.engine.repair.groups import GroupSearch
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.levels import NO_CAUSE, LevelSearch
from envbench.engine.repair.proof import Prover
from envbench.engine.repair.set_search import SetSearch, Steps
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, Trials
from envbench.engine.repair.views import View
from envbench.model.repair import MoveKind

MOST_LINES = 3
"""So many lines are changed together at most."""
_MOST_NAMED = 2
"""So many lines get the name of a channel together, where priority is strict."""
_LATER = (
    "changes of channel priority and box",
    "changes of one more line for the sake of newer versions",
    "moves to the pip section",
    "channels that are not listed",
)
_OF_ALL_CHANNELS = frozenset({MoveKind.PRIORITY, MoveKind.RAISE_CHANNEL})


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
        self._sets = SetSearch(self._lines, trials, self.ledger)
        self._levels = LevelSearch(self._lines, trials, self.ledger, self._sets)
        self._further = FurtherWays(task, self._lines, trials, self.ledger, self._sets)
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

    def search_under(self, context: Context) -> Steps:
        """Search for what lines must change besides, until a fix removes none of them.

        Raises:
            BudgetOverError: Time is up.
        """
        view = View(context)
        yield from self._levels.try_context(view, "still no solution by itself")
        for count in range(1, MOST_LINES + 1):
            if any(not fix.cost.removals for fix in self.ledger.fixes):
                return
            yield from self._levels.go_through([view], count + len(view.moves))
        if not view.solved:
            yield from self._join_groups(view)
        yield from self.ledger.prove_deferred()

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
        request, conflict = self._task.request, self._task.conflict
        beside = [View(context) for context in list_contexts(request, conflict.cores)]
        for view in beside:
            # Each is a single question, and mostly it is the one that matters: it is proved
            # without a try before it.
            if view.moves[0].kind in _OF_ALL_CHANNELS:
                view.examined.append(())
                fix = yield from self.ledger.prove(view.moves, NO_CAUSE)
                if fix is not None:
                    view.solved.add(())
        beside += [View(context) for context in self._list_channel_contexts()]
        while self._size < MOST_LINES and not (self._size and self.ledger.has_fix):
            size = self._size = self._size + 1
            self._agenda = [f"changes of {size} lines together"] if size > 1 else []
            self._agenda += _LATER[:-1]
            yield from self._levels.go_through([plain], size)
            if size == 1:
                yield from self._levels.go_through(beside, size)
        if not self.ledger.has_fix:
            yield from self._join_groups(plain)
        self._agenda = ["removals of lines", *_LATER[:-1]]
        yield from self.ledger.prove_deferred()
        self._agenda = list(_LATER[:-1])
        for wider in range(2, self._size + 1):
            yield from self._levels.go_through(beside, wider)
        yield from self.ledger.prove_deferred()
        self._agenda = list(_LATER[1:-1])
        yield from self._further.pair_lines(plain)
        self._agenda = list(_LATER[2:-1])
        yield from self._further.move_to_pip(plain)
        self._agenda = []

    def _join_groups(self, view: View) -> Steps:
        """Where more lines must change, do so for each group of conflicts by itself."""
        more = f"changes of more than {MOST_LINES} lines together"
        self._agenda = [more, *_LATER[:-1]]
        groups = GroupSearch(self._lines, self._trials, self.ledger, self._sets, MOST_LINES)
        is_joined = yield from groups.run(view)
        if not is_joined:
            self.ledger.not_tried.append(more)

    def _list_channel_contexts(self) -> tuple[Context, ...]:
        """List the channels that lines may name, where that lets more in."""
        if not self._lines.is_strict:
            return ()
        named = [
            (index, candidate)
            for index in range(len(self._lines.texts))
            for candidate in self._lines.candidates(index)
            if candidate.move.kind is MoveKind.SET_CHANNEL
        ]
        return list_channel_contexts(named, _MOST_NAMED)

    def _look_into_channels(self, most: int) -> Steps:
        self._agenda = list(_LATER[-1:])
        names = {name: None for core in self._task.conflict.cores for name in list_lacking(core)}
        for group in self._task.further:
            if names:
                yield self.ledger.note(f"the channel {group.name}")
            if any(
                self._trials.versions_in(group, name, is_urgent=self.ledger.has_fix)
                for name in names
            ):
                view = View(add_channel(self._task.request, group))
                for size in range(1, most + 1):
                    yield from self._levels.go_through([view], size)
                yield from self.ledger.prove_deferred()
