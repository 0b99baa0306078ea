"""What the channels have under the names that the user wrote."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.attempt import Attempt, read_instant
from envbench.engine.channels import (
    ChannelNames,
    build_sources,
    find_target,
    split_channel,
    strip_channel,
)
from envbench.engine.outside_text import show_text
from envbench.model.cleaning import clean
from envbench.model.conflict import SpecLine
from envbench.model.host import VirtualPackage

if TYPE_CHECKING:
    from rattler import MatchSpec, PackageRecord, RepoDataRecord


@dataclass(frozen=True, slots=True)
class Candidate:
    """One build of a package that a line may mean."""

    record: "RepoDataRecord"
    channel: str
    """The user's name of its channel."""
    channel_url: str

    @property
    def version(self) -> str:
        """Its version, safe to show."""
        return clean(str(self.record.version), limit=80)

    @property
    def depends(self) -> list[str]:
        """Its dependencies, safe to show."""
        return [clean(text, limit=200) for text in self.record.depends]


@dataclass(frozen=True, slots=True)
class Line:
    """One spec of the user, and what the channels have for it."""

    index: int
    text: str
    number: int | None
    """Line of the user's file."""
    name: str
    spec: "MatchSpec"
    """Without its channel."""
    wanted_channel: str | None
    """As written before `::`."""
    target: str | None
    """The group or member that the channel means; None also when it is not configured."""
    named: tuple[Candidate, ...]
    """Everything of that name, in any channel, that is old enough."""
    too_young: tuple[Candidate, ...] = ()
    """Everything of that name that was published after the instant of the request."""

    @property
    def spec_line(self) -> SpecLine:
        """The line as the conflict names it."""
        return SpecLine(text=show_text(self.text, limit=200), name=self.name, line=self.number)

    @property
    def shown(self) -> str:
        """Its text and where it stands: `numpy=1.23.* (line 7)`."""
        text = show_text(self.text, limit=120)
        return f"{text} (line {self.number})" if self.number is not None else text

    @property
    def in_channel(self) -> tuple[Candidate, ...]:
        """Those in the channel that the line asks for."""
        if self.wanted_channel is None:
            # Not even strict priority hides anything here: what a line rules out is left out
            # before the channels are compared.
            return self.named
        return tuple(c for c in self.named if self.target in (c.channel, c.channel_url))

    @property
    def matching(self) -> tuple[Candidate, ...]:
        """Those that the line accepts."""
        return tuple(c for c in self.in_channel if self.spec.matches(c.record))


async def look_up_lines(attempt: Attempt) -> tuple[Line, ...]:
    """Find out for each spec of a request what the channels have."""
    from rattler import MatchSpec

    request = attempt.request
    bare = [MatchSpec(strip_channel(spec.text)) for spec in request.specs]
    names = [clean(spec_name(spec), limit=120) for spec in bare]
    found = await fetch_candidates(attempt, names)
    young = _find_young(found, attempt)
    return tuple(
        Line(
            index=index,
            text=spec.text,
            number=spec.line,
            name=name,
            spec=match,
            wanted_channel=(channel := split_channel(spec.text)[0]),
            target=find_target(channel, request.channels) if channel else None,
            named=tuple(c for c in found.get(name, ()) if id(c) not in young),
            too_young=tuple(c for c in found.get(name, ()) if id(c) in young),
        )
        for index, (spec, match, name) in enumerate(zip(request.specs, bare, names, strict=True))
    )


def _find_young(found: dict[str, list[Candidate]], attempt: Attempt) -> set[int]:
    """Collect the identities of candidates that the request's instant hides."""
    instant = read_instant(attempt.request.exclude_newer)
    if instant is None:
        return set()
    return {
        id(candidate)
        for candidates in found.values()
        for candidate in candidates
        if is_younger(candidate.record, instant)
    }


def is_younger(record: "PackageRecord", instant: datetime.datetime) -> bool:
    """Tell whether a record was published after an instant in UTC; unknown is old enough."""
    made = record.timestamp
    if made is None:
        return False
    if made.tzinfo is not None:
        made = made.astimezone(datetime.UTC).replace(tzinfo=None)
    return made > instant


async def fetch_candidates(attempt: Attempt, names: Iterable[str]) -> dict[str, list[Candidate]]:
    """Fetch all records of some names, by name, in the order of the channels."""
    from rattler import MatchSpec

    wanted = [MatchSpec(name) for name in dict.fromkeys(names) if not name.startswith("__")]
    if not wanted:
        return {}
    lists = await attempt.gateway.query(
        build_sources(attempt.request.channels),
        attempt.subdirs,
        wanted,
        recursive=False,
        channel_relations="disabled",
    )
    name_channel = ChannelNames(attempt.request.channels)
    found: dict[str, list[Candidate]] = {}
    for record in (record for part in lists for record in part):
        url = (record.channel or "").rstrip("/")
        candidate = Candidate(record, name_channel(url), url)
        found.setdefault(record.name.normalized, []).append(candidate)
    return found


def spec_name(spec: "MatchSpec") -> str:
    """Return the name that a spec asks for, lower case."""
    name = spec.name
    return str(getattr(name, "normalized", name)).lower()


class Host:
    """The virtual packages of a box, asked whether they satisfy a dependency."""

    def __init__(self, packages: Sequence[VirtualPackage]) -> None:
        """Make records of them, which is what specs can be compared with."""
        self._records = {package.name: _make_record(package) for package in packages}
        self._versions = {package.name: package.version for package in packages}

    def satisfies(self, dependency: str) -> bool:
        """Tell whether the box has what a dependency such as `__cuda >=12` wants."""
        from rattler import MatchSpec
        from rattler.exceptions import InvalidMatchSpecError

        try:
            spec = MatchSpec(dependency)
        except InvalidMatchSpecError:
            return False
        record = self._records.get(spec_name(spec))
        return record is not None and spec.matches(record)

    def has(self, name: str) -> bool:
        """Tell whether the box has a virtual package in any version."""
        return name in self._records

    def describe(self, name: str) -> str:
        """Say what the box has of a virtual package: `this host has __cuda 11.4`."""
        version = self._versions.get(name)
        return f"this host has {name} {version}" if version else f"this host has no {name}"


def _make_record(package: VirtualPackage) -> "PackageRecord":
    from rattler import BuildString, PackageRecord

    return PackageRecord(
        name=package.name,
        version=package.version,
        build=BuildString.new_unchecked(package.build),
        build_number=0,
        subdir="noarch",
    )
