"""One level of a search: all sets of so many lines, under some changes beside them."""

from collections.abc import Generator, Sequence

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.set_search import SetSearch, Steps
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.engine.repair.views import View
from envbench.model.repair import Move, MoveKind

NO_CAUSE = "still no solution: not a cause"


class LevelSearch:
    """Goes through the sets of lines that may be changed."""

    def __init__(self, lines: AskedLines, trials: Trials, ledger: Ledger, sets: SetSearch) -> None:
        """Prepare; see `RepairSearch`."""
        self._lines = lines
        self._trials = trials
        self._ledger = ledger
        self._sets = sets
        self._proves_first = True
        self._boxes: set[str] = set()
        """Virtual packages of which a version was found that would do."""

    def go_through(self, views: Sequence[View], size: int) -> Steps:
        """Look at all sets of lines that make up so many changes, with those of their view."""
        for view in views:
            count = size - len(view.moves)
            if count < 0:
                continue
            if count == 0:
                yield from self.try_context(view)
                continue
            self._explain(view, count)
            while (chosen := view.next_set(count, self._lines)) is not None:
                view.examined.append(chosen)
                view.current = chosen
                yield from self._examine(view, chosen)
                view.current = ()

    def _explain(self, view: View, count: int) -> None:
        """Ask for what is not known yet of why there is no solution, before sets are chosen."""
        if view.cores is None:
            view.cores = self._lines.explain(self._lines.vary(view.context, ()))
        if count > 1:
            self._explain_rest(view)

    def _explain_rest(self, view: View) -> None:
        while view.unexplained:
            found = self._lines.explain(view.unexplained.pop())
            view.cores = [*(view.cores or []), *found]

    def try_context(self, view: View, why: str = NO_CAUSE) -> Steps:
        """Try the changes of a view alone; `why` is said of them where they are not enough."""
        if view.context is None or () in view.examined:
            return
        boxes = {move.name for move in view.moves if move.kind is MoveKind.HOST}
        if boxes & self._boxes:
            # A lesser box of the kind will do.
            return
        view.examined.append(())
        yield self._ledger.begin(view.moves)
        answer = self._trials.try_variant(self._lines.vary(view.context, ()))
        if not answer.is_solvable:
            self._ledger.fail(view.moves, why)
            return
        view.solved.add(())
        self._boxes |= boxes
        yield from self._ledger.prove(view.moves)

    def _examine(self, view: View, chosen: tuple[int, ...]) -> Steps:
        removal = (*view.moves, *self._lines.remove(chosen))
        base = self._lines.vary(view.context, chosen)
        is_open = yield from self._is_solvable(base, removal)
        if is_open:
            view.solved.add(chosen)
            self._ledger.defer(removal)
        else:
            self._ledger.fail(removal, NO_CAUSE)
            view.unexplained.append(base)
            if not self._lines.is_strict:
                self._explain_rest(view)
                return
        if len(chosen) == 1:
            yield from self._sets.explore_one(view, base, chosen[0], is_open=is_open)
        else:
            yield from self._sets.explore_many(view, base, chosen)

    def _is_solvable(
        self, base: Variant, removal: tuple[Move, ...]
    ) -> Generator[Progress, None, bool]:
        """Tell whether there is a solution without some lines.

        The first set mostly has one: then its proof is the answer, without a try before it.
        """
        if self._proves_first:
            self._proves_first = False
            is_known = yield from self._ledger.ensure_wish(removal)
            if is_known is not None:
                return is_known
        yield self._ledger.begin(removal)
        is_open = self._trials.try_variant(base).is_solvable
        if is_open:
            yield from self._ledger.ensure_wish(removal)
        return is_open
