"""From the solver's refusal to the lines of the user's file that cause it.

First each line is looked at by itself: does the package exist, does a build match, does the box
have what every such build needs? A line that fails there is a cause with certainty. Only when
all lines are fine by themselves are they a conflict *between* lines, and then the smallest set
that still has no solution is found by solving. A line is never named on the solver's word alone.
"""

import time
from collections.abc import Sequence

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.backends.rattler.candidates import (
    Candidate,
    Host,
    Line,
    look_up_lines,
)
from envbench.engine.backends.rattler.core import Judge, find_core
from envbench.engine.channels import ChannelNames, build_sources
from envbench.engine.conflict_text import ConflictText, read_conflict, trim_text
from envbench.engine.errors import SolveTimeoutError
from envbench.engine.outside_text import show_text
from envbench.engine.search import find_close_names, find_near_versions, sort_versions
from envbench.model.channel import ChannelPriority
from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict, ConflictCause, CoreKind

EXPLAIN_S = 30.0
"""Most time for narrowing a conflict down."""


async def explain_conflict(attempt: Attempt, solver_text: str) -> Conflict:
    """Make a conflict that names lines out of a solve that failed.

    Args:
        attempt: What was solved.
        solver_text: The solver's explanation.
    """
    read = read_conflict(solver_text)
    lines = await look_up_lines(attempt)
    host = Host(attempt.request.host.virtual_packages())
    causes = [cause for line in lines if (cause := await _judge_line(attempt, line, host, read))]
    if not causes:
        return await _explain_between(attempt, lines, host, read)
    return Conflict(_summarise_alone(causes), tuple(causes), trim_text(read.text))


async def _judge_line(
    attempt: Attempt, line: Line, host: Host, read: ConflictText
) -> ConflictCause | None:
    """Judge one line by itself; None when it could be satisfied if it stood alone."""
    if line.name.startswith("__"):
        return _judge_virtual(line, host, read)
    if line.wanted_channel is not None and line.target is None:
        return _unlisted_channel(attempt, line)
    if not line.named:
        return await _missing_name(attempt, line)
    if not line.in_channel:
        return _elsewhere(line)
    return _missing_on_host(line, host) if line.matching else _missing_version(line)


def _judge_virtual(line: Line, host: Host, read: ConflictText) -> ConflictCause | None:
    missing = any(text.split(" ", 1)[0] == line.name for text in read.missing_virtual)
    if not missing or host.satisfies(line.text):
        return None
    return _cause(
        CoreKind.MISSING_VIRTUAL, line, f"it asks for the box itself: {host.describe(line.name)}"
    )


def _unlisted_channel(attempt: Attempt, line: Line) -> ConflictCause:
    names = ", ".join(group.name for group in attempt.request.channels)
    channel = show_text(line.wanted_channel or "", limit=120)
    return _cause(
        CoreKind.MISSING_PACKAGE, line, f"channel {channel!r} is not among the channels ({names})"
    )


async def _missing_name(attempt: Attempt, line: Line) -> ConflictCause:
    names = await attempt.gateway.names(
        build_sources(attempt.request.channels), attempt.subdirs, channel_relations="disabled"
    )
    close = find_close_names(line.name, (clean(name.normalized, limit=120) for name in names))
    meant = f"; did you mean {' or '.join(close[:2])}?" if close else ""
    places = ", ".join(group.name for group in attempt.request.channels)
    text = f"no channel has a package named {line.name} for {attempt.request.host.platform}"
    return _cause(CoreKind.MISSING_PACKAGE, line, f"{text} (looked in {places}){meant}", close)


def _elsewhere(line: Line) -> ConflictCause:
    channel = show_text(line.wanted_channel or "", limit=120)
    places = _channels_of(line.named)
    return _cause(
        CoreKind.MISSING_PACKAGE,
        line,
        f"channel {channel} has no {line.name}; {' and '.join(places)} has it",
        tuple(f"{place}::{line.name}" for place in places),
    )


def _missing_version(line: Line) -> ConflictCause:
    near = find_near_versions(line.spec.version, (c.version for c in line.in_channel))
    fitting = [c for c in line.in_channel if _version_fits(line, c)]
    if fitting:
        builds = tuple(dict.fromkeys(clean(str(c.record.build), limit=80) for c in fitting))
        return _cause(
            CoreKind.MISSING_VERSION,
            line,
            f"no build of {line.name} {_spell_versions(fitting)} matches; builds there are"
            f" {', '.join(builds[:3])}{' ...' if len(builds) > 3 else ''}",
            builds[:6],
        )
    others = [c for c in line.named if line.spec.matches(c.record)]
    elsewhere = f"; {' and '.join(_channels_of(others))} has it" if others else ""
    return _cause(
        CoreKind.MISSING_VERSION,
        line,
        f"no version of {line.name} matches; {' and '.join(_channels_of(line.in_channel))} has"
        f" {', '.join(near[:4])} (nearest first){elsewhere}",
        near,
    )


def _missing_on_host(line: Line, host: Host) -> ConflictCause | None:
    needs = []
    for candidate in line.matching:
        lacking = [d for d in candidate.depends if d.startswith("__") and not host.satisfies(d)]
        if not lacking:
            return None
        needs.append(lacking[0])
    wanted = tuple(dict.fromkeys(needs))
    return _cause(
        CoreKind.MISSING_VIRTUAL,
        line,
        f"every matching build needs {' or '.join(wanted[:3])}; {host.describe(wanted[0].split()[0])}",
        wanted[:6],
    )


async def _explain_between(
    attempt: Attempt, lines: Sequence[Line], host: Host, read: ConflictText
) -> Conflict:
    suspects = [line.index for line in lines if line.name in read.names]
    patience_s = EXPLAIN_S if attempt.lessons.narrow else 0.0
    judge = Judge(attempt, min(attempt.ends, time.monotonic() + patience_s))
    try:
        core = await find_core(judge, suspects, range(len(lines)))
        relaxed = await _is_solvable_unordered(attempt, core)
    except SolveTimeoutError:
        return _list_candidates([lines[i] for i in suspects] or list(lines), read)
    chosen = [lines[index] for index in core]
    narrow = read_conflict(judge.refusals.get(frozenset(core), "") or read.text)
    names = ChannelNames(attempt.request.channels)
    causes = [
        _explain_member(line, chosen, narrow, host, names=names, relaxed=relaxed) for line in chosen
    ]
    return Conflict(_summarise_core(chosen, relaxed=relaxed), tuple(causes), trim_text(narrow.text))


async def _is_solvable_unordered(attempt: Attempt, core: Sequence[int]) -> bool:
    """Tell whether only strict priority forbids the core."""
    from rattler.exceptions import SolverError

    if attempt.request.channel_priority is not ChannelPriority.STRICT:
        return False
    try:
        await attempt.run(core, unordered=True)
    except SolverError:
        return False
    return True


def _explain_member(
    line: Line,
    core: Sequence[Line],
    read: ConflictText,
    host: Host,
    *,
    names: ChannelNames,
    relaxed: bool,
) -> ConflictCause:
    others = [other for other in core if other is not line]
    against = " and ".join(_name_line(other) for other in others)
    needs = _list_needs(line, {other.name for other in others})
    available: tuple[str, ...] = ()
    if relaxed:
        kind, why = CoreKind.CHANNEL_PRIORITY, _explain_priority(read, names)
        available = _spell_hidden(line, read, names)
    elif read.missing_virtual and not any(
        host.satisfies(text) for text in read.missing_virtual[:1]
    ):
        wanted = read.missing_virtual[0]
        kind = CoreKind.MISSING_VIRTUAL
        why = f"needs {wanted} on the way; {host.describe(wanted.split()[0])}"
    elif not others:
        kind, why = CoreKind.INCOMPATIBLE, _explain_alone(read)
    else:
        kind, why = CoreKind.INCOMPATIBLE, f"cannot be combined with {against}"
    if needs:
        why += f"; its builds need {' or '.join(needs[:4])}{' ...' if len(needs) > 4 else ''}"
    return _cause(kind, line, why, available)


def _explain_priority(read: ConflictText, names: ChannelNames) -> str:
    hidden = [f"{what} of {names(url)}" for what, url in read.hidden_by_priority]
    if not hidden:
        return "strict channel priority hides the builds that fit"
    more = f" and {len(hidden) - 2} more" if len(hidden) > 2 else ""
    return f"strict channel priority leaves out {' and '.join(hidden[:2])}{more}"


def _spell_hidden(line: Line, read: ConflictText, names: ChannelNames) -> tuple[str, ...]:
    """Spell the line's own package with the channel in which it is hidden."""
    own = [url for what, url in read.hidden_by_priority if what.split(" ", 1)[0] == line.name]
    return tuple(dict.fromkeys(f"{names(url)}::{line.name}" for url in own))


def _explain_alone(read: ConflictText) -> str:
    if read.without_candidates:
        return f"no build of it can be installed: nothing provides {read.without_candidates[0]}"
    return "no build of it can be installed from these channels, even alone"


def _list_needs(line: Line, names: set[str]) -> list[str]:
    """List what the builds want of the other lines; empty unless every build wants something."""
    needs: dict[str, None] = {}
    for candidate in line.matching:
        wanted = [d for d in candidate.depends if d.split(" ", 1)[0].lower() in names]
        if not wanted:
            return []
        needs.update(dict.fromkeys(wanted))
    return list(needs)


def _list_candidates(lines: Sequence[Line], read: ConflictText) -> Conflict:
    causes = tuple(
        _cause(CoreKind.INCOMPATIBLE, line, "may take part: there was no time to find out")
        for line in lines
    )
    return Conflict(
        "no solution; the lines below are candidates for the cause, not proven to be it",
        causes,
        trim_text(read.text),
        is_proven=False,
    )


def _summarise_alone(causes: Sequence[ConflictCause]) -> str:
    first = causes[0]
    more = f", and {len(causes) - 1} more" if len(causes) > 1 else ""
    where = f"line {first.line}: " if first.line is not None else ""
    return f"{where}{first.spec} has no candidate{more}"


def _summarise_core(core: Sequence[Line], *, relaxed: bool) -> str:
    names = [_name_line(line) for line in core]
    reason = " under strict channel priority" if relaxed else ""
    if len(names) == 1:
        return f"{names[0]} cannot be installed{reason}"
    return f"{', '.join(names[:-1])} and {names[-1]} cannot be installed together{reason}"


def _name_line(line: Line) -> str:
    text = show_text(line.text, limit=120)
    return f"{text} (line {line.number})" if line.number is not None else text


def _cause(
    kind: CoreKind, line: Line, explanation: str, available: Sequence[str] = ()
) -> ConflictCause:
    shown = show_text(line.text, limit=200)
    return ConflictCause(
        kind, shown, line.number, show_text(explanation, limit=600), tuple(available)
    )


def _channels_of(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(candidate.channel for candidate in candidates))


def _version_fits(line: Line, candidate: Candidate) -> bool:
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        return MatchSpec(f"{line.name} {line.spec.version or '*'}").matches(candidate.record)
    except InvalidMatchSpecError:
        return False


def _spell_versions(candidates: Sequence[Candidate]) -> str:
    versions = sort_versions(candidate.version for candidate in candidates)
    return ", ".join(versions[:3]) + (" ..." if len(versions) > 3 else "")
