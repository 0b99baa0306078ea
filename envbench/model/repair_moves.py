"""Which changes of one line of a conflict are worth a try; nothing is solved here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from envbench.model.conflict import SpecLine
from envbench.model.line_texts import (
    LineText,
    build_for_other_versions,
    flavour_pattern,
    read_line,
    read_style,
    write_series,
)
from envbench.model.repair import MoveKind
from envbench.model.repair_candidate import Candidate, make_move, remove
from envbench.model.series_walk import walk_series
from envbench.model.version_match import satisfies_version
from envbench.model.version_steps import distance_from

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
    plain_name: str = ""
    """The same package for any box, `pytorch` for `pytorch-gpu`, where this box has no driver."""


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


def _list_pins(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    versions = _versions_for(read, supply)
    build = build_for_other_versions(read.build)
    for version, series, side, place, least in walk_series(
        read, read.match.version, versions, line.name
    ):
        if build and read_style(version).operator != "range":
            version = write_series(read.version, series, starred=True)
        yield Candidate(
            move=make_move(line, MoveKind.PIN, read.write(version, build=build)),
            least=least,
            series=series,
            side=side,
            place=place,
        )


def _list_releases(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    wider = flavour_pattern(read.build)
    kept = ""
    if wider and wider != read.build and read.version:
        kept = read.write(read.version, build=wider)
        yield Candidate(move=make_move(line, MoveKind.DROP_BUILD, kept))
    if read.build:
        text = read.write(read.version if read.version.strip("=*") else "")
        yield Candidate(move=make_move(line, MoveKind.DROP_BUILD, text), narrower=kept)
    if read.match.version not in {None, "*"}:
        versions = _versions_for(read, supply)
        constraint = read.match.version
        steps = [
            distance_from(constraint, v, versions, name=line.name)
            for v in versions
            if satisfies_version(v, constraint or "*") is False
        ]
        if steps:
            yield Candidate(
                move=make_move(line, MoveKind.RELEASE, read.write("")), least=min(steps)
            )


def _list_channels(
    line: SpecLine, read: LineText, supply: Supply, *, strict: bool
) -> Iterator[Candidate]:
    asked = read.match.channel
    if asked is not None and "::" in line.text:
        yield Candidate(
            move=make_move(line, MoveKind.DROP_CHANNEL, _with_head(read, "")),
        )
    for channel, versions in supply.by_channel:
        fits = read.match.version is None or any(
            satisfies_version(v, read.match.version) for v in versions
        )
        if channel != asked and fits and (asked is not None or strict):
            yield Candidate(move=make_move(line, MoveKind.SET_CHANNEL, _with_head(read, channel)))


def _with_head(read: LineText, channel: str) -> str:
    # A build string belongs to the channel that made it.
    head = f"{channel}::" if channel else ""
    build = build_for_other_versions(read.build)
    return read.write(read.version, build=build, head=head)


def _list_names(line: SpecLine, read: LineText, supply: Supply) -> Iterator[Candidate]:
    if supply.versions and not supply.plain_name:
        return
    for name in (supply.plain_name,) if supply.versions else supply.close_names[:MOST_NAMES]:
        renamed = replace(read, name=name)
        # A build for GPUs is not what the plain package would have here.
        build = "" if supply.versions else read.build
        kept = renamed.write(read.version, build=build)
        yield Candidate(move=make_move(line, MoveKind.RENAME, kept))
        if read.version or build:
            bare = make_move(line, MoveKind.RENAME, renamed.write(""))
            yield Candidate(move=bare, narrower=kept)


def _versions_for(read: LineText, supply: Supply) -> tuple[str, ...]:
    """Give the versions of the channel that a line names, or of all."""
    asked = read.match.channel
    for channel, versions in supply.by_channel:
        if channel == asked:
            return versions
    return supply.versions if asked is None else ()
