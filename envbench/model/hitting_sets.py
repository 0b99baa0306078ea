"""Smallest choices that take at least one member of every set of some sets.

Of conflicts that each need all of their lines, such a choice of lines ends them all.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import combinations

MOST_MEMBERS = 24
"""Above so many different members only choices of one and two are looked for."""
MOST_TAKEN = 4


def smallest_hitting_sets(
    sets: Sequence[Collection[int]], weigh: Callable[[int], int] = lambda _: 0
) -> tuple[tuple[int, ...], ...]:
    """List all smallest choices.

    Args:
        sets: None of them empty. No sets at all are hit by the empty choice.
        weigh: What one member costs; of equally many members the cheapest choice comes first, then
            the one with the lowest numbers.

    Returns:
        Choices of equal size, each sorted; empty when none of at most `MOST_TAKEN` members does.
    """
    if not sets:
        return ((),)
    members = sorted({member for each in sets for member in each})
    most = MOST_TAKEN if len(members) <= MOST_MEMBERS else 2
    for size in range(1, most + 1):
        found = [
            choice
            for choice in combinations(members, size)
            if all(any(member in each for member in choice) for each in sets)
        ]
        if found:
            return tuple(sorted(found, key=lambda c: (sum(map(weigh, c)), c)))
    return ()
