"""The story of a core, read off the order in which things were taken away."""

from collections.abc import Mapping
from dataclasses import replace

from envbench.engine.backends.rattler.conflicts.demands import Hop, Way
from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.stories import Story, owners
from envbench.engine.backends.rattler.narrowing.domains import Domains, Step, Why
from envbench.engine.backends.rattler.narrowing.propagation import Propagation

MAX_DEPTH = 12
_DEMANDS = (Why.LINE, Why.NEEDED, Why.LIMITED)


def trace_story(
    propagation: Propagation, part: Part, domains: Domains | None = None
) -> Story | None:
    """Tell how a required package came to have nothing left; None when none did.

    Args:
        propagation: Concludes.
        part: The lines.
        domains: What follows from them, when that is known.
    """
    domains = domains if domains is not None else propagation.follow(part)
    if not domains.emptied:
        return None
    return _Trace(propagation, part, domains).tell()


def find_way(domains: Domains, name: str) -> tuple[Hop, ...]:
    """List the packages from a line to one that is required, which is left out itself."""
    hops: list[Hop] = []
    while domains.required.get(name):
        name = domains.required[name]
        hops.append(Hop(name, domains.left.get(name, 0)))
    return tuple(reversed(hops))


class _Trace:
    """Goes back from the emptied package to what emptied it."""

    def __init__(self, propagation: Propagation, part: Part, domains: Domains) -> None:
        self._propagation = propagation
        self._domains = domains
        self._owners: Mapping[str, int] = owners(propagation, part)
        self._part = part
        self._is_whole = True

    def tell(self) -> Story:
        name = self._domains.emptied
        prefix: tuple[Hop, ...] = ()
        taken = self._propagation.base.left.get(name, 0)
        if name in self._owners:
            asked = (self._propagation.accepted(self._owners[name]) or ("", 0))[1]
            if not asked & taken:
                return self._tell_dead(name, asked)
        demands = self._demands(name)
        for _ in range(MAX_DEPTH):
            left = taken & self._propagation.base.left.get(name, 0)
            for step in demands:
                left &= step.accepted
            if not left:
                break
            lacking = self._find_lacking(name, left, self._domains)
            if lacking is None:
                break
            way = prefix or find_way(self._domains, name)
            out, taken = self._lacking_of(name, left, lacking, self._domains)
            self._is_whole = self._is_whole and out == left
            prefix = (*way, Hop(name, out))
            name, demands = lacking, self._demands(lacking)
        return self._conclude(name, prefix, taken, demands)

    def _tell_dead(self, name: str, left: int) -> Story:
        """Tell of a line of which nothing can be installed, whatever else is asked for."""
        root, hops, seen = self._owners[name], [], {name}
        universe, base = self._propagation.universe, self._propagation.base
        while True:
            lacking = self._find_lacking(name, left, base)
            if lacking is None:
                break
            out, accepted = self._lacking_of(name, left, lacking, base)
            self._is_whole = self._is_whole and out == left
            hops.append(Hop(name, out))
            visible = universe.first_tier(lacking, universe.full(lacking))
            name, left = lacking, accepted & visible & universe.usable.get(lacking, 0)
            if name.startswith("__") or not left or name in seen:
                break
            seen.add(name)
        conditions = tuple(line for line in sorted(self._part) if line != root)
        return Story(name, (Way(root, tuple(hops), given=conditions),), conditions, self._is_whole)

    def _demands(self, name: str) -> list[Step]:
        return [
            step
            for step in self._domains.steps
            if step.name == name
            and step.why in _DEMANDS
            and (step.why is not Why.LINE or name in self._owners)
        ]

    def _find_lacking(self, name: str, left: int, domains: Domains) -> str | None:
        """Find the package for lack of which most of what is left of another one goes."""
        gone: dict[str, int] = {}
        for other, groups in self._propagation.universe.needs.get(name, {}).items():
            there = domains.left.get(other, 0)
            out = 0
            for accepted, which in groups:
                if not accepted & there:
                    out |= which
            if out & left:
                gone[other] = (out & left).bit_count()
        return min(gone, key=lambda other: (-gone[other], other), default=None)

    def _lacking_of(self, name: str, left: int, other: str, domains: Domains) -> tuple[int, int]:
        """Tell which of some records can't be for lack of a package, and what they accept of it."""
        there = domains.left.get(other, 0)
        out = accepted = 0
        for mask, which in self._propagation.universe.needs[name][other]:
            if which & left and not mask & there:
                out |= which & left
                accepted |= mask
        return out, accepted

    def _conclude(
        self, name: str, prefix: tuple[Hop, ...], taken: int, demands: list[Step]
    ) -> Story:
        needed = _smallest(taken & self._propagation.base.left.get(name, 0), demands)
        ways = [self._way(step) for step in needed]
        if prefix:
            ways.insert(0, self._beside(Way(self._root(prefix[0].name), prefix)))
        if len(self._part) > 1:
            # What one of them leads to beside the others is no demand of its own.
            ways = [way for way in ways if way.hops][:1] or ways
        named = {way.line for way in ways}
        conditions = tuple(line for line in sorted(self._part) if line not in named)
        return Story(name, tuple(ways), conditions, self._is_whole)

    def _way(self, step: Step) -> Way:
        if step.why is Why.LINE:
            return Way(self._owners[step.name], ())
        hops = find_way(self._domains, step.other)
        whole = (*hops, Hop(step.other, step.other_left))
        root = self._root(whole[0].name)
        return self._beside(Way(root, whole, limits=step.why is Why.LIMITED))

    def _beside(self, way: Way) -> Way:
        """Say that this is so beside the other lines: any of them may have had a hand in it."""
        return replace(way, given=tuple(line for line in sorted(self._part) if line != way.line))

    def _root(self, name: str) -> int:
        return self._owners.get(name, min(self._part))


def _smallest(taken: int, demands: list[Step]) -> list[Step]:
    """Leave out demands, the latest first, that the others make needless."""
    kept = list(demands)
    for step in reversed(demands):
        left = taken
        for other in kept:
            if other is not step:
                left &= other.accepted
        if not left:
            kept.remove(step)
    return kept
