"""What was locked before: a lock file or an environment, by platform; and what has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from envbench.envs.compare import diff_locks
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_from_set import lock_of_set
from envbench.model.locked_set import EVERY_ASPECT, LockAspect
from envbench.model.plan import PackageRecord
from envbench.settings.load import Settings
from envbench.workbench.environments import read_whole_lock
from envbench.workbench.locks.content import read_lock_content
from envbench.workbench.locks.subjects import find_subject
from envbench.workbench.values.lock_making import LockSubject, PlatformChange


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedBefore:
    """Locks of an earlier day."""

    source: str = ""
    """As shown in messages; empty when there was none."""
    locks: Mapping[str, Lock] = field(default_factory=dict)
    """By platform; an empty platform is for any."""
    known: frozenset[LockAspect] = EVERY_ASPECT
    """What they can say at all."""

    def on(self, platform: str) -> Lock | None:
        """Give what was locked for a platform."""
        return self.locks.get(platform) or self.locks.get("")

    def describe_change(self, new: Lock) -> PlatformChange | None:
        """Tell what a new lock changes; None when its platform was not locked before."""
        old = self.on(new.platform)
        if old is None:
            return None
        difference = diff_locks(_complete(old, new, self.known), new)
        return PlatformChange(platform=new.platform, difference=difference)


def read_against(text: str | None, settings: Settings) -> LockedBefore:
    """Read what is to be kept.

    Args:
        text: A lock file or an environment; None for nothing.
        settings: The user's settings.

    Raises:
        UsageError: It is neither, or cannot be read.
        NotFineError: The lock cannot be relied on, or records of the environment are damaged.
    """
    if text is None:
        return LockedBefore()
    subject = find_subject(text)
    if subject.path is None or subject.kind is LockSubject.ENVIRONMENT:
        lock = read_whole_lock(text, settings)
        return LockedBefore(source=text, locks={lock.platform: lock})
    content = read_lock_content(subject.path)
    return LockedBefore(
        source=text,
        locks={locked.platform or "": lock_of_set(locked) for locked in content.sets},
        known=content.known,
    )


def _complete(old: Lock, new: Lock, known: frozenset[LockAspect]) -> Lock:
    """Take from the new lock what the old one could not say: silence is no difference."""
    packages = {record.name: record for record in new.packages}
    pip = {package.name: package for package in new.pip}
    return replace(
        old,
        platform=old.platform or new.platform,
        channels=old.channels
        if LockAspect.CHANNEL_ORDER in known and not _are_same_channels(old, new)
        else new.channels,
        packages=tuple(_same(record, packages.get(record.name)) for record in old.packages)
        if LockAspect.CONDA in known
        else new.packages,
        pip=tuple(_same_pip(each, pip.get(each.name), known) for each in old.pip)
        if LockAspect.PIP in known
        else new.pip,
        variables=old.variables if LockAspect.VARIABLES in known else new.variables,
    )


def _same(old: PackageRecord, new: PackageRecord | None) -> PackageRecord:
    """Give the new record where nothing that the old one says is against it."""
    if new is None or old.version != new.version:
        return old
    pairs = (
        (old.build, new.build),
        (old.channel_url.rstrip("/"), new.channel_url.rstrip("/")),
        (old.sha256, new.sha256),
        (old.md5, new.md5),
    )
    return new if all(one == two for one, two in pairs if one and two) else old


def _same_pip(old: PipPackage, new: PipPackage | None, known: frozenset[LockAspect]) -> PipPackage:
    if new is None or LockAspect.PIP_DIRECT in known:
        return old
    return replace(old, direct_url=new.direct_url, editable=new.editable)


def _are_same_channels(old: Lock, new: Lock) -> bool:
    """Tell whether two lists name the same channels, one of them by addresses perhaps."""
    return len(old.channels) == len(new.channels) and all(
        one == two or one.endswith(f"/{two}") or two.endswith(f"/{one}")
        for one, two in zip(old.channels, new.channels, strict=True)
    )
