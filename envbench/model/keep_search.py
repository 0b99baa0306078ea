"""The fewest packages that must give way so that all others can stay as they are.

Sets of kept packages that have no solution together are narrowed down to the smallest such sets;
a smallest choice that takes one member of each of them is tried, and what still stands against it
is narrowed down next. The first choice that has a solution is a smallest one.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

MOST_ASKED = 400
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """Whether some packages can all stay."""

    is_solvable: bool
    named: frozenset[str] = frozenset()
    """Packages that the refusal speaks of; they are looked at first."""


@dataclass(frozen=True, slots=True)
class KeepOutcome:
    """What gives way."""

    freed: frozenset[str]
    is_fewest: bool
    """Whether no smaller number would do; otherwise none of them alone could stay."""


Ask = Callable[[frozenset[str]], KeepAnswer]


def find_fewest_freed(
    names: Collection[str], ask: Ask, *, most_asked: int = MOST_ASKED
) -> KeepOutcome | None:
    """Find the fewest packages that must be freed.

    Args:
        names: Packages that are to stay.
        ask: Tells whether all of these can stay at once; asked once for each set.
        most_asked: After so many questions a choice is taken that may not be the smallest.

    Returns:
        None when there is no solution even with all of them freed.
    """
    return _Search(tuple(sorted(names)), ask, most_asked).run()


class _Search:
    def __init__(self, names: tuple[str, ...], ask: Ask, most_asked: int) -> None:
        self._names = names
        self._ask = ask
        self._most = most_asked
        self._known: dict[frozenset[str], KeepAnswer] = {}

    def run(self) -> KeepOutcome | None:
        everything = frozenset(self._names)
        if self._can_stay(everything):
            return KeepOutcome(frozenset(), True)
        if not self._can_stay(frozenset()):
            return None
        cores: list[frozenset[str]] = []
        while len(self._known) < self._most:
            choice = smallest_choice(cores)
            if choice is None:
                break
            kept = everything - choice
            if self._can_stay(kept):
                return KeepOutcome(choice, True)
            cores.append(self._find_core(kept))
        return KeepOutcome(everything - self._grow(frozenset(), self._names), False)

    def _can_stay(self, kept: frozenset[str]) -> bool:
        if kept not in self._known:
            self._known[kept] = self._ask(kept)
        return self._known[kept].is_solvable

    def _find_core(self, kept: frozenset[str]) -> frozenset[str]:
        """Narrow down packages that cannot all stay."""
        named = self._known[kept].named & kept
        suspects = named if named and not self._can_stay(named) else kept
        return frozenset(self._narrow(frozenset(), sorted(suspects), added=False))

    def _narrow(
        self, ground: frozenset[str], suspects: Sequence[str], *, added: bool
    ) -> tuple[str, ...]:
        """Halve again and again (QuickXplain).

        Source: U. Junker, "QuickXplain", AAAI 2004.
        """
        if added and not self._can_stay(ground):
            return ()
        if len(suspects) == 1:
            return tuple(suspects)
        left, right = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
        second = self._narrow(ground | set(left), right, added=True)
        first = self._narrow(ground | set(second), left, added=bool(second))
        return (*first, *second)

    def _grow(self, kept: frozenset[str], more: Sequence[str]) -> frozenset[str]:
        """Add all that can stay beside what is kept, halves at once."""
        if not more or self._can_stay(kept | set(more)):
            return kept | set(more)
        if len(more) == 1:
            return kept
        kept = self._grow(kept, more[: len(more) // 2])
        return self._grow(kept, more[len(more) // 2 :])


def smallest_choice(sets: Sequence[frozenset[str]]) -> frozenset[str] | None:
    """Choose the fewest members such that each set has one; of equally many the first by name.

    Returns:
        None when finding it takes too many steps.
    """
    steps = 0

    def search(
        left: Sequence[frozenset[str]], chosen: frozenset[str], room: int
    ) -> frozenset[str] | None:
        nonlocal steps
        steps += 1
        if not left:
            return chosen
        if steps > _MOST_STEPS or _count_apart(left) > room:
            return None
        narrowest: frozenset[str] = min(left, key=lambda each: (len(each), sorted(each)))
        for member in sorted(narrowest):
            rest = [each for each in left if member not in each]
            found = search(rest, chosen | {member}, room - 1)
            if found is not None:
                return found
        return None

    for size in range(len(sets) + 1):
        found = search(sets, frozenset(), size)
        if found is not None:
            return found
        if steps > _MOST_STEPS:
            return None
    return None


def _count_apart(sets: Sequence[frozenset[str]]) -> int:
    """Count sets without a common member: each takes a member of its own."""
    seen: set[str] = set()
    count = 0
    for each in sorted(sets, key=len):
        if not each & seen:
            count += 1
            seen |= each
    return count
