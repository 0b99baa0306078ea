"""How a core comes about: the package in which its lines meet, and the ways that lead there.

A core has no solution, each smaller part of it has one. So two parts that make up the core between
them are looked for, of which each demands something of the same package, and both together what no
record of it satisfies. Parts of one line come first; a line that stands beside another one only
narrows down what that one leads to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from envbench.engine.backends.rattler.conflicts.demands import Demand, Side, Way, read_side
from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.package_words import MAX_TEXTS, list_told
from envbench.engine.backends.rattler.narrowing.propagation import Propagation, unite
from envbench.model.version import compare_versions

MAX_SIDES = 24
"""Parts of a core that are looked at, at most."""
MAX_READ = 12
"""Meetings, the nearest first, of which one is looked for that can be told by its versions."""
_FAR = 3
"""A meeting that a line names is told rather than any other up to so many steps away."""


@dataclass(frozen=True, slots=True)
class Story:
    """What there is to tell."""

    meeting: str
    ways: tuple[Way, ...]
    conditions: tuple[int, ...] = ()
    """Lines that have no way of their own."""
    is_whole: bool = True
    """Whether it tells of everything that is left of each package on the way."""
    dead: int = 0
    """What of the meeting all would accept, but cannot be installed whatever is asked for."""


@dataclass(slots=True)
class _Sides:
    """Reads each part once."""

    propagation: Propagation
    known: dict[Part, Side] = field(default_factory=dict)

    def read(self, part: Part) -> Side | None:
        if part not in self.known:
            if len(self.known) >= MAX_SIDES:
                return None
            self.known[part] = read_side(self.propagation, part)
        return self.known[part]


def find_story(propagation: Propagation, part: Part) -> Story | None:
    """Find out where and how the lines of a core meet.

    Returns:
        None where no two demands exclude each other: there it takes a choice, or more than two.
    """
    sides = _Sides(propagation)
    names = set(owners(propagation, part))
    for shared in range(max(1, len(part) - 1)):
        found = [
            story
            for one, other in _pair_up(sorted(part), shared)
            if (first := sides.read(one)) and (second := sides.read(other))
            for story in _list_meetings(propagation, part, first, second)
        ]
        if found:
            return _choose(propagation, found, names)
    return None


def meet_sides(propagation: Propagation, part: Part, first: Side, second: Side) -> Story | None:
    """Find where two sides of a core meet, the nearest place."""
    names = set(owners(propagation, part))
    return _choose(propagation, _list_meetings(propagation, part, first, second), names)


def _choose(propagation: Propagation, found: Sequence[Story], names: Iterable[str]) -> Story | None:
    """Take the nearest one, and of the first few one that reads as what it is."""
    ranked = sorted(found, key=lambda story: _rank(story, names))
    for story in ranked[:MAX_READ]:
        if not is_blurred(propagation, story):
            return story
    return ranked[0] if ranked else None


def is_blurred(propagation: Propagation, story: Story) -> bool:
    """Tell whether demands do not meet, but the ends of the versions that are told of them do."""
    masks = [_accepted_of(propagation, story, way) for way in story.ways]
    told = [list_told(propagation.universe, story.meeting, mask) for mask in masks]
    if len(told) != 2 or not all(told):
        return False
    return _reaches_into(*told) or _reaches_into(*reversed(told))


def _reaches_into(some: Sequence[str], many: Sequence[str]) -> bool:
    """Tell whether a version lies between the ends of many, of which only these are told."""
    if len(many) <= MAX_TEXTS:
        return False
    return any(
        compare_versions(many[0], one) >= 0 and compare_versions(one, many[-1]) >= 0 for one in some
    )


def _accepted_of(propagation: Propagation, story: Story, way: Way) -> int:
    universe = propagation.universe
    if not way.hops:
        own = propagation.accepted(way.line)
        return own[1] & universe.full(story.meeting) if own else 0
    if way.accepted is not None:
        return way.accepted
    _, accepted = unite(
        (universe.limits if way.limits else universe.needs)
        .get(way.hops[-1].name, {})
        .get(story.meeting, ()),
        way.hops[-1].left,
    )
    return accepted & universe.full(story.meeting)


def _pair_up(lines: Sequence[int], shared: int) -> Iterator[tuple[Part, Part]]:
    """List the pairs of parts that make up all lines and have so many in common."""
    for common in combinations(lines, shared):
        rest = [line for line in lines if line not in common]
        for size in range(1, len(rest)):
            for chosen in combinations(rest, size):
                # Each pair once: the first of the rest is always on the first side.
                if chosen[0] == rest[0]:
                    others = set(rest) - set(chosen)
                    yield frozenset({*common, *chosen}), frozenset({*common, *others})


def _list_meetings(propagation: Propagation, part: Part, first: Side, second: Side) -> list[Story]:
    return [
        story
        for name in sorted(first.demands.keys() & second.demands.keys())
        if name in first.domains.required or name in second.domains.required
        for story in _meet_in(propagation, part, name, first, second)
    ]


def _meet_in(
    propagation: Propagation, part: Part, name: str, first: Side, second: Side
) -> Iterator[Story]:
    """List pairs of demands on one package that have nothing in common that can be installed."""
    base = propagation.base.left.get(name, 0)
    usable = propagation.universe.usable.get(name, 0)
    for mine, other in product(first.demands[name], second.demands[name]):
        both = mine.accepted & other.accepted
        if not both & base and _says_something(mine, other):
            ways = (mine.way, other.way)
            named = {way.line for way in ways}
            conditions = tuple(line for line in sorted(part) if line not in named)
            yield Story(name, ways, conditions, dead=both & usable)


def _says_something(mine: Demand, other: Demand) -> bool:
    """Leave out what would be told of two dependencies of one and the same package."""
    return bool(not mine.way.hops or not other.way.hops or mine.way.hops != other.way.hops)


def _rank(story: Story, names: Iterable[str]) -> tuple[bool, bool, int, bool, int, str]:
    """Near ones first; of equals, those that a line names, or that are known by their names."""
    length = sum(len(way.hops) for way in story.ways)
    is_named = any(not way.hops for way in story.ways)
    related = any(name in story.meeting for name in names if len(name) > 2)
    is_near = is_named and length <= _FAR
    return bool(story.dead), not is_near, length, not related, _fame(story.meeting), story.meeting


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
