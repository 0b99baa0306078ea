"""What the channels have for one conda line, put into facts and sentences."""

from dataclasses import dataclass, replace

from envbench.engine.package_index.build_values import Build
from envbench.engine.package_index.index import ChannelState
from envbench.engine.package_index.matching import (
    Choice,
    Matches,
    Runnable,
    choose_channel,
    find_for_python,
    find_matches,
    find_runnable,
)
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.dependency_meaning import say_match
from envbench.model.host import HostProfile
from envbench.model.inspection import BestBuild, ChannelMatch, LineInspection
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.redaction import redact_url
from envbench.model.spec_place import list_section
from envbench.settings.load import Settings
from envbench.workbench.index_words import (
    is_newer,
    list_pythons,
    list_versions,
    say_date,
    say_range,
    say_size,
)
from envbench.workbench.spec_index import SpecIndex

_MOST_VERSIONS = 12
"""Versions named in one detail."""
_MOST_LACKING = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """A line, and all that is needed to say something of it."""

    text: str
    line: int
    found: SpecIndex
    settings: Settings
    host: HostProfile


def describe_matches(subject: Subject, matches: Matches) -> LineInspection:
    """Say what a line accepts, where it comes from, and what there is beside it."""
    runnable = find_runnable(matches.accepted, subject.host.virtual_packages())
    choice = choose_channel(matches, subject.settings.channels.priority, runnable.builds)
    inside = [build for build in runnable.builds if build.channel == choice.channel]
    best = max(inside, key=lambda build: build.rank, default=None)
    versions = list_versions(matches.accepted)
    newest = list_versions(matches.named)[0] if matches.named else ""
    channels = tuple(_count(state, matches) for state in subject.found.index.channels)
    found = LineInspection(
        line=subject.line,
        name=matches.spec.name,
        builds=len(matches.accepted),
        versions=versions,
        channels=channels,
        winner=choice.channel,
        newest=newest,
        best=_say_best(best, inside) if best else None,
    )
    python = _find_python_line(subject, matches.spec.name, inside)
    headline = _write_headline(found, matches, is_hidden=bool(runnable.builds))
    details = (
        say_match(matches.spec),
        _say_versions(versions),
        *_say_channels(channels),
        _say_choice(choice, runnable),
        _say_newest(found, matches),
        *_say_best_build(found.best),
        python,
        *_say_lacking(runnable, len(matches.accepted)),
    )
    return replace(found, headline=headline, details=details)


def _count(state: ChannelState, matches: Matches) -> ChannelMatch:
    name = state.group.name
    inside = [build for build in matches.accepted if build.channel == name]
    versions = list_versions(inside)
    return ChannelMatch(
        channel=name,
        builds=len(inside),
        versions=len(versions),
        newest=versions[0] if versions else "",
        exists=any(build.channel == name for build in matches.named),
    )


def _say_best(best: Build, inside: list[Build]) -> BestBuild:
    same = [build for build in inside if build.version == best.version]
    return BestBuild(
        version=best.version,
        build=best.build,
        channel=best.channel,
        subdir=best.subdir,
        size_bytes=best.size_bytes,
        timestamp_ms=best.timestamp_ms,
        license=best.license,
        pythons=list_pythons(same),
    )


def _say_what(matches: Matches) -> str:
    spec = matches.spec
    parts = [spec.name, (spec.version or "").removeprefix("=="), spec.build or ""]
    return " ".join(part for part in parts if part and part != "*")


def _write_headline(found: LineInspection, matches: Matches, *, is_hidden: bool) -> str:
    what = _say_what(matches)
    if not found.versions:
        where = f" in {redact_url(matches.spec.channel)}" if matches.spec.channel else ""
        return f"{what}: nothing matches{where}; the newest of {found.name} is {found.newest}"
    newest = "" if found.newest in found.versions else f"; newest is {found.newest}"
    builds = count_of(found.builds or 0, "build")
    if not found.best:
        why = "hidden by strict channel priority" if is_hidden else "none for this box"
        return f"{what}: {builds}, {why}{newest}"
    inside = next(c for c in found.channels if c.channel == found.winner)
    builds = count_of(inside.builds, "build")
    return f"{what}: {found.best.version} from {found.winner}, {builds}{newest}"


def _say_versions(versions: tuple[str, ...]) -> str:
    if not versions:
        return "matches no version"
    shown = ", ".join(versions[:_MOST_VERSIONS])
    more = f" … {versions[-1]}" if len(versions) > _MOST_VERSIONS else ""
    return f"matches {count_of(len(versions), 'version')}: {shown}{more}"


def _say_channels(channels: tuple[ChannelMatch, ...]) -> tuple[str, ...]:
    return tuple(_say_channel(channel) for channel in channels if channel.exists)


def _say_channel(found: ChannelMatch) -> str:
    if not found.builds:
        return f"{found.channel}: has it, but nothing that matches"
    builds, versions = count_of(found.builds, "build"), count_of(found.versions, "version")
    return f"{found.channel}: {builds} of {versions}, newest {found.newest}"


def _say_choice(choice: Choice, runnable: Runnable) -> str:
    if choice.channel:
        return f"comes from {choice.channel}: {choice.why}"
    return choice.why if runnable.builds else ""


def _say_newest(found: LineInspection, matches: Matches) -> str:
    newest = next(b for b in matches.named if b.version == found.newest)
    if not found.versions or is_newer(found.newest, found.versions[0]):
        return f"newest of all: {found.newest} ({newest.channel}), which this line leaves out"
    return ""


def _say_best_build(best: BestBuild | None) -> tuple[str, ...]:
    if best is None:
        return ()
    parts = [
        f"best build: {best.version} {best.build} ({best.subdir})",
        say_size(best.size_bytes) if best.size_bytes else "",
        say_date(best.timestamp_ms) if best.timestamp_ms else "",
        best.license,
    ]
    words = ", ".join(part for part in parts if part)
    if not best.pythons:
        return (words,)
    return (words, f"{best.version} is there for python {', '.join(best.pythons)}")


def _find_python_line(subject: Subject, name: str, inside: list[Build]) -> str:
    """Say what is left beside the line that asks for `python`; empty when that changes nothing."""
    asked = _read_python_line(subject.text)
    if asked is None or name == "python" or not any(build.python for build in inside):
        return ""
    number, text = asked
    pythons = find_matches(subject.found.index, text).accepted
    kept = find_for_python(inside, pythons)
    shown = clean(text, limit=60)
    if not pythons or len(kept) == len(inside):
        return ""
    if not kept:
        return f"no build for {shown} (line {number})"
    versions = list_versions(kept)
    return f"for {shown} (line {number}): {say_range(versions)}, {count_of(len(kept), 'build')}"


def _read_python_line(text: str) -> tuple[int, str] | None:
    for number, item in list_section(text, "dependencies"):
        try:
            spec = parse_match_spec(item)
        except MatchSpecError:
            continue
        if spec.name == "python":
            return number, item
    return None


def _say_lacking(runnable: Runnable, count: int) -> tuple[str, ...]:
    most = sorted(runnable.lacking, key=lambda pair: -pair[1])[:_MOST_LACKING]
    return tuple(
        f"{number} of {count_of(count, 'build')} ask for {text}, which this box has not"
        for text, number in most
    )
