"""What a line of a spec means, in facts of the package index."""

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
    is_met,
)
from envbench.engine.search import find_close_names
from envbench.model.cleaning import clean
from envbench.model.counting import count_of
from envbench.model.dependency_meaning import say_match, say_pip
from envbench.model.fuzzy import NameTable
from envbench.model.host import HostProfile
from envbench.model.inspection import MAX_HEADLINE, BestBuild, ChannelMatch, LineInspection
from envbench.model.known_names import NOT_IN_CONDA, conda_name_of
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.pip_lines import PipVerdict, classify_pip_item
from envbench.model.redaction import redact_url
from envbench.model.spec_place import list_section, read_spec_line
from envbench.settings.load import Settings
from envbench.workbench.index_words import (
    is_newer,
    list_pythons,
    list_versions,
    say_age,
    say_date,
    say_range,
    say_size,
)
from envbench.workbench.spec_index import SpecIndex

_MOST_VERSIONS = 12
"""Versions named in one detail."""
_MOST_LACKING = 3
_FEW = 4
"""Letters of a name that is too short to be compared by its letters."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A line, and all that is needed to say something of it."""

    text: str
    line: int
    found: SpecIndex
    settings: Settings
    host: HostProfile


def inspect_subject(subject: Subject) -> LineInspection:
    """Say what a line means; any text has an answer, if only why there is none."""
    line = read_spec_line(subject.text, subject.line)
    if not line.is_item or not line.value:
        return _without(subject, _explain_nothing(line.value, line.section))
    if line.section == "channels":
        return _finish(subject, _inspect_channel(subject, line.value))
    if line.section == "pip":
        return _finish(subject, _inspect_pip(subject, line.value))
    if line.section != "dependencies":
        return _without(subject, "nothing on this line asks for a package")
    return _inspect_dependency(subject, line.value)


def _explain_nothing(value: str, section: str) -> str:
    if value and section in {"dependencies", "channels", "pip"}:
        return "an item of this list begins with `- `"
    return "nothing on this line asks for a package"


def _without(subject: Subject, reason: str) -> LineInspection:
    return LineInspection(line=subject.line, reason=clean(reason, limit=300))


def _finish(subject: Subject, found: LineInspection) -> LineInspection:
    headline = clean(found.headline, limit=400)
    if len(headline) > MAX_HEADLINE:
        headline = f"{headline[: MAX_HEADLINE - 1]}…"
    return replace(
        found,
        headline=headline,
        details=tuple(clean(detail, limit=600) for detail in found.details if detail),
        status=subject.found.status,
        pending=subject.found.index.pending,
    )


def _inspect_channel(subject: Subject, value: str) -> LineInspection:
    shown = redact_url(value)
    states = subject.found.index.channels
    if value == "nodefaults":
        words = "nodefaults: no channel; it leaves the configured channels out"
        return LineInspection(line=subject.line, headline=words)
    group = subject.settings.channels.find(value)
    place = next((i for i, s in enumerate(states) if s.group.urls == group.urls), None)
    addresses = tuple(f"address: {redact_url(url)}" for url in group.urls)
    if place is None:
        return LineInspection(line=subject.line, headline=f"{shown}: not used", details=addresses)
    count = len(subject.found.index.only(states[place]).names)
    priority = subject.settings.channels.priority
    rank = f"number {place + 1} of {len(states)} under {priority} priority"
    known = "no index at hand" if states[place].is_missing else f"{count:,} packages"
    age = states[place].age_s
    details = (f"index {say_age(age)}" if age is not None else "", *addresses)
    return LineInspection(line=subject.line, headline=f"{shown}: {known}, {rank}", details=details)


def _inspect_pip(subject: Subject, value: str) -> LineInspection:
    line = classify_pip_item(value)
    meaning = say_pip(line)
    if line.verdict is PipVerdict.REFUSED or line.requirement is None:
        return LineInspection(line=subject.line, headline=f"pip: {meaning}", details=(line.reason,))
    name = conda_name_of(line.requirement.name)
    index = subject.found.index
    having = index.channels_with(name)
    also = "these channels do not have it"
    if having:
        as_name = "" if name == line.requirement.name.lower() else f" as {name}"
        also = f"conda has it too{as_name}: {index.newest(name)} ({having[0].group.name})".rstrip()
    return LineInspection(
        line=subject.line,
        headline=f"pip: {meaning}",
        details=(also, "not resolved here: pip lines are resolved when the conda part is in place"),
        name=line.requirement.name,
        newest=index.newest(name) if having else "",
    )


def _inspect_dependency(subject: Subject, value: str) -> LineInspection:
    if value == "pip":
        pip = find_matches(subject.found.index, "pip")
        return _finish(subject, _describe(subject, pip))
    try:
        matches = find_matches(subject.found.index, value)
    except MatchSpecError as error:
        return _without(subject, f"this is no match spec (yet): {error}")
    if any(key == "url" for key, _ in matches.spec.brackets):
        headline = say_match(matches.spec)
        detail = "an archive by its address: taken as it is, whatever the channels have"
        found = LineInspection(line=subject.line, headline=headline, details=(detail,))
        return _finish(subject, found)
    if matches.spec.name.startswith("__"):
        return _finish(subject, _inspect_virtual(subject, matches, value))
    if not matches.named:
        return _finish(subject, _inspect_missing(subject, matches))
    return _finish(subject, _describe(subject, matches))


def _inspect_virtual(subject: Subject, matches: Matches, value: str) -> LineInspection:
    name = matches.spec.name
    packages = subject.host.virtual_packages()
    own = next((p for p in packages if p.name == name), None)
    has = f"this box has {name} {own.version}" if own else f"this box has no {name}"
    fits = "which fits" if is_met(value, packages) else "which does not fit"
    return LineInspection(
        line=subject.line,
        headline=f"{name} stands for a property of the box; {has}, {fits}",
        details=(say_match(matches.spec),),
        name=name,
    )


def _inspect_missing(subject: Subject, matches: Matches) -> LineInspection:
    index, name = subject.found.index, matches.spec.name
    meaning = say_match(matches.spec)
    known = [state for state in index.channels if state.files]
    unread = [s.group.name for s in index.channels if s.is_missing or s.pending or s.fault]
    if not known or index.channels_with(name):
        return LineInspection(line=subject.line, headline=meaning, name=name)
    close = _find_close(name, index.names)
    hint = f" (did you mean {close[0]}?)" if close else ""
    where = ", ".join(state.group.name for state in known)
    details = [meaning]
    if close:
        details.append(f"close names: {', '.join(close)}")
    if name in NOT_IN_CONDA:
        details.append(f"channels call it {NOT_IN_CONDA[name]}")
    if unread:
        details.append(f"not looked into: {', '.join(unread)}")
    return LineInspection(
        line=subject.line,
        headline=f"no package {name} in {where}{hint}",
        details=tuple(details),
        name=name,
        builds=0,
        close_names=close,
    )


def _find_close(name: str, table: NameTable) -> tuple[str, ...]:
    """Find close names; only those that share most of their letters are compared closely."""
    letters = set(name)
    near = (
        other
        for other in table.names
        if len(name) <= _FEW or 3 * len(letters.intersection(other)) >= 2 * len(letters)
    )
    known = (NOT_IN_CONDA.get(name, ""), conda_name_of(name))
    sure = [other for other in known if other and other != name and other in table]
    return tuple(dict.fromkeys([*sure, *find_close_names(name, near)]))[:5]


def _describe(subject: Subject, matches: Matches) -> LineInspection:
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
    parts = [spec.name, spec.version or "", spec.build or ""]
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
