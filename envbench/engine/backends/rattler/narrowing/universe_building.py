"""A universe is built: everything is fetched, numbered, and compared with everything."""

import datetime
import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.attempt import Attempt, read_instant
from envbench.engine.backends.rattler.candidates import Host, is_younger
from envbench.engine.backends.rattler.narrowing.universe import Groups, Universe
from envbench.engine.channels import ChannelNames, build_sources
from envbench.engine.rattler_values import to_rattler
from envbench.model.channel import ChannelPriority

if TYPE_CHECKING:
    from rattler import RepoDataRecord


async def build_universe(attempt: Attempt, names: Iterable[str]) -> Universe:
    """Fetch everything that can be reached from some names, and compare all with all.

    Args:
        attempt: Where to look, for which box, and up to which date.
        names: Of packages; virtual ones are left out.
    """
    request = attempt.request
    universe = Universe(
        host=Host(request.host.virtual_packages()),
        groups=request.channels,
        is_strict=request.channel_priority is ChannelPriority.STRICT,
    )
    records = await _fetch(attempt, names)
    with _without_collection():
        _add_records(universe, records)
        _add_installed(universe, to_rattler(request.installed))
        _compare(universe, list(universe.records), read_instant(request.exclude_newer))
    return universe


async def extend_universe(universe: Universe, attempt: Attempt, names: Iterable[str]) -> None:
    """Add what can be reached from further names.

    Args:
        universe: Built for an attempt that differs in nothing but its lines, and has nothing
            installed.
        attempt: Where to look.
        names: Of packages.
    """
    found = await _fetch(attempt, names)
    with _without_collection():
        known = set(universe.records)
        _add_records(universe, [one for one in found if one.name.normalized not in known])
        new = [name for name in universe.records if name not in known]
        # What others allow of a package could not be compared with what was not there.
        universe.forget_matches(new)
        limiters = {other for name in new for other in universe.limiters.get(name, ())}
        for other in sorted(limiters):
            texts = [tuple(record.constrains) for record in universe.records[other]]
            universe.limits[other] = _gather(universe, texts)
        _compare(universe, new, read_instant(attempt.request.exclude_newer))
        universe.bases.clear()


async def _fetch(attempt: Attempt, names: Iterable[str]) -> list["RepoDataRecord"]:
    from rattler import MatchSpec

    wanted = [MatchSpec(name) for name in sorted(set(names)) if not name.startswith("__")]
    lists = await attempt.gateway.query(
        build_sources(attempt.request.channels),
        attempt.subdirs,
        wanted,
        recursive=True,
        channel_relations="disabled",
    )
    return [record for part in lists for record in part]


def _compare(universe: Universe, names: Sequence[str], instant: datetime.datetime | None) -> None:
    _note_ages(universe, names, instant)
    for name in names:
        _compare_needs(universe, name, universe.records[name])
        _compare_limits(universe, name, universe.records[name])
    # In an order that does not tell what was asked before.
    for table in (universe.users, universe.limiters):
        for others in table.values():
            others.sort()


@contextmanager
def _without_collection() -> Iterator[None]:
    """Make many lasting objects without looking each time whether some of them can go."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _add_records(universe: Universe, records: Sequence["RepoDataRecord"]) -> None:
    place = ChannelNames(universe.groups)
    order = {group.name: rank for rank, group in enumerate(universe.groups)}
    ranks: dict[str, int] = {}
    tiers: dict[str, dict[int, int]] = {}
    # In which order names come depends on which index was read first.
    by_name = sorted(((record.name.normalized, record) for record in records), key=itemgetter(0))
    for name, record in by_name:
        known = universe.records.setdefault(name, [])
        url = record.channel or ""
        if url not in ranks:
            ranks[url] = order.get(place(url), len(order))
        tier = tiers.setdefault(name, {})
        tier[ranks[url]] = tier.get(ranks[url], 0) | 1 << len(known)
        known.append(record)
    for name, tier in tiers.items():
        ordered = sorted(tier)
        universe.tiers[name] = tuple(tier[rank] for rank in ordered)
        universe.places[name] = tuple(
            universe.groups[rank].name if rank < len(universe.groups) else "?" for rank in ordered
        )


def _add_installed(universe: Universe, records: Sequence["RepoDataRecord"]) -> None:
    for record in records:
        name = record.name.normalized
        known = universe.records.setdefault(name, [])
        universe.installed[name] = universe.installed.get(name, 0) | 1 << len(known)
        known.append(record)


def _note_ages(universe: Universe, names: Iterable[str], instant: datetime.datetime | None) -> None:
    for name in names:
        records, mask = universe.records[name], universe.full(name)
        if instant is not None:
            kept = universe.installed.get(name, 0)
            for index, record in enumerate(records):
                if not kept >> index & 1 and is_younger(record, instant):
                    mask &= ~(1 << index)
        universe.usable[name] = mask


def _compare_needs(universe: Universe, name: str, records: Sequence["RepoDataRecord"]) -> None:
    found = _gather(universe, [tuple(record.depends) for record in records])
    universe.needs[name] = found
    for other in found:
        universe.users.setdefault(other, []).append(name)


def _compare_limits(universe: Universe, name: str, records: Sequence["RepoDataRecord"]) -> None:
    found = _gather(universe, [tuple(record.constrains) for record in records])
    if found:
        universe.limits[name] = found
    for other in found:
        universe.limiters.setdefault(other, []).append(name)


def _gather(universe: Universe, texts: Sequence[tuple[str, ...]]) -> dict[str, Groups]:
    """Bring the dependencies of all records of a name into groups that accept the same."""
    alike: dict[tuple[str, ...], int] = {}
    for index, own in enumerate(texts):
        if own:
            alike[own] = alike.get(own, 0) | 1 << index
    gathered: dict[str, dict[int, int]] = {}
    for own, which in alike.items():
        accepted: dict[str, int] = {}
        for text in own:
            if (found := universe.match(text)) is not None:
                name, mask = found
                accepted[name] = accepted.get(name, -1) & mask
        for name, mask in accepted.items():
            group = gathered.setdefault(name, {})
            group[mask] = group.get(mask, 0) | which
    return {name: tuple(group.items()) for name, group in gathered.items()}
