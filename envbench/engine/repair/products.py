"""Combinations of changes, cheapest first, without making all of them."""

import heapq
from collections.abc import Iterator, Sequence

from envbench.model.repair_candidate import Candidate
from envbench.model.version_steps import Distance, add_distances

Price = tuple[int, int, Distance]
"""(lines, removals, version distance at least)"""


def price_of(candidates: Sequence[Candidate]) -> Price:
    """Say what a combination costs at least."""
    return (
        sum(candidate.lines for candidate in candidates),
        sum(candidate.removals for candidate in candidates),
        add_distances(candidate.least for candidate in candidates),
    )


def combine(options: Sequence[Sequence[Candidate]]) -> Iterator[tuple[Candidate, ...]]:
    """Give one candidate of every list, the cheapest combination first.

    Of equally cheap ones those of the earlier lists change last.
    """
    if not options or any(not each for each in options):
        return
    ordered = [sorted(each, key=lambda c: price_of((c,))) for each in options]

    def price(places: tuple[int, ...]) -> Price:
        return price_of([each[place] for each, place in zip(ordered, places, strict=True)])

    start = (0,) * len(ordered)
    heap = [(price(start), start)]
    seen = {start}
    while heap:
        _, places = heapq.heappop(heap)
        yield tuple(each[place] for each, place in zip(ordered, places, strict=True))
        for index, place in enumerate(places):
            following = (*places[:index], place + 1, *places[index + 1 :])
            if place + 1 < len(ordered[index]) and following not in seen:
                seen.add(following)
                heapq.heappush(heap, (price(following), following))
