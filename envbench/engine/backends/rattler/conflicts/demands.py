"""What some lines demand of each package that they lead to, and the shortest way there.

Read off what is left once everything has followed from the lines: a demand is what all that is
left of a package needs, or allows, of another one. Each step of a way is such a dependency.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from envbench.engine.backends.rattler.narrowing.domains import Domains
from envbench.engine.backends.rattler.narrowing.propagation import Propagation, unite
from envbench.engine.backends.rattler.narrowing.universe import Universe

MAX_OPTIONS = 6
"""Demands of some lines on one package that are kept, the nearest ones."""


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
    given: tuple[int, ...] = ()
    """Lines beside which this is so; without them there would be other ways."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is accepted of a package, and the way to it."""

    accepted: int
    way: Way


@dataclass(slots=True)
class Side:
    """Some lines, and what they demand."""

    lines: tuple[int, ...]
    domains: Domains
    demands: dict[str, list[Demand]] = field(default_factory=dict)
    """By name of a package, nearest first."""
    ways: dict[str, tuple[int, tuple[Hop, ...]]] = field(default_factory=dict)
    """By name of a required package: the line, and the packages before it."""

    def way_to(self, name: str, *, accepted: int) -> Way | None:
        """Give the way to a required package; None when no dependency leads there."""
        if name not in self.ways:
            return None
        line, hops = self.ways[name]
        return Way(line, hops, accepted=accepted if hops else None, given=self._others(line))

    def _others(self, line: int) -> tuple[int, ...]:
        return tuple(other for other in self.lines if other != line)

    def add(self, name: str, accepted: int, line: int, hops: tuple[Hop, ...], limits: bool) -> None:
        """Note a demand, unless a nearer one asks for no more."""
        known = self.demands.setdefault(name, [])
        is_new = not any(d.accepted & accepted == d.accepted for d in known)
        if is_new and len(known) < MAX_OPTIONS:
            given = self._others(line) if hops else ()
            known.append(Demand(accepted, Way(line, hops, limits=limits, given=given)))


def read_side(
    propagation: Propagation, lines: Iterable[int], domains: Domains | None = None
) -> Side:
    """Read off what some lines demand.

    Args:
        propagation: Concludes.
        lines: Their indexes.
        domains: What follows from them, when that is known.
    """
    chosen = tuple(sorted(lines))
    found = domains if domains is not None else propagation.follow(chosen)
    side = Side(chosen, found)
    waiting: list[str] = []
    for line in chosen:
        own = propagation.accepted(line)
        if own is not None:
            side.add(own[0], own[1], line, (), False)
            if own[0] not in side.ways:
                side.ways[own[0]] = line, ()
                waiting.append(own[0])
    for name in waiting:
        waiting += _look_from(propagation.universe, side, name)
    return side


def _look_from(universe: Universe, side: Side, name: str) -> list[str]:
    """Note what a package demands; list what it leads to for the first time."""
    left = side.domains.left.get(name, 0)
    line, before = side.ways[name]
    hops = (*before, Hop(name, left))
    needs, limits = universe.needs.get(name, {}), universe.limits.get(name, {})
    new = []
    for other in sorted(needs):
        covered, accepted = unite(needs[other], left)
        if left and covered == left:
            side.add(other, accepted, line, hops, False)
            if other not in side.ways:
                side.ways[other] = line, hops
                new.append(other)
    for other in sorted(limits):
        covered, accepted = unite(limits[other], left)
        more, more_accepted = unite(needs.get(other, ()), left & ~covered)
        if left and covered | more == left:
            side.add(other, accepted | more_accepted, line, hops, True)
    return new
