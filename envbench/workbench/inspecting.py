"""What a line of a spec means, in facts of the package index."""

from dataclasses import replace

from envbench.engine.package_index.matching import Matches, find_matches, is_met
from envbench.engine.search import find_close_names
from envbench.model.cleaning import clean
from envbench.model.dependency_meaning import say_match, say_pip
from envbench.model.fuzzy import NameTable
from envbench.model.inspection import MAX_HEADLINE, LineInspection
from envbench.model.known_names import NOT_IN_CONDA, conda_name_of
from envbench.model.matchspec import MatchSpecError
from envbench.model.pip_lines import PipVerdict, classify_pip_item
from envbench.model.redaction import redact_url
from envbench.model.spec_place import read_spec_line
from envbench.workbench.index_words import say_age
from envbench.workbench.line_facts import Subject, describe_matches

_FEW = 4
"""Letters of a name that is too short to be compared by its letters."""


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
    return _finish(subject, describe_matches(subject, matches))


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
