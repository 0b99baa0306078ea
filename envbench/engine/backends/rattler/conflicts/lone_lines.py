"""Lines that cannot be satisfied whatever stands beside them.

Each line is looked at by itself: does the package exist, in the channel that the line asks for,
in a version and a build that it accepts, and does the box have what every such build needs? A
line that fails here is a conflict of its own, with certainty.
"""

import re
from collections.abc import Sequence

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.candidates import Candidate, Host, Line
from envbench.engine.backends.rattler.conflicts.other_platforms import find_other_platforms
from envbench.engine.build_families import list_build_families
from envbench.engine.channels import build_sources
from envbench.engine.outside_text import show_text
from envbench.engine.search import find_close_names, find_near_versions, sort_versions
from envbench.model.cleaning import clean
from envbench.model.conflict import Core, CoreKind
from envbench.model.version import compare_versions

MAX_AVAILABLE = 6
_SYSTEMS = {"__win": "Windows", "__osx": "macOS", "__linux": "Linux", "__unix": "Linux and macOS"}
"""Virtual packages that every box of a platform has, and none of another one."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


async def judge_line(attempt: Attempt, line: Line, host: Host) -> Core | None:
    """Judge one line by itself; None when nothing of that kind is wrong with it."""
    if line.name.startswith("__"):
        return _judge_virtual(line, host)
    if line.wanted_channel is not None and line.target is None:
        return _unlisted_channel(attempt, line)
    if not line.named:
        return _too_young(attempt, line) if line.too_young else await _missing(attempt, line)
    if not line.in_channel:
        return _elsewhere(line)
    if line.matching:
        return _missing_on_host(line, host, attempt.request.host.platform)
    return _missing_version(attempt, line)


def _judge_virtual(line: Line, host: Host) -> Core | None:
    if host.satisfies(line.text):
        return None
    return _core(
        CoreKind.MISSING_VIRTUAL,
        line,
        f"{line.shown} asks for a property of the box itself: {host.describe(line.name)}.",
        meeting=line.name,
    )


def _unlisted_channel(attempt: Attempt, line: Line) -> Core:
    names = [group.name for group in attempt.request.channels]
    channel = show_text(line.wanted_channel or "", limit=120)
    has = _channels_of([c for c in line.named if line.spec.matches(c.record)])
    there = f" {_list_and(has)} {_verb('has', has)} what it asks for." if has else ""
    return _core(
        CoreKind.WRONG_CHANNEL,
        line,
        f"{line.shown} asks for channel {channel!r}, which is not among the channels"
        f" ({', '.join(names)}).{there}",
        available=[f"{name}::{line.name}" for name in has],
    )


async def _missing(attempt: Attempt, line: Line) -> Core:
    platform, places = attempt.request.host.platform, _list_channels(attempt)
    if elsewhere := await find_other_platforms(attempt, line.name):
        return _core(
            CoreKind.PLATFORM,
            line,
            f"{line.shown}: {line.name} exists for {_list_and(elsewhere)}, not for {platform}"
            f" (looked in {places}).",
            available=elsewhere,
        )
    names = await attempt.gateway.names(
        build_sources(attempt.request.channels), attempt.subdirs, channel_relations="disabled"
    )
    close = find_close_names(line.name, (clean(name.normalized, limit=120) for name in names))
    meant = f" Did you mean {' or '.join(close[:2])}?" if close else ""
    return _core(
        CoreKind.MISSING_PACKAGE,
        line,
        f"{line.shown}: no channel has a package named {line.name} for {platform}"
        f" (looked in {places}).{meant}",
        available=close,
    )


def _elsewhere(line: Line) -> Core:
    channel = show_text(line.wanted_channel or "", limit=120)
    places = _channels_of(line.named)
    return _core(
        CoreKind.WRONG_CHANNEL,
        line,
        f"{line.shown}: channel {channel} has no {line.name};"
        f" {_list_and(places)} {_verb('has', places)} it.",
        available=[f"{place}::{line.name}" for place in places],
    )


def _too_young(attempt: Attempt, line: Line) -> Core:
    fitting = [c for c in line.too_young if line.spec.matches(c.record)] or line.too_young
    instant = show_text(attempt.request.exclude_newer or "", limit=40)
    near = sort_versions(c.version for c in line.in_channel)
    rest = f" Old enough: {', '.join(near[:4])}." if near else ""
    return _core(
        CoreKind.MISSING_VERSION,
        line,
        f"{line.shown}: {line.name} {_spell_versions(fitting)} was published after {instant},"
        f" and younger packages are left out.{rest}",
        available=near,
    )


def _missing_version(attempt: Attempt, line: Line) -> Core:
    if there := [c for c in line.named if line.spec.matches(c.record)]:
        return _in_another_channel(line, there)
    if any(line.spec.matches(c.record) for c in line.too_young):
        return _too_young(attempt, line)
    fitting = [c for c in line.in_channel if _version_fits(line, c)]
    if fitting:
        return _missing_build(line, fitting)
    versions = [c.version for c in line.in_channel]
    near = find_near_versions(line.spec.version, versions)
    where = _channels_of(line.in_channel)
    none_has = "no channel has a" if line.wanted_channel is None else f"{_list_and(where)} has no"
    return _core(
        CoreKind.MISSING_VERSION,
        line,
        f"{line.shown}: {none_has} version of {line.name} that it accepts.",
        f"{_list_and(where)} {_verb('has', where)} {_say_neighbours(line, versions, near)}.",
        available=near,
    )


def _in_another_channel(line: Line, there: Sequence[Candidate]) -> Core:
    places = _channels_of(there)
    has = f"{_list_and(places)} {_verb('has', places)} {line.name} {_spell_versions(there)}"
    asked = _list_and(_channels_of(line.in_channel))
    near = find_near_versions(line.spec.version, (c.version for c in line.in_channel))
    return _core(
        CoreKind.WRONG_CHANNEL,
        line,
        f"{line.shown}: channel {asked} has nothing that it accepts; {has}.",
        f"{asked} has {', '.join(near[:4])} (nearest first).",
        available=[f"{place}::{line.name}" for place in places],
    )


def _missing_build(line: Line, fitting: Sequence[Candidate]) -> Core:
    builds = list_build_families(
        (clean(str(c.record.build), limit=80) for c in fitting), str(line.spec.build or "")
    )
    more = f" and {len(builds) - 4} more kinds" if len(builds) > 4 else ""
    return _core(
        CoreKind.MISSING_BUILD,
        line,
        f"{line.shown}: {line.name} {_spell_versions(fitting)} exists, but no build of it matches.",
        f"Builds there are: {', '.join(builds[:4])}{more}.",
        available=builds,
    )


def _missing_on_host(line: Line, host: Host, platform: str) -> Core | None:
    needs = []
    for candidate in line.matching:
        lacking = [d for d in candidate.depends if d.startswith("__") and not host.satisfies(d)]
        if not lacking:
            return None
        needs.append(lacking[0])
    wanted = tuple(dict.fromkeys(needs))
    systems = list(dict.fromkeys(_SYSTEMS.get(text.split()[0], "") for text in wanted))
    if all(systems) and not any(host.has(text.split()[0]) for text in wanted):
        return _core(
            CoreKind.PLATFORM,
            line,
            f"{line.shown}: {line.name} is for {' or '.join(systems)} only; this is {platform}.",
        )
    name = wanted[0].split()[0]
    return _core(
        CoreKind.MISSING_VIRTUAL,
        line,
        f"{line.shown}: every matching build needs {' or '.join(wanted[:3])};"
        f" {host.describe(name)}.",
        available=wanted,
        meeting=name,
    )


def _core(
    kind: CoreKind,
    line: Line,
    *explanation: str,
    available: Sequence[str] = (),
    meeting: str = "",
) -> Core:
    return Core(
        kind=kind,
        lines=(line.spec_line,),
        explanation=tuple(show_text(text, limit=600) for text in explanation),
        available=tuple(available)[:MAX_AVAILABLE],
        meeting=meeting,
    )


def _say_neighbours(line: Line, versions: Sequence[str], near: Sequence[str]) -> str:
    """Name the nearest existing versions; say so when all of them lie on one side."""
    number = _NUMBER.search(str(line.spec.version or ""))
    listed = ", ".join(near[:4])
    if number is None:
        return listed
    order = [compare_versions(number[0], version) for version in versions]
    end = "" if any(o < 0 for o in order) else "; nothing older"
    end += "" if any(o > 0 for o in order) else "; nothing newer"
    return f"{listed} (nearest first{end})"


def _version_fits(line: Line, candidate: Candidate) -> bool:
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        return MatchSpec(f"{line.name} {line.spec.version or '*'}").matches(candidate.record)
    except InvalidMatchSpecError:
        return False


def _channels_of(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(candidate.channel for candidate in candidates))


def _list_channels(attempt: Attempt) -> str:
    return ", ".join(group.name for group in attempt.request.channels)


def _list_and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _verb(verb: str, names: Sequence[str]) -> str:
    return "have" if verb == "has" and len(names) > 1 else verb


def _spell_versions(candidates: Sequence[Candidate]) -> str:
    versions = sort_versions(candidate.version for candidate in candidates)
    return ", ".join(versions[:3]) + (" ..." if len(versions) > 3 else "")
