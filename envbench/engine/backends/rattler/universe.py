"""All records that a request can come to, and who accepts what of whom, as bit masks.

The records of one name are numbered; a set of them is an integer with one bit for each. What a
dependency accepts is found out once for each distinct text, by the library's own comparison.
"""

import datetime
import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.attempt import Attempt, read_instant
from envbench.engine.backends.rattler.candidates import Host, is_younger, spec_name
from envbench.engine.channels import (
    ChannelNames,
    build_sources,
    find_target,
    normalise_url,
    split_channel,
    strip_channel,
)
from envbench.engine.rattler_values import to_rattler
from envbench.model.channel import ChannelGroup, ChannelPriority

if TYPE_CHECKING:
    from rattler import MatchSpec, PackageRecord, RepoDataRecord

HERE = 1
"""Bit of a virtual package: what this box has satisfies the dependency."""
ELSEWHERE = 2
"""Bit of a virtual package: what some box has satisfies it."""

FEW_RECORDS = 8
"""So many are compared one by one."""

Groups = tuple[tuple[int, int], ...]
"""(what is accepted of the other package, which records accept just that)."""


@dataclass(slots=True)
class Universe:
    """The records by name, and the dependencies between them."""

    host: Host
    groups: tuple[ChannelGroup, ...]
    is_strict: bool
    records: dict[str, list["RepoDataRecord"]] = field(default_factory=dict)
    usable: dict[str, int] = field(default_factory=dict)
    """By name: which records are old enough."""
    tiers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By name: the records of each channel that has any, in order of priority."""
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By name: the names of these channels."""
    installed: dict[str, int] = field(default_factory=dict)
    """By name: records that are candidates whatever the channels have."""
    needs: dict[str, dict[str, Groups]] = field(default_factory=dict)
    """By name: what its records need of other packages. Texts about one package are met."""
    users: dict[str, list[str]] = field(default_factory=dict)
    """By name: which packages have records that need it."""
    limits: dict[str, dict[str, Groups]] = field(default_factory=dict)
    """By name: what its records allow of other packages, should these be there at all."""
    limiters: dict[str, list[str]] = field(default_factory=dict)
    """By name: which packages have records that limit it."""
    _matches: dict[str, tuple[str, int] | None] = field(default_factory=dict)
    _versions: dict[str, list[tuple["PackageRecord", int]]] = field(default_factory=dict)

    @property
    def virtual(self) -> set[str]:
        """Names of the virtual packages that records need or limit."""
        return {name for name in (*self.users, *self.limiters) if name.startswith("__")}

    def full(self, name: str) -> int:
        """Return the set of all records of a name."""
        return (1 << len(self.records.get(name, ()))) - 1

    def match(self, dependency: str) -> tuple[str, int] | None:
        """Find what a dependency accepts: a name, and a set of its records.

        None for what cannot be read or binds only under conditions: nothing is concluded from it.
        """
        if dependency not in self._matches:
            self._matches[dependency] = self._match(dependency)
        return self._matches[dependency]

    def match_line(self, text: str) -> tuple[str, int] | None:
        """Find what a line of the user accepts, its channel included."""
        channel, _ = split_channel(text)
        found = self._match(strip_channel(text))
        if found is None or channel is None or found[0].startswith("__"):
            return found
        name, mask = found
        return name, mask & self._in_channel(name, find_target(channel, self.groups))

    def first_tier(self, name: str, mask: int) -> int:
        """Return what strict priority leaves of a set: its part in the first channel that has any.

        What is installed is left in any case.
        """
        if not self.is_strict:
            return mask
        kept = self.installed.get(name, 0)
        return (mask & kept) | next((mask & t for t in self.tiers.get(name, ()) if mask & t), 0)

    def list_records(self, name: str, mask: int) -> list["RepoDataRecord"]:
        """List the records of a set."""
        records = self.records.get(name, [])
        return [records[index] for index in bits(mask) if index < len(records)]

    def _match(self, dependency: str) -> tuple[str, int] | None:
        from rattler import MatchSpec
        from rattler.exceptions import InvalidMatchSpecError

        try:
            spec = MatchSpec(dependency)
        except (InvalidMatchSpecError, ValueError):
            return None
        if spec.condition is not None or spec.extras:
            return None
        name = spec_name(spec)
        if name.startswith("__"):
            return name, ELSEWHERE | (HERE if self.host.satisfies(dependency) else 0)
        return name, self._accepted(name, spec, dependency)

    def _accepted(self, name: str, spec: "MatchSpec", dependency: str) -> int:
        records = self.records.get(name, [])
        words = _split_plainly(dependency) if len(records) > FEW_RECORDS else []
        if 0 < len(words) <= 2:
            return sum(which for one, which in self._find_versions(name) if spec.matches(one))
        if len(words) == 3:
            # A build is looked for among the records of its version only.
            wanted = self.match(f"{words[0]} {words[1]}")
            among = bits(wanted[1]) if wanted is not None else range(len(records))
            return sum(1 << index for index in among if spec.matches(records[index]))
        mask, bit = 0, 1
        for record in records:
            if spec.matches(record):
                mask |= bit
            bit <<= 1
        return mask

    def _find_versions(self, name: str) -> list[tuple["PackageRecord", int]]:
        """List one record of each version, and the set of all that have it."""
        if name not in self._versions:
            found: dict[str, tuple[RepoDataRecord, int]] = {}
            for index, record in enumerate(self.records[name]):
                version = str(record.version)
                one, which = found.get(version, (record, 0))
                found[version] = one, which | 1 << index
            self._versions[name] = list(found.values())
        return self._versions[name]

    def _in_channel(self, name: str, target: str | None) -> int:
        place = ChannelNames(self.groups)
        mask = 0
        for index, record in enumerate(self.records.get(name, ())):
            url = record.channel or ""
            if target is not None and target in (place(url), normalise_url(url)):
                mask |= 1 << index
        return mask


async def build_universe(attempt: Attempt, names: Iterable[str]) -> Universe:
    """Fetch everything that can be reached from some names, and compare all with all.

    Args:
        attempt: Where to look, for which box, and up to which date.
        names: Of packages; virtual ones are left out.
    """
    from rattler import MatchSpec

    request = attempt.request
    universe = Universe(
        host=Host(request.host.virtual_packages()),
        groups=request.channels,
        is_strict=request.channel_priority is ChannelPriority.STRICT,
    )
    wanted = [MatchSpec(name) for name in sorted(set(names)) if not name.startswith("__")]
    lists = await attempt.gateway.query(
        build_sources(request.channels),
        attempt.subdirs,
        wanted,
        recursive=True,
        channel_relations="disabled",
    )
    with _without_collection():
        _add_records(universe, [record for part in lists for record in part])
        _add_installed(universe, to_rattler(request.installed))
        _note_ages(universe, read_instant(request.exclude_newer))
        for name, records in universe.records.items():
            _compare_needs(universe, name, records)
            _compare_limits(universe, name, records)
    return universe


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


def _split_plainly(dependency: str) -> list[str]:
    """Split a dependency into name, version and build; empty for what says anything else."""
    words = dependency.split()
    is_plain = not any(sign in dependency for sign in "[]:@#") and "=" not in words[0]
    return words if is_plain and len(words) <= 3 else []


def bits(mask: int) -> Iterable[int]:
    """List the numbers of the records in a set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _add_records(universe: Universe, records: Sequence["RepoDataRecord"]) -> None:
    place = ChannelNames(universe.groups)
    order = {group.name: rank for rank, group in enumerate(universe.groups)}
    ranks: dict[str, int] = {}
    tiers: dict[str, dict[int, int]] = {}
    for record in records:
        name = record.name.normalized
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


def _note_ages(universe: Universe, instant: datetime.datetime | None) -> None:
    for name, records in universe.records.items():
        mask = universe.full(name)
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
