"""Which changes of one line of a conflict are worth a try; nothing is solved here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envbench.model.conflict import SpecLine
from envbench.model.known_names import conda_name_of, pypi_name_of
from envbench.model.line_texts import (
    LineText,
    build_for_other_versions,
    flavour_pattern,
    move_bound,
    read_line,
    read_style,
    write_series,
)
from envbench.model.matchspec import MatchSpec
from envbench.model.repair import Move, MoveKind
from envbench.model.version_match import satisfies_version
from envbench.model.version_steps import (
    NO_DISTANCE,
    Distance,
    choose_level,
    distance_from,
    series_of,
)

_NO_MATCH = MatchSpec("pip")
"""Stands where a pip item is written as a conda line is: only its version part counts."""
MOST_NAMES = 3
"""So many other names are offered for one that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What there is of the package that a line asks for."""

    by_channel: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Channels of the request that have it, in order, each with its versions, newest first."""
    versions: tuple[str, ...] = ()
    """Of all these channels together, newest first."""
    close_names: tuple[str, ...] = ()
    """Names that may have been meant, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One change of one line, before it is tried."""

    move: Move
    least: Distance = NO_DISTANCE
    """The version distance that it costs at least."""
    series: str = ""
    """For a pin: the series it goes to."""
    side: int = 0
    """1 for a series above what the line asks for, -1 for one below, 0 for other changes."""
    place: int = 0
    """Its number on its side, nearest first."""

    @property
    def lines(self) -> int:
        """How many places of the file it touches."""
        return 2 if self.move.kind in {MoveKind.TO_PIP, MoveKind.TO_CONDA} else 1

    @property
    def removals(self) -> int:
        """How many direct dependencies it takes away."""
        return 1 if self.move.kind is MoveKind.REMOVE else 0


def list_candidates(
    line: SpecLine, supply: Supply, *, strict: bool = False
) -> tuple[Candidate, ...]:
    """List the changes of a conda line, removal last.

    Args:
        line: The user's line.
        supply: What the channels have of its package.
        strict: Channel priority is strict: to name a channel then lets more in, not less.
    """
    read = read_line(line.text)
    removal = remove(line)
    if read is None:
        return (removal,)
    found = [
        *_list_pins(line, read, supply),
        *_list_releases(line, read, supply),
        *_list_channels(line, read, supply, strict=strict),
        *_list_names(line, read, supply),
    ]
    texts = {line.text}
    kept = []
    for candidate in found:
        if candidate.move.new not in texts:
            texts.add(candidate.move.new)
            kept.append(candidate)
    return (*kept, removal)


def remove(line: SpecLine) -> Candidate:
    """Make the change that takes a line out."""
    return Candidate(move=_move(line, MoveKind.REMOVE, ""))


def line_to_pip(line: SpecLine) -> Candidate | None:
    """Make the change that moves a conda line to the pip section; None when pip cannot say it."""
    read = read_line(line.text)
    if read is None or line.name in {"python", "pip"}:
        return None
    specifier = _to_specifier(read.match.version)
    if specifier is None:
        return None
    return Candidate(move=_move(line, MoveKind.TO_PIP, pypi_name_of(line.name) + specifier))


def line_to_conda(line: SpecLine) -> Candidate | None:
    """Make the change that moves a pip item to conda; None when conda cannot say it."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+)\s*([^\[;@]*)", line.text.strip())
    if found is None:
        return None
    terms = [term.strip() for term in found[2].split(",") if term.strip()]
    if any(term.startswith("===") for term in terms):
        return None
    plain = [t[2:] if t.startswith("==") and t.endswith(".*") else t for t in terms]
    text = conda_name_of(found[1]) + (" " if plain else "") + ",".join(plain)
    return Candidate(move=_move(line, MoveKind.TO_CONDA, text))


def list_pip_candidates(line: SpecLine, versions: Sequence[str]) -> tuple[Candidate, ...]:
    """List the changes of a pip item, removal last.

    Args:
        line: The user's item.
        versions: What the package index has of it, newest first; empty when that is not known.
    """
    found = re.fullmatch(
        r"(?P<head>[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?)\s*(?P<terms>[^;@]*?)\s*(?P<marker>;.*)?",
        line.text.strip(),
    )
    removal = remove(line)
    if found is None or not found["terms"]:
        return (removal,)
    head, marker = found["head"].rstrip(), found["marker"] or ""
    read = LineText("", _NO_MATCH, "", head, "", found["terms"].replace(" ", ""), "", "")
    pins = [
        Candidate(
            move=_move(line, MoveKind.PIN, f"{head}{_to_pip_pin(constraint)}{marker}"),
            least=least,
            series=series,
            side=side,
            place=place,
        )
        for constraint, series, side, place, least in _walk_series(
            read, _to_conda_constraint(found["terms"]), versions, line.name
        )
    ]
    release = Candidate(move=_move(line, MoveKind.RELEASE, f"{head}{marker}"))
    return (*pins, release, removal)


def _move(line: SpecLine, kind: MoveKind, new: str) -> Move:
    return Move(
        kind=kind, name=line.name, old=line.text, new=new, line=line.line, is_pip=line.is_pip
    )


_SeriesWalk = tuple[str, str, int, int, Distance]
"""(version part, series, side, place, least distance)"""


def _list_pins(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    versions = _versions_for(read, supply)
    build = build_for_other_versions(read.build)
    for version, series, side, place, least in _walk_series(
        read, read.match.version, versions, line.name
    ):
        if build and read_style(version).operator != "range":
            version = write_series(read.version, series, starred=True)
        yield Candidate(
            move=_move(line, MoveKind.PIN, read.write(version, build=build)),
            least=least,
            series=series,
            side=side,
            place=place,
        )


def _walk_series(
    read: LineText, constraint: str | None, versions: Sequence[str], name: str
) -> list[_SeriesWalk]:
    """List the series that a line does not let in, nearest first."""
    if constraint is None or constraint == "*" or not versions:
        return []
    level = choose_level(versions)
    others = [v for v in versions if satisfies_version(v, constraint) is False]
    everything = tuple(dict.fromkeys(_series_of(version, level) for version in versions))
    steps: dict[str, Distance] = {}
    for version in others:
        series = _series_of(version, level)
        step = distance_from(constraint, version, versions, name=name)
        steps[series] = min(step, steps.get(series, step))
    newer = _above(constraint, versions, level, everything)
    walks: list[_SeriesWalk] = []
    for side in (1, -1):
        mine = [s for s in everything if s in steps and (s in newer) == (side > 0)]
        ordered = mine[::-1] if side > 0 else mine
        for place, series in enumerate(ordered):
            text = _write_version(read, series, side)
            walks.append((text, series, side, place, steps[series]))
    return sorted(walks, key=lambda walk: (walk[4], -walk[2], walk[3]))


def _series_of(version: str, level: int) -> str:
    """Name a series so that a star behind it lets in nothing else: `1.0` for the version 1."""
    series = series_of(version, level)
    return f"{series}.0" if level > 1 and series.isdigit() else series


def _above(
    constraint: str, versions: Sequence[str], level: int, everything: Sequence[str]
) -> frozenset[str]:
    """Name the series that lie above what a constraint asks for, or in it."""
    asked = [i for i, v in enumerate(versions) if satisfies_version(v, constraint)]
    if asked:
        newest = _series_of(versions[asked[0]], level)
        return frozenset(everything[: everything.index(newest) + 1])
    number = re.search(r"\d[\w.!+]*", constraint)
    stem = number[0].rstrip(".*") if number else "0"
    # Of `<1.0` the version 1.0 lies above, of `>1.0` below.
    operator = ">" if constraint.startswith(">") else ">="
    above = [_series_of(v, level) for v in versions if satisfies_version(v, f"{operator}{stem}")]
    return frozenset(above)


def _write_version(read: LineText, series: str, side: int) -> str:
    style = read_style(read.version)
    if style.operator == "range":
        moved = move_bound(read.version, series, _following(series), newer=side > 0)
        if moved is not None:
            return moved
    return write_series(read.version, series, starred=False)


def _following(series: str) -> str:
    """Name the first series that could come behind one: `2.2` behind `2.1`, `10` behind `9e`."""
    head, number, _ = re.fullmatch(r"(.*?)(\d*)(\D*)", series, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{head}{int(number) + 1}" if number else f"{series}.99999"


def _list_releases(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    wider = flavour_pattern(read.build)
    if wider and wider != read.build and read.version:
        text = read.write(read.version, build=wider)
        yield Candidate(move=_move(line, MoveKind.DROP_BUILD, text))
    if read.build:
        text = read.write(read.version) if read.version else read.write("")
        yield Candidate(move=_move(line, MoveKind.DROP_BUILD, text))
    if read.match.version not in {None, "*"}:
        versions = _versions_for(read, supply)
        constraint = read.match.version
        steps = [
            distance_from(constraint, v, versions, name=line.name)
            for v in versions
            if satisfies_version(v, constraint or "*") is False
        ]
        if steps:
            yield Candidate(move=_move(line, MoveKind.RELEASE, read.write("")), least=min(steps))


def _list_channels(
    line: SpecLine, read: LineText, supply: Supply, *, strict: bool
) -> Iterator[Candidate]:
    asked = read.match.channel
    if asked is not None and "::" in line.text:
        yield Candidate(
            move=_move(line, MoveKind.DROP_CHANNEL, _with_head(read, "")),
        )
    for channel, versions in supply.by_channel:
        fits = read.match.version is None or any(
            satisfies_version(v, read.match.version) for v in versions
        )
        if channel != asked and fits and (asked is not None or strict):
            yield Candidate(move=_move(line, MoveKind.SET_CHANNEL, _with_head(read, channel)))


def _with_head(read: LineText, channel: str) -> str:
    # A build string belongs to the channel that made it.
    head = f"{channel}::" if channel else ""
    build = build_for_other_versions(read.build)
    return read.write(read.version, build=build, head=head)


def _list_names(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    if supply.versions:
        return
    for name in supply.close_names[:MOST_NAMES]:
        renamed = LineText(
            read.text, read.match, read.head, name, read.joint, read.version, read.build, read.tail
        )
        kept = renamed.write(read.version, build=read.build)
        yield Candidate(move=_move(line, MoveKind.RENAME, kept))
        if read.version or read.build:
            yield Candidate(move=_move(line, MoveKind.RENAME, renamed.write("")))


def _versions_for(read: LineText, supply: Supply) -> tuple[str, ...]:
    """Give the versions of the channel that a line names, or of all."""
    asked = read.match.channel
    for channel, versions in supply.by_channel:
        if channel == asked:
            return versions
    return supply.versions if asked is None else ()


def _to_specifier(version: str | None) -> str | None:
    if version is None or version == "*":
        return ""
    if "|" in version or "(" in version:
        return None
    terms = [
        f"=={t}" if t.endswith(".*") and t[0] not in "!<>=~" else t for t in version.split(",")
    ]
    return ",".join(term for term in terms if term != "*")


def _to_conda_constraint(terms: str) -> str:
    parts = [part.strip() for part in terms.split(",") if part.strip()]
    return ",".join(
        p[2:] if p.startswith("==") and p.endswith(".*") else p.replace("===", "==") for p in parts
    )


def _to_pip_pin(version: str) -> str:
    """Say a version part that was written for conda in pip's words."""
    if version[:1] in "<>!~" or version.startswith("=="):
        return version
    return f"=={version.removeprefix('=')}"
