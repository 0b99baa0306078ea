"""The difference between two lists of packages: installed and planned, or of two locks."""

from collections.abc import Iterable
from dataclasses import dataclass

from envbench.model.plan import ChangeKind, PackageChange, PackageRecord
from envbench.model.version import compare_versions


@dataclass(frozen=True, slots=True)
class DiffSizes:
    """What a change costs in bytes of archives, as the channels state them."""

    download_bytes: int | None
    """Archives of all packages that come in; None when one has no known size."""
    removed_bytes: int | None
    """Archives of all packages that go away, likewise."""


def compare_packages(
    installed: Iterable[PackageRecord], planned: Iterable[PackageRecord]
) -> tuple[PackageChange, ...]:
    """List what a plan changes, sorted by name; packages that stay are not listed.

    Args:
        installed: What is there, at most one record of each name.
        planned: What is to be there.
    """
    old = {record.name: record for record in installed}
    new = {record.name: record for record in planned}
    changes = []
    for name in sorted(old.keys() | new.keys()):
        kind = classify_change(old.get(name), new.get(name))
        if kind is not None:
            changes.append(PackageChange(kind, name, old.get(name), new.get(name)))
    return tuple(changes)


def classify_change(old: PackageRecord | None, new: PackageRecord | None) -> ChangeKind | None:
    """Name the change of one package; None when nothing changes."""
    if old is None or new is None:
        return _appear_or_vanish(old, new)
    if old.version != new.version:
        # Versions that are equal in order but not in spelling (1.1 and 1.1.0) are other builds.
        order = compare_versions(old.version, new.version)
        return (ChangeKind.DOWNGRADE, ChangeKind.REBUILD, ChangeKind.UPGRADE)[order + 1]
    if (old.build, old.subdir) != (new.build, new.subdir):
        return ChangeKind.REBUILD
    if _differ(old.channel_url or None, new.channel_url or None) or (
        not (old.channel_url and new.channel_url) and old.channel != new.channel
    ):
        return ChangeKind.RECHANNEL
    changed_bytes = (
        _differ(old.sha256, new.sha256) if old.sha256 and new.sha256 else _differ(old.md5, new.md5)
    )
    return ChangeKind.REBUILD if changed_bytes else None


def measure(changes: Iterable[PackageChange]) -> DiffSizes:
    """Add up the archives that come and go."""
    listed = tuple(changes)
    return DiffSizes(
        download_bytes=_add(change.new for change in listed),
        removed_bytes=_add(change.old for change in listed),
    )


def _appear_or_vanish(old: PackageRecord | None, new: PackageRecord | None) -> ChangeKind | None:
    if old is None and new is None:
        return None
    return ChangeKind.ADD if old is None else ChangeKind.REMOVE


def _differ(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and old != new


def _add(records: Iterable[PackageRecord | None]) -> int | None:
    total = 0
    for record in records:
        if record is None:
            continue
        if record.size_bytes is None:
            return None
        total += record.size_bytes
    return total
