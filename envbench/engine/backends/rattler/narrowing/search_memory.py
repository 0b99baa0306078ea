"""What is kept from one question to the next: universes and small indexes, a few of each."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.candidates import spec_name
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.pruned import PrunedIndex, write_pruned
from envbench.engine.backends.rattler.narrowing.universe import Universe
from envbench.engine.backends.rattler.narrowing.universe_building import (
    build_universe,
    extend_universe,
)


@dataclass(slots=True)
class _Known:
    """One universe and what was made of it."""

    names: frozenset[str]
    universe: Universe
    pruned: dict[tuple[str, ...], PrunedIndex] = field(default_factory=dict)


class SearchMemory:
    """Belongs to one process; forgets what does not fit the indexes that are loaded now."""

    MAX_UNIVERSES = 2
    MAX_PRUNED = 4
    MAX_NAMES = 120
    """Names that lines asked for, more than which are not brought into one universe."""
    MAX_ASKED = 64

    def __init__(self) -> None:
        """Start empty."""
        self._known: dict[Hashable, _Known] = {}
        self._asked: dict[Hashable, None] = {}

    async def find_universe(
        self, attempt: Attempt, stamp: Hashable, names: Iterable[str] = ()
    ) -> Universe:
        """Give the universe of a request, and of further names; built where it is not known."""
        return (await self._find(attempt, stamp, frozenset(names))).universe

    async def find_pruned(
        self, attempt: Attempt, stamp: Hashable, kept: Iterable[int]
    ) -> PrunedIndex | None:
        """Give a small index for some lines that are kept and any others of the same names.

        Args:
            attempt: What is to be solved.
            stamp: Changes with the indexes of the channels.
            kept: Indexes of the lines that further tries will have, too.

        Returns:
            None when nothing is known yet of such requests, since for a single one the whole index
            is quicker, and when the small one cannot be written.
        """
        specs = attempt.request.specs
        common = tuple(sorted({i for i in kept if 0 <= i < len(specs)}))
        if not common or not self._was_asked(attempt, stamp):
            return None
        known = await self._find(attempt, stamp)
        texts = tuple(sorted(specs[index].text for index in common))
        own = _names_of(attempt, set(range(len(specs))) - set(common))
        found = known.pruned.pop(texts, None)
        if found is None or not own <= found.names:
            free = own | (found.names if found is not None else frozenset())
            try:
                found = await _prune(attempt, known.universe, common, free)
            except OSError:
                return None
        known.pruned[texts] = found
        while len(known.pruned) > self.MAX_PRUNED:
            known.pruned.pop(next(iter(known.pruned)))
        return found

    async def prune_once(
        self, attempt: Attempt, stamp: Hashable, part: Iterable[int]
    ) -> PrunedIndex | None:
        """Give an index for just some lines, which is not kept; None when it can't be written."""
        known = await self._find(attempt, stamp)
        try:
            return await _prune(attempt, known.universe, tuple(sorted(part)), frozenset())
        except OSError:
            return None

    def _was_asked(self, attempt: Attempt, stamp: Hashable) -> bool:
        """Tell whether such a request was there before, and remember this one."""
        key = _make_key(attempt, stamp)
        known = key in self._known or key in self._asked
        self._asked[key] = None
        while len(self._asked) > self.MAX_ASKED:
            self._asked.pop(next(iter(self._asked)))
        return known

    async def _find(
        self, attempt: Attempt, stamp: Hashable, more: frozenset[str] = frozenset()
    ) -> _Known:
        request = attempt.request
        key = _make_key(attempt, stamp)
        wanted = _names_of(attempt, range(len(request.specs))) | more
        known = self._known.pop(key, None)
        if known is None or not wanted <= known.names:
            known = await self._build(attempt, known, wanted)
        self._known[key] = known
        while len(self._known) > self.MAX_UNIVERSES:
            self._known.pop(next(iter(self._known)))
        return known

    async def _build(
        self, attempt: Attempt, known: _Known | None, wanted: frozenset[str]
    ) -> _Known:
        names = wanted | (known.names if known is not None else frozenset())
        if known is None or attempt.request.installed or len(names) > self.MAX_NAMES:
            return _Known(wanted, await build_universe(attempt, wanted))
        await extend_universe(known.universe, attempt, wanted - known.names)
        return _Known(names, known.universe, known.pruned)


def _make_key(attempt: Attempt, stamp: Hashable) -> Hashable:
    """Gather everything that decides which records there are."""
    request = attempt.request
    return (
        stamp,
        request.channels,
        (request.host.platform, tuple(request.host.virtual_packages())),
        request.channel_priority,
        request.exclude_newer,
        request.installed,
        request.offline,
    )


async def _prune(
    attempt: Attempt, universe: Universe, common: tuple[int, ...], free: frozenset[str]
) -> PrunedIndex:
    lines = {index: attempt.request.specs[index].text for index in common}
    domains = Propagation(universe, lines, free).follow(common)
    kept = _names_of(attempt, common)
    return await write_pruned(attempt, universe, domains, kept=set(kept), free=free)


def _names_of(attempt: Attempt, indexes: Iterable[int]) -> frozenset[str]:
    return frozenset(spec_name(attempt.specs[index]) for index in indexes)
