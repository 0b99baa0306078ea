"""What differs between two environments, generations or locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from envbench.envs.generation_files import read_generation_lock
from envbench.envs.installed import lock_records
from envbench.envs.prefix_records import PrefixRecords, read_prefix_records
from envbench.envs.verification import PrefixVerification, verify_prefix
from envbench.model.lock import Lock, PipPackage
from envbench.model.lock_difference import LockDifference as LockDifference
from envbench.model.lock_difference import PipChange as PipChange
from envbench.model.lock_difference import VariableChange as VariableChange
from envbench.model.package_changes import compare_packages
from envbench.model.plan import ChangeKind, PackageRecord
from envbench.model.version import compare_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far an environment is from what was built."""

    since_build: LockDifference | None
    """Packages against the generation's own record; None when it has none."""
    files: PrefixVerification | None
    """Files against the records; None when not asked for."""

    @property
    def is_fine(self) -> bool:
        """Whether no drift was found by what was looked at."""
        packages = self.since_build is None or self.since_build.is_empty
        return packages and (self.files is None or self.files.is_fine)


def diff_locks(old: Lock, new: Lock) -> LockDifference:
    """Tell what it takes to get from one lock to another."""
    return LockDifference(
        conda=compare_packages(old.packages, new.packages),
        pip=_compare_pip(old.pip, new.pip),
        variables=_diff_variables(dict(old.variables), dict(new.variables)),
        channels=None if old.channels == new.channels else (old.channels, new.channels),
        platform=None if old.platform == new.platform else (old.platform, new.platform),
    )


def find_drift(prefix: Path, *, files: bool = True) -> Drift:
    """Compare an environment with what was built there.

    Args:
        prefix: An environment; of envbench's own, its generation's record is used.
        files: Also hash every file.
    """
    since = compare_with_build(read_prefix_records(prefix))
    return Drift(since_build=since, files=verify_prefix(prefix) if files else None)


def compare_with_build(records: PrefixRecords) -> LockDifference | None:
    """Compare what is installed, files left out, with what was built there.

    Returns:
        None where no generation of ours says what was built.
    """
    recorded = read_generation_lock(records.prefix)
    if recorded is None:
        return None
    urls = {_base(p): p.channel for p in recorded.packages}
    now = lock_records(records, name=recorded.name, channels=recorded.channels, channel_names=urls)
    return diff_locks(recorded, now)


def _base(package: PackageRecord) -> str:
    return package.url.rpartition(f"/{package.subdir}/")[0]


def _compare_pip(old: Sequence[PipPackage], new: Sequence[PipPackage]) -> tuple[PipChange, ...]:
    before = {package.name: package for package in old}
    after = {package.name: package for package in new}
    found = []
    for name in sorted(before.keys() | after.keys()):
        one, two = before.get(name), after.get(name)
        if one is None or two is None:
            kind: ChangeKind | None = ChangeKind.ADD if one is None else ChangeKind.REMOVE
        else:
            kind = _pip_kind(one, two)
        if kind is not None:
            found.append(PipChange(kind, name, one, two))
    return tuple(found)


def _pip_kind(old: PipPackage, new: PipPackage) -> ChangeKind | None:
    order = _pip_order(old.version, new.version)
    if order:
        return ChangeKind.UPGRADE if order > 0 else ChangeKind.DOWNGRADE
    if _origin(old) != _origin(new):
        return ChangeKind.REBUILD
    # Installers keep no hash: only two that are known can disagree.
    if old.sha256 and new.sha256:
        return None if old.sha256.lower() == new.sha256.lower() else ChangeKind.REBUILD
    is_moved = old.index_url and new.index_url and old.index_url != new.index_url
    return ChangeKind.RECHANNEL if is_moved else None


def _pip_order(old: str, new: str) -> int:
    """Compare versions: above zero when the new one is newer, zero when both are the same."""
    try:
        one, two = Version(old), Version(new)
    except InvalidVersion:
        return compare_versions(new, old) or (old != new)
    return (two > one) - (two < one)


def _origin(package: PipPackage) -> tuple[str | None, bool]:
    return package.direct_url, package.editable


def _diff_variables(old: dict[str, str], new: dict[str, str]) -> tuple[VariableChange, ...]:
    return tuple(
        VariableChange(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )
