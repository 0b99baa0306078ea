"""What a set of lines offers when they are changed together, and nothing else is."""

from collections.abc import Collection, Generator, Sequence

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.lines import LineSearch
from envbench.engine.repair.products import combine, price_of
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.engine.repair.views import View
from envbench.model.repair import Fix, MoveKind
from envbench.model.repair_candidate import Candidate
from envbench.model.version_match import satisfies_version

MOST_COMBINATIONS = 200

Steps = Generator[Progress, None, None]
Options = Sequence[Candidate]


class SetSearch:
    """Looks at the changes of lines, one or several."""

    def __init__(self, lines: AskedLines, trials: Trials, ledger: Ledger) -> None:
        """Prepare; see `RepairSearch`."""
        self._lines = lines
        self._trials = trials
        self._ledger = ledger

    def explore_one(self, view: View, base: Variant, index: int, *, is_open: bool) -> Steps:
        """Prove what one line offers.

        Args:
            view: What is changed besides.
            base: The request without the line.
            index: The line.
            is_open: Whether there is a solution without it.
        """
        vain = self._ledger.proofs.pip_refusal_of((*view.moves, *self._lines.remove((index,))))
        search = self.search_line(view, base, index)
        yield from search.explore(vain, is_open=is_open)

    def explore_many(self, view: View, base: Variant, chosen: Sequence[int]) -> Steps:
        """Prove what lines offer together, the cheapest first."""
        options = []
        for index in chosen:
            options.append(self.search_line(view, base, index).list_options())
            yield self._ledger.snapshot()
        yield from self.walk(view, base, chosen, options)

    def walk(
        self,
        view: View,
        base: Variant,
        chosen: Sequence[int],
        options: Sequence[Options],
        *,
        most_found: int | None = None,
        most: int = MOST_COMBINATIONS,
    ) -> Steps:
        """Prove combinations of changes, until dearer ones can only be worse than the best.

        Args:
            view: What is changed besides.
            base: The request without the lines.
            chosen: The lines.
            options: Changes of each.
            most_found: After so many fixes it is over.
            most: So many combinations are tried.
        """
        best: Fix | None = None
        found = 0
        for count, combination in enumerate(combine(options)):
            if count >= most:
                names = self._lines.name(chosen)
                self._ledger.not_tried.append(
                    f"further combinations of {names}: {count} were tried"
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
            yield self._ledger.begin(moves)
            variant = change_lines(base, chosen, combination)
            if not self._trials.try_variant(variant).is_solvable:
                continue
            fix = yield from self._ledger.prove(moves)
            if fix is not None:
                found += 1
                best = fix if best is None or fix.cost < best.cost else best
                if most_found is not None and found >= most_found:
                    return

    def pin_to_released(self, view: View, base: Variant, chosen: Sequence[int]) -> Steps:
        """Prove the versions that the solver takes when all lines ask for any.

        They are not the nearest ones, but they go together.
        """
        released = base
        for index in chosen:
            loose = self._pick(index, MoveKind.RELEASE)
            released = released.with_text(index, loose.move.new if loose else self._text(index))
        answer = self._trials.try_variant(released)
        versions = {pick.name: pick.version for pick in answer.picks}
        if not answer.is_solvable:
            return
        moves = list(view.moves)
        for index in chosen:
            version = versions.get(self._lines.line(index).name, "")
            pin = next(
                (
                    candidate
                    for candidate in self._lines.candidates(index)
                    if candidate.series and satisfies_version(version, f"{candidate.series}.*")
                ),
                self._pick(index, MoveKind.RELEASE),
            )
            if pin is not None:
                moves.append(pin.move)
        yield from self._ledger.prove(moves)

    def _pick(self, index: int, kind: MoveKind) -> Candidate | None:
        return next((c for c in self._lines.candidates(index) if c.move.kind is kind), None)

    def _text(self, index: int) -> str:
        return self._lines.line(index).text

    def search_line(self, view: View, base: Variant, index: int) -> LineSearch:
        """Make the search of one line."""
        is_strict = self._lines.is_strict
        supply = self._lines.supply(index)
        return LineSearch(
            line=self._lines.line(index),
            candidates=[
                candidate
                for candidate in self._lines.candidates(index)
                if not (is_strict and candidate.move.kind is MoveKind.SET_CHANNEL)
            ],
            ask=lambda text: self._trials.try_variant(base.with_text(index, text)),
            ledger=self._ledger,
            others=view.moves,
            is_strict=is_strict,
            channels=supply.by_channel if is_strict and len(supply.by_channel) > 1 else (),
        )


def change_lines(
    base: Variant, chosen: Collection[int], combination: Sequence[Candidate]
) -> Variant:
    """Make the variant in which lines are changed so."""
    variant = base
    for index, candidate in zip(chosen, combination, strict=True):
        variant = variant.with_text(index, candidate.move.new or None)
    return variant
