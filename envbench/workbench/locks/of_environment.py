"""The lock of what is installed, whoever installed it."""

from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lock import Lock
from envbench.model.redaction import redact
from envbench.settings.load import Settings
from envbench.workbench.installed_environments import find_prefix, read_whole_lock
from envbench.workbench.locks.subjects import FoundSubject
from envbench.workbench.pip_provenance import find_pip_sources, lacks_source
from envbench.workbench.values.lock_making import LockOrder, LockSubject, MadeLocks, PlatformChange


def lock_environment(order: LockOrder, subject: FoundSubject, settings: Settings) -> MadeLocks:
    """Lock an environment as it stands.

    Raises:
        UsageError: There is no such environment, or another platform is asked for.
        NotFineError: Records of the environment are damaged.
    """
    lock = read_whole_lock(order.subject, settings)
    _require_platform(order, lock)
    lock, warnings = _find_hashes(order, lock, settings)
    change = _compare(order.against, lock, settings) if order.against else None
    return MadeLocks(
        subject=LockSubject.ENVIRONMENT,
        source=subject.describe(),
        locks=(lock,),
        changes=(change,) if change is not None else (),
        against=order.against or "",
        warnings=warnings,
    )


def _compare(against: str, lock: Lock, settings: Settings) -> PlatformChange | None:
    from envbench.workbench.locks.against import read_against

    return read_against(against, settings).describe_change(lock)


def _require_platform(order: LockOrder, lock: Lock) -> None:
    if set(order.platforms) - {lock.platform}:
        raise UsageError(
            f"the environment is of the platform {lock.platform}",
            where=clean(order.subject, limit=300),
            why="What another platform would have is not known from what is installed.",
            hint="Lock its spec instead: envbench lock SPEC --platform ...",
        )


def _find_hashes(order: LockOrder, lock: Lock, settings: Settings) -> tuple[Lock, tuple[str, ...]]:
    """Look for the hashes that the installer did not keep; what stays unknown is said."""
    if not order.find_hashes:
        unknown = ", ".join(package.name for package in lock.pip if lacks_source(package))
        said = f"no hash is known for {unknown}, and none was looked for"
        return lock, (said,) if unknown else ()
    report = find_pip_sources(
        lock, find_prefix(order.subject, settings), settings, offline=order.offline
    )
    by_reason: dict[str, list[str]] = {}
    for name, why in report.unknown:
        by_reason.setdefault(why, []).append(name)
    warnings = (
        clean(redact(f"no hash is known for {', '.join(names)}: {why}"), limit=1000)
        for why, names in by_reason.items()
    )
    return report.lock, tuple(warnings)
