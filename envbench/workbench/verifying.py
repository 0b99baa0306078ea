"""An environment, another lock or a spec held against a lock."""

from dataclasses import replace
from pathlib import Path

from envbench.envs.verification import PrefixVerification, verify_prefix
from envbench.files import read_text_file
from envbench.formats.spec_parsing import parse_spec
from envbench.model.channel_match import channel_texts
from envbench.model.cleaning import clean
from envbench.model.drift_findings import judge_comparison
from envbench.model.errors import NotFineError
from envbench.model.lock import Lock
from envbench.model.lock_and_spec import SpecCheck, judge_lock
from envbench.model.lock_comparison import Drift, DriftKind, LockComparison
from envbench.model.lock_finding import (
    Finding,
    FindingGroup,
    FindingMark,
    Judgement,
    join_judgements,
)
from envbench.model.lock_pair import compare_sides
from envbench.model.lock_side import LockSide
from envbench.model.locked_set import LockAspect, lock_to_set
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix, read_lock
from envbench.workbench.lock_sides import ReadLock, find_addresses, read_lock_sides
from envbench.workbench.lock_subjects import FoundSubject
from envbench.workbench.values.lock_making import LockSubject
from envbench.workbench.values.verifying import LockReport as LockReport
from envbench.workbench.values.verifying import VerifyKind as VerifyKind
from envbench.workbench.values.verifying import VerifyReport as VerifyReport
from envbench.workbench.verify_subjects import find_pair

_NOT_INSTALLED = frozenset({LockAspect.NAME, LockAspect.CHANNEL_ORDER})
"""What only specs and locks have: what is installed has no channels, only packages from them."""


def verify(
    first: str,
    second: str | None,
    settings: Settings,
    *,
    shallow: bool = False,
    extra: bool = False,
    files: bool = True,
) -> VerifyReport | LockReport:
    """Hold a lock against an environment, a spec or another lock; or an environment against itself.

    Args:
        first: Environment, lock or spec; which it is, is seen by what is there.
        second: Likewise; None for an environment alone.
        settings: The user's settings.
        shallow: Sizes and existence of files only, no content.
        extra: Also list files that belong to no package.
        files: Whether the files of an environment are looked at beside its packages.

    Raises:
        UsageError: One is not there or cannot be read, or none is a lock.
        NotFineError: A lock or a spec cannot be relied on; names its lines.
    """
    one, two = find_pair(first, second)
    if two is None:
        return verify_environment(first, None, settings, shallow=shallow, extra=extra)
    lock = _path(one)
    if two.kind is LockSubject.ENVIRONMENT:
        return verify_environment(
            two.text, lock, settings, shallow=shallow, extra=extra, files=files
        )
    if two.kind is LockSubject.SPEC:
        return verify_spec(lock, _path(two), settings)
    return verify_locks(lock, _path(two), settings)


def verify_environment(
    reference: str,
    lock_file: Path | None,
    settings: Settings,
    *,
    shallow: bool = False,
    extra: bool = False,
    files: bool = True,
) -> VerifyReport:
    """Compare an environment with a lock file, and all its files with their records.

    Args:
        reference: Name, `NAME@GENERATION`, or path.
        lock_file: The lock; None compares the files only. Of a lock of several platforms, that of
            the environment counts.
        settings: The user's settings.
        shallow: Sizes and existence only, no content.
        extra: Also list files that belong to no package; they are told, and are no fault.
        files: Whether files are looked at.

    Raises:
        UsageError: There is no such environment, or the lock cannot be read.
        NotFineError: The lock cannot be relied on; names its lines.
    """
    prefix = find_prefix(reference, settings)
    packages, judgement, form = None, Judgement(), ""
    if lock_file is not None:
        lock = read_lock_sides(lock_file)
        form = lock.format
        packages, judgement = _compare_installed(lock, read_lock(reference, settings), settings)
    return VerifyReport(
        environment=reference,
        prefix=str(prefix),
        lock=str(lock_file or ""),
        format=form,
        packages=packages,
        files=verify_prefix(prefix, shallow=shallow, extra=extra) if files else _no_files(prefix),
        judgement=judgement,
        looked_at_files=files,
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
        channels = find_addresses((*_channels(here), *_channels(there)), settings)
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
    asked += [d.match.channel for d in spec.dependencies if d.match and d.match.channel]
    names = (*asked, *(name for side in lock.sides for name in _channels(side)))
    folder = spec_file.absolute().parent
    check = SpecCheck(
        spec=spec,
        path=clean(str(spec_file)),
        platform=next(iter(spec.platforms), "linux-64"),
        channels=find_addresses(names, settings, folder),
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


def _compare_installed(
    lock: ReadLock, installed: Lock, settings: Settings
) -> tuple[LockComparison, Judgement]:
    there = lock_to_set(installed)
    other = LockSide(locked=replace(there, kept=there.kept - _NOT_INSTALLED))
    side = lock.for_platform(installed.platform)
    if side is None:
        drift = Drift(
            kind=DriftKind.PLATFORM, manager="", name="platform",
            locked=", ".join(lock.platforms), installed=installed.platform,
        )  # fmt: skip
        nothing = f"packages: nothing is locked for {installed.platform}"
        comparison, side = LockComparison((drift,), (nothing,)), lock.sides[0]
    else:
        channels = find_addresses((*_channels(side), *_channels(other)), settings)
        comparison = compare_sides(side, other, channels)
    judged = judge_comparison(comparison, side, other)
    return comparison, join_judgements([lock.judgement, judged])


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


def _channels(side: LockSide) -> tuple[str, ...]:
    named = (text for package in side.locked.packages for text in channel_texts(package))
    return tuple(dict.fromkeys((*side.locked.channels, *named)))


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


def _no_files(prefix: Path) -> PrefixVerification:
    return PrefixVerification(
        prefix=prefix, conda_packages=0, pip_packages=0, checked_files=0, checked_bytes=0,
        missing=(), changed=(), unchecked=0, damaged_records=(),
    )  # fmt: skip


def _path(subject: FoundSubject) -> Path:
    """Give the file as it was named, so that messages name it the same way."""
    if subject.path is not None and subject.text.startswith("file://"):
        return subject.path
    return Path(subject.text).expanduser()
