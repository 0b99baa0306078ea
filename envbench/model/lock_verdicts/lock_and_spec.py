"""Whether a lock still is what a spec asks for: judged line by line, nothing is solved.

What cannot be judged is said; nothing is fine by silence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from envbench.model.channel_names import NODEFAULTS
from envbench.model.lock_verdicts.channel_match import (
    ChannelAddresses,
    channel_texts,
    is_same_channel,
)
from envbench.model.lock_verdicts.closure import check_closure, find_unneeded
from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    Place,
    join_judgements,
    name_some,
)
from envbench.model.lock_verdicts.line_match import LineVerdict, judge_match
from envbench.model.lock_verdicts.lock_and_pip_section import PipSectionJudge
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect
from envbench.model.redaction import redact
from envbench.model.span import Span
from envbench.model.spec import CondaDependency, EnvironmentSpec, SelectorStyle

_VIRTUAL = "__"
_Same = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCheck:
    """What a lock is judged by."""

    spec: EnvironmentSpec
    path: str
    """Of the spec, as messages name it."""
    platform: str
    """Taken for a lock that names none."""
    channels: ChannelAddresses = field(default_factory=dict)
    """What the names of channels stand for in the settings."""
    configured: tuple[str, ...] = ()
    """Channels that this box adds to those of the spec: locks made here name them, too."""
    folder: str = "."
    """Of the spec, absolute where it is known: relative paths of pip items begin there."""


def judge_lock(sides: Sequence[LockSide], check: SpecCheck) -> Judgement:
    """Hold all platforms of a lock against a spec."""
    several = len(sides) > 1
    judged = [judge_platform(side, check) for side in sides]
    if several:
        judged = [each.on(s.locked.platform or "") for each, s in zip(judged, sides, strict=True)]
    return join_judgements([_judge_platforms(sides, check), *judged])


def judge_platform(side: LockSide, check: SpecCheck) -> Judgement:
    """Hold one platform of a lock against a spec."""
    return join_judgements(
        [
            _judge_channels(side, check),
            _judge_dependencies(side, check),
            PipSectionJudge(side, check.spec, check.path, check.folder).judge(),
            _judge_variables(side, check),
            check_closure(side, check.channels),
            _look_for_unneeded(side, check),
        ]
    )


def _judge_platforms(sides: Sequence[LockSide], check: SpecCheck) -> Judgement:
    wanted = check.spec.platforms
    locked = [side.locked.platform for side in sides if side.locked.platform]
    if not wanted:
        return Judgement()
    if not locked:
        return Judgement(not_compared=("platforms: the lock names none",))
    span = check.spec.platforms_span
    place = Place(check.path, span.line if span else None)
    return Judgement(
        findings=tuple(
            Finding(
                mark=FindingMark.GONE, group=FindingGroup.PLATFORM, name=name,
                message="the spec lists it, and it is not locked",
                places=(place, *sides[0].place()),
            )
            for name in wanted if name not in locked
        ),
        notes=tuple(f"{name} is locked and not among the platforms of the spec"
                    for name in locked if name not in wanted),
    )  # fmt: skip


def _judge_dependencies(side: LockSide, check: SpecCheck) -> Judgement:
    platform = side.locked.platform or check.platform
    lines = check.spec.dependencies_on(platform)
    notes = []
    if side.locked.platform is None and len(lines) < len(check.spec.dependencies):
        notes.append(f"the lock names no platform; {platform} was taken for lines with sel(...)")
    if any(line.selector and line.selector.style is SelectorStyle.COMMENT for line in lines):
        notes.append("lines with `# [...]` count everywhere, as for conda")
    if not side.says(LockAspect.CONDA):
        absent = ("dependencies: the lock does not say conda packages",) if lines else ()
        return Judgement(not_compared=absent, notes=tuple(notes))
    judged = [_judge_line(line, side, check) for line in lines]
    return join_judgements([Judgement(notes=tuple(notes)), *judged])


def _judge_line(line: CondaDependency, side: LockSide, check: SpecCheck) -> Judgement:
    match, place = line.match, _spec_place(check, line.span)
    if match is None:
        return Judgement(not_compared=(f"{place}: {line.text} is no dependency",))
    if match.name.startswith(_VIRTUAL):
        return Judgement(needs=(line.text,))
    found = side.conda.get(match.name)
    if found is None:
        by_pip = side.pip.get(canonicalize_name(match.name))
        what = f"locked is {by_pip.describe()} of pip" if by_pip else "it is not locked"
        gone = Finding(
            mark=FindingMark.GONE, group=FindingGroup.CONDA, name=match.name,
            message=f"{line.text} is asked for, and {what}",
            places=(place, *side.place(by_pip)),
        )  # fmt: skip
        return Judgement(findings=(gone,))
    verdict = judge_match(match, found, check.channels)
    changed = Finding(
        mark=FindingMark.CHANGED, group=FindingGroup.CONDA, name=match.name,
        message=f"{redact(line.text)} is asked for: {'; '.join(verdict.faults)}",
        places=(place, *side.place(found)),
    )  # fmt: skip
    return Judgement(
        findings=() if verdict.fits else (changed,),
        not_compared=_say_unknown(place, line.text, verdict),
    )


def _say_unknown(place: Place, text: str, verdict: LineVerdict) -> tuple[str, ...]:
    if not verdict.unknown:
        return ()
    return (f"{place}: {redact(text)}: {name_some(verdict.unknown)}",)


def _spec_place(check: SpecCheck, span: Span | None) -> Place:
    return Place(check.path, span.line if span else None)


def _judge_channels(side: LockSide, check: SpecCheck) -> Judgement:
    asked = [each for each in check.spec.channels if each.name != NODEFAULTS]
    if not side.says(LockAspect.CHANNEL_ORDER):
        return Judgement(not_compared=("channels and their order: the lock does not say them",))
    if not asked:
        return Judgement(not_compared=("channels: the spec names none",))
    locked = [text for text in side.locked.channels if text != NODEFAULTS]

    def same(one: str, other: str) -> bool:
        return is_same_channel(one, other, check.channels)

    gone = [each for each in asked if not any(same(each.name, text) for text in locked)]
    findings = [
        Finding(
            mark=FindingMark.GONE, group=FindingGroup.CHANNELS, name=redact(each.name),
            message="the spec names this channel, the lock does not",
            places=(_spec_place(check, each.span), *side.place()),
        )
        for each in gone
    ]  # fmt: skip
    names = [each.name for each in asked]
    own = [text for text in locked if any(same(name, text) for name in names)]
    findings += _find_further(side, check, [text for text in locked if text not in own], same)
    shared = [name for name in names if any(same(name, text) for text in locked)]
    ranks = [next(n for n, name in enumerate(shared) if same(name, text)) for text in own]
    if ranks != sorted(ranks):
        order = f"{', '.join(map(redact, own))} in the lock, {', '.join(map(redact, names))} here"
        findings.append(
            Finding(
                mark=FindingMark.CHANGED, group=FindingGroup.CHANNELS, name="order",
                message=order,
                places=(_spec_place(check, check.spec.channels_span), *side.place()),
            )
        )  # fmt: skip
    return Judgement(findings=tuple(findings))


def _find_further(
    side: LockSide, check: SpecCheck, further: Sequence[str], same: _Same
) -> Iterator[Finding]:
    """Find channels that only the lock names, unless a `channel::` line or this box adds them."""
    lines = (line.match for line in check.spec.dependencies)
    asked = [match.channel for match in lines if match is not None and match.channel]
    for text in further:
        if any(same(channel, text) for channel in (*asked, *check.configured)):
            continue
        users = [
            package.name
            for package in side.locked.packages
            if any(same(text, found) for found in channel_texts(package))
        ]
        used = f" and takes {name_some(users)} from it" if users else ""
        yield Finding(
            mark=FindingMark.ADDED, group=FindingGroup.CHANNELS, name=redact(text),
            message=f"the lock names this channel{used}, the spec does not",
            places=(_spec_place(check, check.spec.channels_span), *side.place()),
        )  # fmt: skip


def _judge_variables(side: LockSide, check: SpecCheck) -> Judgement:
    asked = {variable.name: variable for variable in check.spec.variables}
    if not side.says(LockAspect.VARIABLES):
        names = name_some(asked)
        said = (f"variables ({names}): the lock does not say them",) if asked else ()
        return Judgement(not_compared=said)
    locked = dict(side.locked.variables)
    findings = []
    for name in sorted(asked.keys() | locked.keys()):
        wanted = asked.get(name)
        if wanted is not None and wanted.value == locked.get(name):
            continue
        if wanted is None:
            mark, message = FindingMark.ADDED, f"locked is {locked[name]!r}, and no line sets it"
        elif name in locked:
            mark = FindingMark.CHANGED
            message = f"{wanted.value!r} is asked for, locked is {locked[name]!r}"
        else:
            mark, message = FindingMark.GONE, f"{wanted.value!r} is asked for, and it is not locked"
        place = (_spec_place(check, wanted.span),) if wanted else ()
        findings.append(
            Finding(
                mark=mark, group=FindingGroup.VARIABLES, name=name, message=redact(message),
                places=(*place, *side.place()),
            )
        )  # fmt: skip
    return Judgement(findings=tuple(findings))


def _look_for_unneeded(side: LockSide, check: SpecCheck) -> Judgement:
    platform = side.locked.platform or check.platform
    conda = [line.match.name for line in check.spec.dependencies_on(platform) if line.match]
    judge = PipSectionJudge(side, check.spec, check.path, check.folder)
    if check.spec.pip_span is not None:
        conda += ["pip", "python"]
    left = find_unneeded(side, conda, judge.names())
    if left is None:
        # The closure says whose dependencies are not known.
        return Judgement()
    note = f"nothing asks for {name_some(left)} any more"
    return Judgement(notes=(note,) if left else ())
