"""An environment, another lock or a spec held against a lock."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from envbench.envs.installed import InstalledReading
from envbench.envs.prefix_records import DamagedRecord
from envbench.envs.verification import PrefixVerification, verify_records
from envbench.model.lock import Lock
from envbench.model.lock_comparison import Drift, DriftKind, LockComparison
from envbench.model.lock_verdicts.drift_findings import judge_comparison
from envbench.model.lock_verdicts.finding import (
    NOTHING_FOUND,
    Judgement,
    join_judgements,
)
from envbench.model.lock_verdicts.pair import compare_sides
from envbench.model.lock_verdicts.side import LockSide
from envbench.model.locked_set import LockAspect, lock_to_set
from envbench.settings.load import Settings
from envbench.workbench.installed_environments import read_everything
from envbench.workbench.locks.subjects import FoundSubject
from envbench.workbench.values.lock_making import LockSubject
from envbench.workbench.values.verifying import LockReport as LockReport
from envbench.workbench.values.verifying import PackReport as PackReport
from envbench.workbench.values.verifying import VerifyKind as VerifyKind
from envbench.workbench.values.verifying import VerifyReport as VerifyReport
from envbench.workbench.verification.of_locks import verify_locks as verify_locks
from envbench.workbench.verification.of_locks import verify_spec as verify_spec
from envbench.workbench.verification.sides import (
    ReadLock,
    channels_of,
    find_addresses,
    read_lock_sides,
)
from envbench.workbench.verification.subjects import find_pair, say_taken

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
    on_bytes: Callable[[int, int], None] | None = None,
) -> VerifyReport | LockReport | PackReport:
    """Hold a lock against an environment, a spec or another lock; or one thing against itself.

    By themselves stand environments, whose files have records, and packs, which have a manifest.

    Args:
        first: Environment, lock or spec; which it is, is seen by what is there.
        second: Likewise; None for an environment or a pack alone.
        settings: The user's settings.
        shallow: Sizes and existence of files only, no content.
        extra: Also list files that belong to no package.
        files: Whether the files of an environment are looked at beside its packages.
        on_bytes: Told how many bytes of a pack are done, and of how many.

    Raises:
        UsageError: One is not there or cannot be read, or none is a lock.
        NotFineError: A lock or a spec cannot be relied on; names its lines.
    """
    one, two = find_pair(first, second)
    if two is None and one.kind is LockSubject.LOCK:
        # Loads the engine, which nothing else here needs.
        from envbench.workbench.packs.checking import check_pack

        return check_pack(_path(one), on_bytes)
    if two is None:
        return verify_environment(first, None, settings, shallow=shallow, extra=extra)
    report: VerifyReport | LockReport
    if two.kind is LockSubject.ENVIRONMENT:
        report = verify_environment(
            two.text, _path(one), settings, shallow=shallow, extra=extra, files=files
        )
    elif two.kind is LockSubject.SPEC:
        report = verify_spec(_path(one), _path(two), settings)
    else:
        report = verify_locks(_path(one), _path(two), settings)
    taken = Judgement(notes=say_taken(one))
    return replace(report, judgement=join_judgements([report.judgement, taken]))


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
    lock = read_lock_sides(lock_file) if lock_file is not None else None
    reading = read_everything(reference, settings)
    packages, judgement = None, NOTHING_FOUND
    if lock is not None:
        packages, judgement = _compare_installed(lock, reading.lock, settings)
    return VerifyReport(
        environment=reference,
        prefix=str(reading.records.prefix),
        lock=str(lock_file or ""),
        format=lock.format if lock else "",
        packages=packages,
        files=verify_records(reading.records, reading.pip, shallow=shallow, extra=extra)
        if files
        else _no_files(reading),
        judgement=judgement,
        looked_at_files=files,
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
        channels = find_addresses((*channels_of(side), *channels_of(other)), settings)
        comparison = compare_sides(side, other, channels)
    judged = judge_comparison(comparison, side, other)
    return comparison, join_judgements([lock.judgement, judged])


def _no_files(reading: InstalledReading) -> PrefixVerification:
    """Say what reading the records showed: without one, a package would be missing in silence."""
    return PrefixVerification(
        prefix=reading.records.prefix,
        conda_packages=len(reading.records.packages),
        pip_packages=len(reading.pip.distributions),
        checked_files=0,
        checked_bytes=0,
        missing=(),
        changed=(),
        unchecked=0,
        damaged_records=(
            *reading.records.damaged,
            *(
                DamagedRecord(reading.records.prefix / name, why)
                for name, why in reading.pip.damaged
            ),
        ),
    )


def _path(subject: FoundSubject) -> Path:
    """Give the file as it was named, so that messages name it the same way."""
    if subject.path is not None and subject.text.startswith("file://"):
        return subject.path
    return Path(subject.text).expanduser()
