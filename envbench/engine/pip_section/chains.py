"""From uv's statements to chains: from each of the user's items to where they meet."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from envbench.engine.pip_section.conda_part import excludes
from envbench.engine.pip_section.items import specifier_of
from envbench.engine.pip_section.prose import Demand, Prose, Term
from envbench.model.conflict import Chain, Link, SpecLine

_MOST_RANGES = 3

Steps = tuple[tuple[str, str], ...]
"""Names of neighbours, `((openai, httpx), (httpx, anyio))`."""


class Meeting(NamedTuple):
    """Where chains meet."""

    name: str
    """Normalised name of a distribution; empty when none could be read."""
    chains: tuple[Chain, ...]
    """One for each line for which a way could be read."""


class DemandGraph:
    """Who wants what of whom, as far as uv said it."""

    def __init__(self, proses: Iterable[Prose], pins: Mapping[str, str] | None = None) -> None:
        """Join what several explanations say.

        Args:
            proses: The more exact ones last.
            pins: What conda owns; uv words its pins as if packages asked for them.
        """
        self._ranges: defaultdict[tuple[str, str], list[Demand]] = defaultdict(list)
        for prose in proses:
            for demand in prose.demands:
                pin = (pins or {}).get(demand.what.name)
                if pin is None or demand.what.versions != f"=={pin}":
                    self._ranges[demand.who.name, demand.what.name].append(demand)
        self._followers: defaultdict[str, list[str]] = defaultdict(list)
        for who, what in sorted(self._ranges):
            self._followers[who].append(what)

    def way(self, start: str, end: str) -> Steps | None:
        """Find the shortest way; given statements are preferred to concluded ones."""
        return self._search(start, end, given_only=True) or self._search(start, end)

    def _search(self, start: str, end: str, *, given_only: bool = False) -> Steps | None:
        waiting: deque[tuple[str, Steps]] = deque([(start, ())])
        seen = {start}
        while waiting:
            name, steps = waiting.popleft()
            if name == end:
                return steps
            for other in self._followers[name]:
                if other not in seen and (not given_only or self._is_given(name, other)):
                    seen.add(other)
                    waiting.append((other, (*steps, (name, other))))
        return None

    def _is_given(self, who: str, what: str) -> bool:
        return any(not demand.is_concluded for demand in self._ranges[who, what])

    def ranges(self, who: str, what: str) -> tuple[str, ...]:
        """Say which versions of `what` any version of `who` wants; each once, at most a few."""
        demands = self._ranges[who, what]
        widest = [demand for demand in demands if demand.is_concluded]
        found = dict.fromkeys(demand.what.versions for demand in (widest or demands))
        return tuple(sorted(found))[:_MOST_RANGES]

    def versions(self, who: str, what: str) -> str:
        """Say of which versions of `who` this is said: `2.0.0 ... 2.48.0`; empty for any."""
        demands = self._ranges[who, what]
        widest = [demand for demand in demands if demand.is_concluded] or demands
        told = dict.fromkeys(spell_versions(demand.who) for demand in widest)
        return next(iter(told)) if len(told) == 1 else ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of all that somebody wants."""
        return tuple(sorted({what for _, what in self._ranges}))

    def chain(self, line: SpecLine, steps: Steps) -> Chain:
        """Tell a way in words."""
        links = [self._link(*step) for step in steps]
        return Chain(
            line=line,
            links=tuple(links),
            demand=links[-1].needs if links else f"{line.text}",
        )

    def _link(self, who: str, what: str) -> Link:
        needs = " or ".join(f"{what} {versions}".strip() for versions in self.ranges(who, what))
        return Link(f"{who} {self.versions(who, what)}".strip(), needs)


def spell_versions(term: Term) -> str:
    """Spell versions that exist: `2.13.0`, `2.0.0 ... 2.48.0`, `>=3`."""
    parts = term.versions.split(",")
    if len(parts) == 1 and parts[0].startswith("==") and not parts[0].endswith("*"):
        return parts[0][2:]
    if len(parts) == 2 and parts[0].startswith(">=") and parts[1].startswith("<="):
        return f"{parts[0][2:]} ... {parts[1][2:]}"
    return term.versions


def find_meeting(
    graph: DemandGraph, lines: Sequence[SpecLine], pins: Collection[str] = ()
) -> Meeting:
    """Find the package of which the lines want what does not meet.

    Args:
        graph: What uv said.
        lines: The pip items of one core.
        pins: Distributions of conda that are part of the core: the lines meet in one of them.
    """
    if not pins and len(lines) < 2:
        return Meeting("", ())
    rated = []
    for name in sorted(pins) or graph.wanted:
        ways = [(line, graph.way(line.name, name)) for line in lines]
        found = [(line, steps) for line, steps in ways if steps is not None]
        length = sum(len(steps) for _, steps in found)
        if not found or (len(found) < 2 and not pins):
            continue
        demands = [_demands(graph, line, steps) for line, steps in found]
        chains = tuple(graph.chain(line, steps) for line, steps in found)
        rated.append(((not _disagree(demands), -len(found), length, name), Meeting(name, chains)))
    return min(rated, key=lambda each: each[0])[1] if rated else Meeting("", ())


def _demands(graph: DemandGraph, line: SpecLine, steps: Steps) -> tuple[str, ...]:
    """Give the version ranges that a line wants of the package at the end of a way."""
    if steps:
        return graph.ranges(*steps[-1])
    return (specifier_of(line.text),)


def _disagree(demands: Sequence[tuple[str, ...]]) -> bool:
    """Whether two of the demands have no version in common."""
    return any(
        all(excludes(f"x {versions}", other) for versions in one)
        for one, other in combinations(demands, 2)
    )
