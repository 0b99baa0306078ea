"""A lock file of one format as locks that can be written in another."""

from dataclasses import replace

from envbench.envs.topology import sort_topologically
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lock import Lock
from envbench.model.lock_from_set import lock_of_set
from envbench.model.locked_set import LockAspect, LockedSet
from envbench.settings.load import Settings
from envbench.workbench.locks.against import read_against
from envbench.workbench.locks.content import LockContent, read_lock_content
from envbench.workbench.locks.lock_file import PACK_FORMAT, read_pack_lock
from envbench.workbench.locks.subjects import FoundSubject
from envbench.workbench.values.lock_making import LockOrder, LockSubject, MadeLocks

_WORTH_SAYING = (
    LockAspect.NAME,
    LockAspect.PLATFORM,
    LockAspect.CHANNEL_ORDER,
    LockAspect.CONDA,
    LockAspect.BUILD,
    LockAspect.ADDRESS,
    LockAspect.PIP,
    LockAspect.PIP_ADDRESS,
    LockAspect.PIP_HASH,
    LockAspect.VARIABLES,
)


def convert_lock(order: LockOrder, subject: FoundSubject, settings: Settings) -> MadeLocks:
    """Take a lock file as it is, and say what it could not say.

    Raises:
        UsageError: The file cannot be read, or does not lock a platform that is asked for.
        NotFineError: The lock cannot be relied on.
    """
    if subject.path is None:
        raise ValueError("a lock is a file")
    before = read_against(order.against, settings)
    content = read_lock_content(subject.path)
    locks = tuple(_order(lock_of_set(locked)) for locked in _choose(order, content))
    if subject.format == PACK_FORMAT:
        whole = read_pack_lock(subject.path)
        locks = tuple(
            replace(lock, source=whole.source, virtual_packages=whole.virtual_packages)
            for lock in locks
        )
    changes = [change for lock in locks if (change := before.describe_change(lock))]
    return MadeLocks(
        subject=LockSubject.LOCK,
        source=subject.describe(),
        locks=locks,
        changes=tuple(changes),
        against=before.source,
        warnings=(*content.warnings, *_warn(content)),
    )


def _order(lock: Lock) -> Lock:
    """Put dependencies first; a format that does not tell them has the packages in that order."""
    if not any(record.depends for record in lock.packages):
        return lock
    return replace(lock, packages=sort_topologically(lock.packages))


def _choose(order: LockOrder, content: LockContent) -> tuple[LockedSet, ...]:
    if not order.platforms:
        return content.sets
    chosen = []
    for platform in dict.fromkeys(order.platforms):
        found = content.for_platform(platform)
        if found is None:
            has = ", ".join(each.platform or "any" for each in content.sets)
            raise UsageError(
                f"the lock has no {platform}",
                where=clean(order.subject, limit=300),
                hint=f"It has: {has}",
            )
        chosen.append(found)
    return tuple(chosen)


def _warn(content: LockContent) -> list[str]:
    kept = content.known
    # What is below something that cannot be said needs no word of its own.
    silent = [
        aspect.value
        for aspect in _WORTH_SAYING
        if aspect not in kept
        and not (aspect.name.startswith("PIP_") and LockAspect.PIP not in kept)
        and not (
            aspect in (LockAspect.BUILD, LockAspect.ADDRESS, LockAspect.CHANNEL_ORDER)
            and LockAspect.CONDA not in kept
        )
    ]
    if not silent:
        return []
    named = ", ".join(silent)
    return [f"this {content.format} file says nothing of: {named}; neither can what is made of it"]
