"""Conflicts that have nothing to do with each other, each solved by itself and then joined."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.lines import without_release
from envbench.engine.repair.products import Price, combine, price_of
from envbench.engine.repair.set_search import SetSearch, Steps, change_lines
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.variants import Variant
from envbench.engine.repair.views import View
from envbench.model.repair_candidate import Candidate

_MOST_ROUNDS = 4
_MOST_TRIES = 20
"""So many combinations of one group are tried."""
_MOST_SETS = 6
_MOST_JOINED = 60
_ENOUGH = 3
"""So many fixes of all groups together are proved."""

Core = frozenset[int]


@dataclass(frozen=True, slots=True)
class _Part:
    """What solves one group."""

    price: Price
    chosen: tuple[int, ...]
    options: tuple[tuple[Candidate, ...], ...]


def part_cores(cores: Sequence[Core]) -> list[list[Core]]:
    """Part cores into groups that share no line."""
    groups: list[list[Core]] = []
    for core in dict.fromkeys(cores):
        touching = [group for group in groups if any(core & other for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([*(other for group in touching for other in group), core])
    return sorted(groups, key=lambda group: min(map(min, group)))


class GroupSearch:
    """Looks for ways out that change more lines than are combined in one go."""

    def __init__(
        self, lines: AskedLines, trials: Trials, ledger: Ledger, sets: SetSearch, most: int
    ) -> None:
        """Prepare; see `RepairSearch`.

        Args:
            lines: The user's lines.
            trials: Answers whether changed requests have a solution.
            ledger: Proves fixes.
            sets: Looks at the changes of lines.
            most: So many lines of one group are changed at most.
        """
        self._lines = lines
        self._trials = trials
        self._ledger = ledger
        self._sets = sets
        self._most = most

    def run(self, view: View) -> Generator[Progress, None, bool]:
        """Solve each group by itself, and prove the best of all together.

        Returns:
            Whether the groups were joined; where not, nothing is known of so many lines.
        """
        yield from self._prove_removal(view)
        for _ in range(_MOST_ROUNDS):
            groups = part_cores(view.cores or [])
            if len(groups) < 2:
                return False
            parts: list[_Part] = []
            for group in groups:
                part = yield from self._solve_group(view, group, groups)
                if part is None:
                    return False
                parts.append(part)
            chosen = tuple(sorted(index for part in parts for index in part.chosen))
            base = self._lines.vary(view.context, chosen)
            if self._trials.try_variant(base).is_solvable:
                yield from self._join(view, base, chosen, parts)
                return True
            # A conflict that the others hid.
            view.cores = [*(view.cores or []), *self._lines.explain(base)]
        return False

    def _prove_removal(self, view: View) -> Steps:
        """Prove a way out, if a dear one, before the better ones are looked for."""
        chosen = set[int]()
        for group in part_cores(view.cores or []):
            members = frozenset(index for core in group for index in core)
            sets = (
                each
                for size in range(1, self._most + 1)
                for each in self._list_sets(group, members, size)
            )
            chosen |= set(next(sets, ()))
        removal = (*view.moves, *self._lines.remove(sorted(chosen)))
        yield from self._ledger.ensure_wish(removal)

    def _join(self, view: View, base: Variant, chosen: Sequence[int], parts: list[_Part]) -> Steps:
        removal = (*view.moves, *self._lines.remove(chosen))
        yield from self._ledger.ensure_wish(removal)
        self._ledger.defer(removal)
        yield from self._sets.pin_to_released(view, base, chosen)
        options = {
            index: candidates
            for part in parts
            for index, candidates in zip(part.chosen, part.options, strict=True)
        }
        yield from self._sets.walk(
            view, base, chosen, [options[index] for index in chosen],
            most_found=_ENOUGH, most=_MOST_JOINED,
        )  # fmt: skip

    def _solve_group(
        self, view: View, group: Sequence[Core], groups: Sequence[Sequence[Core]]
    ) -> Generator[Progress, None, _Part | None]:
        """Find the cheapest change of a group, while all lines of the others are left out."""
        mine = frozenset(index for core in group for index in core)
        others = {i for each in groups if each is not group for core in each for i in core}
        for size in range(1, self._most + 1):
            found: list[_Part] = []
            for chosen in islice(self._list_sets(group, mine, size), _MOST_SETS):
                yield self._ledger.begin(self._lines.remove(chosen))
                base = self._lines.vary(view.context, {*others, *chosen})
                if self._trials.try_variant(base).is_solvable:
                    found += self._price(view, base, chosen)
            if found:
                return min(found, key=lambda part: part.price)
        return None

    def _list_sets(
        self, group: Sequence[Core], mine: Core, size: int
    ) -> Generator[tuple[int, ...], None, None]:
        for chosen in combinations(sorted(mine, key=self._lines.weigh), size):
            if all(core & set(chosen) for core in group):
                yield tuple(sorted(chosen))

    def _price(self, view: View, base: Variant, chosen: tuple[int, ...]) -> list[_Part]:
        options = tuple(
            tuple(without_release(self._sets.search_line(view, base, index).list_options()))
            for index in chosen
        )
        for combination in islice(combine(options), _MOST_TRIES):
            if self._trials.try_variant(change_lines(base, chosen, combination)).is_solvable:
                return [_Part(price_of(combination), chosen, options)]
        return []
