"""Locks held against other locks and against specs: no environment, no solve, no network."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.spec_parsing import parse_spec
from envbench.machine.host import detect_platform
from envbench.model.channel_names import NODEFAULTS
from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError
from envbench.model.lock_verdicts.drift_findings import judge_comparison
from envbench.model.lock_verdicts.finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    join_judgements,
)
from envbench.model.lock_verdicts.lock_and_spec import SpecCheck, judge_lock
from envbench.model.lock_verdicts.pair import compare_sides
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.values.verifying import LockReport, VerifyKind
from envbench.workbench.verification.sides import (
    ReadLock,
    channels_of,
    find_addresses,
    read_lock_sides,
)


def verify_locks(first: Path, second: Path, settings: Settings) -> LockReport:
    """Compare two locks of any formats, platform by platform.

    Raises:
        UsageError: One cannot be read, or is no lock.
        NotFineError: One cannot be relied on; names its lines.
    """
    one, two = read_lock_sides(first), read_lock_sides(second)
    pairs, judged = _pair_sides(one, two)
    several = len(pairs) > 1
    for here, there in pairs:
        channels = find_addresses((*channels_of(here), *channels_of(there)), settings)
        found = judge_comparison(compare_sides(here, there, channels), here, there)
        platform = here.locked.platform or there.locked.platform or ""
        judged = join_judgements([judged, found.on(platform) if several else found])
    platforms = [here.locked.platform or there.locked.platform for here, there in pairs]
    return LockReport(
        kind=VerifyKind.LOCKS,
        lock=one.path,
        format=one.format,
        other=two.path,
        other_format=two.format,
        platforms=tuple(filter(None, platforms)),
        judgement=join_judgements([one.judgement, two.judgement, judged]),
    )


def verify_spec(lock_file: Path, spec_file: Path, settings: Settings) -> LockReport:
    """Ask whether a lock still satisfies a spec; nothing is solved, and no network is used.

    Raises:
        UsageError: One cannot be read, or the first is no lock.
        NotFineError: One cannot be relied on; names its lines.
    """
    lock, spec = read_lock_sides(lock_file), _read_spec(spec_file)
    asked = [each.name for each in spec.channels]
    configured = _find_configured(asked, settings)
    asked += [d.match.channel for d in spec.dependencies if d.match and d.match.channel]
    names = (*asked, *configured, *(name for side in lock.sides for name in channels_of(side)))
    folder = spec_file.absolute().parent
    check = SpecCheck(
        spec=spec,
        path=clean(str(spec_file)),
        platform=next(iter(spec.platforms), "") or detect_platform(),
        channels=find_addresses(names, settings, folder),
        configured=configured,
        folder=str(folder),
    )
    return LockReport(
        kind=VerifyKind.SPEC,
        lock=lock.path,
        format=lock.format,
        other=check.path,
        other_format="",
        platforms=lock.platforms,
        judgement=join_judgements([lock.judgement, judge_lock(_say_pip(lock), check)]),
    )


def _find_configured(asked: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """List the channels that the settings add to those of a spec."""
    resolve = settings.channels.resolve
    own = {group.name for group in resolve((*asked, NODEFAULTS)).groups}
    return tuple(group.name for group in resolve(asked).groups if group.name not in own)


def _say_pip(lock: ReadLock) -> tuple[LockSide, ...]:
    """Take a conda-lock file at its word: without pip packages it installs none.

    Its reader leaves open whether pip packages were left out for a consumer that takes none; a spec
    that asks for some is not satisfied by it in either case.
    """
    if lock.format != "conda-lock":
        return lock.sides
    return tuple(
        replace(side, locked=replace(side.locked, kept=side.locked.kept | {LockAspect.PIP}))
        for side in lock.sides
    )


def _pair_sides(one: ReadLock, two: ReadLock) -> tuple[list[tuple[LockSide, LockSide]], Judgement]:
    """Put the platforms of two locks together; those that only one has are differences."""
    pairs, findings = [], []
    for side in one.sides:
        other = two.for_platform(side.locked.platform)
        if other is None and side.locked.platform is None:
            # It is for any platform, and so for each of the other's.
            pairs += [(side, each) for each in two.sides]
        elif other is None:
            findings.append(_only(side.locked.platform or "", one, two, FindingMark.GONE))
        else:
            pairs.append((side, other))
    met = {id(other) for _, other in pairs}
    findings += [
        _only(side.locked.platform, two, one, FindingMark.ADDED)
        for side in two.sides
        if side.locked.platform and id(side) not in met
    ]
    return pairs, Judgement(findings=tuple(findings))


def _only(platform: str, has: ReadLock, lacks: ReadLock, mark: FindingMark) -> Finding:
    return Finding(
        mark=mark,
        group=FindingGroup.PLATFORM,
        name=platform,
        message=f"{has.path} locks it, {lacks.path} does not",
    )


def _read_spec(path: Path) -> EnvironmentSpec:
    shown = clean(str(path))
    found = read_text_file(path, what="spec")
    parsed = parse_spec(SpecText(found.text, shown, found.has_bom))
    lines = [f"{shown}:{p.span.line if p.span else 1}: {p.code} {p.message}" for p in parsed.errors]
    if parsed.spec is not None:
        broken = [each for each in parsed.spec.dependencies if each.match is None]
        lines += [f"{shown}:{d.span.line}: `{d.text[:80]}` is no match spec" for d in broken]
        if not lines:
            return parsed.spec
    raise NotFineError(
        "the spec cannot be relied on",
        where=shown,
        why="\n".join(lines[:20]),
        hint=f"envbench check {shown} lists all problems",
    )
