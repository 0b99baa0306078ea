"""How a core comes about: the package in which its lines meet, and the ways that lead there.

The ways are read off what follows from some of the lines. Where each line by itself leads to the
same package, and what they leave of it has nothing in common, that is the whole story. Where it
takes one line to make others meet, that one is a condition. Else the story is the order in which
things were taken away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from envbench.engine.backends.rattler.domains import Domains, Why
from envbench.engine.backends.rattler.judge import Part
from envbench.engine.backends.rattler.propagation import Propagation

MAX_CONDITIONS = 2
MAX_OPTIONS = 6
"""Demands of one line on one package that are tried."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One package on the way, and what was left of it."""

    name: str
    left: int


@dataclass(frozen=True, slots=True)
class Way:
    """From a line to the package in which the lines meet."""

    line: int
    hops: tuple[Hop, ...]
    """The line's own package first; empty when that is where the lines meet."""
    limits: bool = False
    """Whether the last one forbids something rather than needs it."""
    accepted: int | None = None
    """What it leaves of the meeting, where no single dependency says so."""


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell."""

    meeting: str
    ways: tuple[Way, ...]
    conditions: tuple[int, ...] = ()
    """Lines without which the others would not meet."""
    is_whole: bool = True
    """Whether it tells of everything that is left of each package on the way."""


def find_story(propagation: Propagation, part: Part) -> Story | None:
    """Find out where and how the lines of a core meet, without reading the order of things."""
    lines = sorted(part)
    for size in range(min(MAX_CONDITIONS, len(lines) - 2) + 1):
        found = [
            story
            for conditions in combinations(lines, size)
            if (story := _meet(propagation, lines, conditions)) is not None
        ]
        if found:
            return min(found, key=_rank)
    return None


def _meet(
    propagation: Propagation, lines: Sequence[int], conditions: Sequence[int]
) -> Story | None:
    rest = [line for line in lines if line not in conditions]
    if len(rest) < 2:
        return None
    follows = {line: propagation.follow([*conditions, line]) for line in rest}
    if any(domains.emptied for domains in follows.values()):
        return None
    shared = set.intersection(*(set(domains.required) for domains in follows.values()))
    stories = [
        Story(name, ways, tuple(conditions))
        for name in sorted(shared)
        if (ways := _meet_in(propagation, follows, name)) is not None
    ]
    return min(stories, key=_rank, default=None)


def _meet_in(
    propagation: Propagation, follows: Mapping[int, Domains], name: str
) -> tuple[Way, ...] | None:
    """Find the shortest ways to one package whose demands have nothing in common."""
    base = propagation.base.left.get(name, 0)
    options = [
        _list_demands(propagation, domains, name, line)[:MAX_OPTIONS]
        for line, domains in follows.items()
    ]
    best: tuple[Way, ...] | None = None
    for choice in product(*options):
        left = base
        for mask, _ in choice:
            left &= mask
        ways = tuple(way for _, way in choice)
        if not left and (best is None or _length(ways) < _length(best)):
            best = ways
    return best


def _list_demands(
    propagation: Propagation, domains: Domains, name: str, line: int
) -> list[tuple[int, Way]]:
    """List what a line demands of a package, each demand with the way to it, short ways first."""
    own = propagation.accepted(line)
    demands = [(own[1], Way(line, ()))] if own is not None and own[0] == name else []
    for step in domains.steps:
        if step.name == name and step.why in (Why.NEEDED, Why.LIMITED):
            hops = find_way(propagation, domains, step.other, line)
            last = Hop(step.other, step.other_left)
            way = Way(line, (*hops, last), limits=step.why is Why.LIMITED)
            demands.append((step.accepted, way))
    return sorted(demands, key=lambda demand: len(demand[1].hops))


def find_way(
    propagation: Propagation, domains: Domains, name: str, line: int | None = None
) -> tuple[Hop, ...]:
    """List the packages from a line to one that is required, which is left out itself.

    Args:
        propagation: Knows what lines ask for.
        domains: What follows.
        name: Where to.
        line: Where from; the way ends early at its own package.
    """
    own = (propagation.accepted(line) or ("", 0))[0] if line is not None else ""
    hops: list[Hop] = []
    while name != own and domains.required.get(name):
        name = domains.required[name]
        hops.append(Hop(name, domains.left.get(name, 0)))
    return tuple(reversed(hops))


def _rank(story: Story) -> tuple[int, int, int, str]:
    """Short ways first; of equals, where a line names the package, or it is one that people know."""
    length = _length(story.ways)
    named = any(not way.hops for way in story.ways)
    return length, 0 if named else 1, _fame(story.meeting), story.meeting


def _length(ways: Iterable[Way]) -> int:
    return sum(len(way.hops) for way in ways)


def _fame(name: str) -> int:
    # python_abi says in other words what python says.
    return 0 if name == "python" else 2 if name.startswith(("python_abi", "_")) else 1


def demanded(propagation: Propagation, story: Story) -> int:
    """Return what the last packages of all ways accept of the meeting, between them."""
    universe, accepted = propagation.universe, 0
    for way in story.ways:
        if way.hops:
            table = universe.limits if way.limits else universe.needs
            groups = table.get(way.hops[-1].name, {}).get(story.meeting, ())
            for mask, which in groups:
                accepted |= mask if which & way.hops[-1].left else 0
    return accepted


def owners(propagation: Propagation, part: Iterable[int]) -> Mapping[str, int]:
    """Tell which line asks for a package; the first one of several."""
    found: dict[str, int] = {}
    for line in sorted(part):
        accepted = propagation.accepted(line)
        if accepted is not None:
            found.setdefault(accepted[0], line)
    return found
