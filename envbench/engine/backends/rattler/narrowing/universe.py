"""All records that a request can come to, and who accepts what of whom, as bit masks.

The records of one name are numbered; a set of them is an integer with one bit for each. What a
dependency accepts is found out once for each distinct text, by the library's own comparison.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.candidates import Host, spec_name
from envbench.engine.channels import (
    ChannelNames,
    find_target,
    normalise_url,
    split_channel,
    strip_channel,
)
from envbench.model.channel import ChannelGroup

if TYPE_CHECKING:
    from rattler import MatchSpec, PackageRecord, RepoDataRecord

    from envbench.engine.backends.rattler.narrowing.domains import Domains

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
    bases: dict[Hashable, "Domains"] = field(default_factory=dict)
    """What was concluded from it whatever the lines are, by what else that depends on."""
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

    def list_texts(self, name: str) -> list[str]:
        """List the distinct dependencies on a virtual package, sorted."""
        return sorted(t for t in self._matches if t.startswith(name) and t.split()[0] == name)

    def forget_matches(self, names: Iterable[str]) -> None:
        """Forget what was found out about dependencies on some packages: they have records now."""
        gone = frozenset(names)
        self._matches = {
            text: found
            for text, found in self._matches.items()
            if found is None or found[0] not in gone
        }

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

        words = _split_plainly(dependency)
        if len(words) == 1 and words[0] in self.records:
            return words[0], self.full(words[0])
        try:
            spec = MatchSpec(dependency)
        except (InvalidMatchSpecError, ValueError):
            return None
        is_plain = bool(words) and words[0] in self.records
        if not is_plain and (spec.condition is not None or spec.extras):
            return None
        name = words[0] if is_plain else spec_name(spec)
        if name.startswith("__"):
            return name, ELSEWHERE | (HERE if self.host.satisfies(dependency) else 0)
        return name, self._accepted(name, spec, words)

    def _accepted(self, name: str, spec: "MatchSpec", words: list[str]) -> int:
        records = self.records.get(name, [])
        if len(records) <= FEW_RECORDS:
            words = []
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
