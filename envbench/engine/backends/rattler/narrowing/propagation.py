"""What follows from some lines without any search: which records can't be part of a solution.

A record is out when it needs a package of which nothing is left that it accepts, or excludes all
that is left of a package that is required. A package is required when a line asks for it, or when
all that is left of a required one needs it; of such a package only that is left which they accept
between them. When nothing is left of a required package, the lines have no solution. The reverse
does not hold: where a choice has to be made, only the solver knows.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from envbench.engine.backends.rattler.narrowing.domains import Domains, Step, Why
from envbench.engine.backends.rattler.narrowing.universe import ELSEWHERE, HERE, Universe

MAX_FOLLOWED = 64
"""Conclusions that are kept."""


@dataclass(slots=True)
class Propagation:
    """Draws the conclusions, starting each time from what holds whatever the lines are."""

    universe: Universe
    lines: Mapping[int, str]
    """All lines that may take part, by index."""
    free: frozenset[str] = frozenset()
    """Names that further lines may ask for in any way: strict priority hides nothing of them."""
    supplied: frozenset[str] = frozenset()
    """Virtual packages that are taken to be there in whatever version is needed."""
    _base: Domains | None = None
    _followed: dict[tuple[frozenset[int], tuple[tuple[str, int], ...]], Domains] = field(
        default_factory=dict
    )
    _supposed: dict[frozenset[str], "Propagation"] = field(default_factory=dict)
    _accepted: dict[int, tuple[str, int] | None] = field(default_factory=dict)

    @property
    def base(self) -> Domains:
        """What is left whatever the lines are."""
        return self._prepare()

    def follow(
        self, chosen: Iterable[int], *, only: Mapping[str, int] = MappingProxyType({})
    ) -> Domains:
        """Conclude from the chosen lines alone.

        Args:
            chosen: Their indexes.
            only: By name, what else is taken for granted of some packages.
        """
        key = frozenset(chosen), tuple(sorted(only.items()))
        if key not in self._followed:
            while len(self._followed) >= MAX_FOLLOWED:
                self._followed.pop(next(iter(self._followed)))
            self._followed[key] = self._conclude(key[0], only)
        return self._followed[key]

    def _conclude(self, chosen: frozenset[int], only: Mapping[str, int]) -> Domains:
        work = _Work(self.universe, _copy(self._prepare()))
        asked: dict[str, list[int]] = {}
        for index in sorted(chosen):
            found = self.accepted(index)
            if found is not None:
                asked.setdefault(found[0], []).append(found[1])
        # In a fixed order: which of several reasons is told must not depend on how names hash.
        for name in sorted(self._own_names()):
            if name not in self.free:
                masks = asked.get(name, [self.universe.full(name)])
                seen = 0
                for mask in masks:
                    seen |= mask
                work.keep(name, self.universe.first_tier(name, seen))
        for name, masks in asked.items():
            for mask in masks:
                work.keep(name, mask)
            work.require(name, "")
        for name, mask in only.items():
            work.keep(name, mask)
        work.run()
        return work.domains

    def suppose(self, *names: str) -> "Propagation":
        """Conclude as if the box had some properties in whatever version is needed."""
        supplied = self.supplied | frozenset(names)
        if supplied not in self._supposed:
            self._supposed[supplied] = Propagation(self.universe, self.lines, self.free, supplied)
        return self._supposed[supplied]

    def set_free(self, names: Iterable[str]) -> "Propagation":
        """Conclude what holds whatever else lines ask for of some packages.

        Under strict priority a line can bring in the channel from which another one needs something.
        """
        if not self.universe.is_strict:
            return self
        return Propagation(self.universe, self.lines, self.free | frozenset(names), self.supplied)

    def accepted(self, index: int) -> tuple[str, int] | None:
        """Tell what a line accepts: a name, and a set of its records."""
        if index not in self._accepted:
            self._accepted[index] = self.universe.match_line(self.lines[index])
        return self._accepted[index]

    def _asked(self) -> set[str]:
        found = (self.accepted(index) for index in self.lines)
        return {item[0] for item in found if item}

    def _own_names(self) -> set[str]:
        return {name for name in self._asked() if not name.startswith("__")}

    def _prepare(self) -> Domains:
        if self._base is None:
            virtual = frozenset(name for name in self._asked() if name.startswith("__"))
            own = frozenset(self._own_names() | self.free) if self.universe.is_strict else None
            key = self.supplied, virtual, own
            if key not in self.universe.bases:
                self.universe.bases[key] = self._sweep(virtual)
            self._base = self.universe.bases[key]
        return self._base

    def _sweep(self, virtual: frozenset[str]) -> Domains:
        universe, own = self.universe, self._own_names() | self.free
        # Strict priority looks at all records of a channel, those that are too young as well.
        left = {
            name: mask & (mask if name in own else universe.first_tier(name, universe.full(name)))
            for name, mask in universe.usable.items()
        }
        for name in sorted(universe.virtual | virtual):
            left[name] = HERE | (ELSEWHERE if name in self.supplied else 0)
        work = _Work(universe, Domains(left, {}))
        work.sweep()
        work.run()
        return work.domains


def _copy(domains: Domains) -> Domains:
    return Domains(dict(domains.left), dict(domains.required), domains.emptied)


class _Work:
    """Narrows until nothing changes."""

    def __init__(self, universe: Universe, domains: Domains) -> None:
        self.domains = domains
        self._universe = universe
        self._left = domains.left
        self._changed: deque[str] = deque()
        self._queued: set[str] = set()

    def keep(self, name: str, mask: int, why: Why = Why.LINE, other: str = "") -> None:
        """Take away everything of a name that is not in a set."""
        before = self._left.get(name, 0)
        after = before & mask
        if after != before:
            self._left[name] = after
            left = self._left.get(other, 0)
            self.domains.steps.append(Step(name, mask, before & ~after, why, other, left))
            self._queue(name)
        if not after and name in self.domains.required and not self.domains.emptied:
            self.domains.emptied = name

    def require(self, name: str, because: str) -> None:
        """Note that a package must be there."""
        if name in self.domains.required:
            return
        self.domains.required[name] = because
        self._queue(name)
        if not self._left.get(name, 0) and not self.domains.emptied:
            self.domains.emptied = name

    def sweep(self) -> None:
        """Look at all dependencies once."""
        for name in self._universe.needs:
            for other in self._universe.needs[name]:
                self._drop_users(name, other)

    def run(self) -> None:
        """Go on until nothing changes or nothing is left of a required package."""
        while self._changed and not self.domains.emptied:
            name = self._changed.popleft()
            self._queued.discard(name)
            for user in self._universe.users.get(name, ()):
                self._drop_users(user, name)
            if name in self.domains.required:
                self._drop_limiters(name)
                self._pass_on(name)

    def _queue(self, name: str) -> None:
        if name not in self._queued:
            self._queued.add(name)
            self._changed.append(name)

    def _drop_users(self, user: str, name: str) -> None:
        left, out = self._left.get(name, 0), 0
        for accepted, which in self._universe.needs[user][name]:
            if not accepted & left:
                out |= which
        if out & self._left.get(user, 0):
            self.keep(user, ~out, Why.LACKING, name)

    def _drop_limiters(self, name: str) -> None:
        left = self._left.get(name, 0)
        for limiter in self._universe.limiters.get(name, ()):
            out = 0
            for allowed, which in self._universe.limits[limiter][name]:
                if not allowed & left:
                    out |= which
            if out & self._left.get(limiter, 0):
                self.keep(limiter, ~out, Why.EXCLUDING, name)

    def _pass_on(self, name: str) -> None:
        left = self._left.get(name, 0)
        for other, groups in self._universe.needs.get(name, {}).items():
            covered, accepted = unite(groups, left)
            if covered == left:
                self.require(other, name)
                self.keep(other, accepted, Why.NEEDED, name)
        needs = self._universe.needs.get(name, {})
        for other, groups in self._universe.limits.get(name, {}).items():
            if other not in self.domains.required:
                continue
            covered, accepted = unite(groups, left)
            # Some records of a package may limit what others of it need.
            more_covered, more_accepted = unite(needs.get(other, ()), left & ~covered)
            if covered | more_covered == left:
                self.keep(other, accepted | more_accepted, Why.LIMITED, name)


def unite(groups: Iterable[tuple[int, int]], left: int) -> tuple[int, int]:
    """Tell which of what is left have a say at all, and what they accept between them."""
    covered = accepted = 0
    for mask, which in groups:
        if which & left:
            covered |= which & left
            accepted |= mask
    return covered, accepted
