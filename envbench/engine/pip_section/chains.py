"""From uv's statements to chains: from each of the user's items to where they meet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from envbench.engine.pip_section.conda_part import excludes
from envbench.engine.pip_section.demands import DemandGraph, Steps
from envbench.engine.pip_section.items import specifier_of
from envbench.model.conflict import Chain, SpecLine

_MOST_RANGES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Where chains meet."""

    name: str = ""
    """Normalised name of a distribution; empty when none could be read."""
    chains: tuple[Chain, ...] = ()
    """One for each line for which a way could be read."""
    ranges: tuple[str, ...] = ()
    """Versions that all of these lines together want, any of which will do."""
    is_whole: bool = False
    """Whether there is a way for each line, and no package in between was skipped."""


NO_MEETING = Meeting()


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
        return NO_MEETING
    rated = []
    named = {line.name for line in lines}
    shared = {name for name in named if [line.name for line in lines].count(name) > 1}
    for name in sorted(pins) or sorted(shared.union(graph.wanted)):
        ways = [(line, graph.way(line.name, name)) for line in lines]
        found = [(line, steps) for line, steps in ways if steps is not None]
        if not found or (len(found) < 2 and not pins):
            continue
        demands = [_demands(graph, line, steps) for line, steps in found]
        length = sum(len(steps) for _, steps in found)
        meeting = Meeting(
            name=name,
            chains=tuple(graph.chain(line, steps) for line, steps in found),
            ranges=_combine(demands),
            is_whole=len(found) == len(lines) and all(graph.is_given(steps) for _, steps in found),
        )
        rated.append(((not _disagree(demands), -len(found), length, name), meeting))
    return min(rated, key=lambda each: each[0])[1] if rated else NO_MEETING


def choose_meeting(first: Meeting, second: Meeting) -> Meeting:
    """Take what tells more: more chains, then those that skip nothing, then the first."""
    return max(first, second, key=lambda each: (len(each.chains), each.is_whole))


def _demands(graph: DemandGraph, line: SpecLine, steps: Steps) -> tuple[str, ...]:
    """Give the version ranges that a line wants of the package at the end of a way."""
    if steps:
        return graph.ranges(*steps[-1])
    return (specifier_of(line.text),)


def _combine(demands: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Join the alternatives of several lines; nothing when there are too many of them."""
    joined = dict.fromkeys(",".join(filter(None, each)) for each in product(*demands))
    found = tuple(versions for versions in joined if versions)
    return found if len(found) <= _MOST_RANGES else ()


def _disagree(demands: Sequence[tuple[str, ...]]) -> bool:
    """Whether two of the demands have no version in common."""
    return any(
        all(excludes(f"x {versions}", other) for versions in one)
        for one, other in combinations(demands, 2)
    )
