"""Compares what a lock says with what is installed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from envbench.model.lock import Lock
from envbench.model.lock_sameness import same_channel, same_reference
from envbench.model.locked_set import (
    LockAspect,
    LockedPackage,
    LockedPip,
    LockedSet,
    lock_to_set,
)


class DriftKind(StrEnum):
    """How an installed environment differs from its lock."""

    MISSING = "missing"
    """Locked and not installed."""
    EXTRA = "extra"
    """Installed and not locked."""
    VERSION = "version"
    BUILD = "build"
    HASH = "hash"
    """The same name, version and build, and yet another artefact."""
    SOURCE = "source"
    """A pip package from another direct reference (commit, address, editable)."""
    CHANNEL = "channel"
    """A conda package from another channel, where no hash says that it is the same archive."""
    CHANNELS = "channels"
    """Other channels, or the same in another order."""
    INDEXES = "indexes"
    VARIABLE = "variable"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference."""

    kind: DriftKind
    manager: str
    """`conda`, `pip`, or empty for the environment itself."""
    name: str
    locked: str = ""
    """What the lock says; empty when nothing."""
    installed: str = ""
    """What is there; empty when nothing."""
    line: int | None = None
    """The line of the lock file."""
    installed_line: int | None = None
    """The line of the other lock file, when two are compared."""


@dataclass(frozen=True, slots=True)
class LockComparison:
    """All differences, and what could not be compared."""

    drifts: tuple[Drift, ...]
    unchecked: tuple[str, ...]
    """In words: what the lock or the installation does not tell."""

    @property
    def is_same(self) -> bool:
        """Whether no difference was found."""
        return not self.drifts


def compare_lock(locked: LockedSet, installed: Lock) -> LockComparison:
    """Compare a lock with an installed environment, as far as the format of the lock says it."""
    there = lock_to_set(installed)
    drifts = [*_compare_environment(locked, there)]
    if LockAspect.CONDA in locked.kept:
        # Addresses say the channel of what is installed; only formats of names compare it.
        channels = {package.name: package.channel for package in installed.packages}
        drifts += _compare_conda(locked, there, channels)
    if LockAspect.PIP in locked.kept:
        drifts += _compare_pip(locked, there)
    return LockComparison(tuple(drifts), tuple(_find_unchecked(locked, there)))


def _compare_environment(locked: LockedSet, there: LockedSet) -> Iterator[Drift]:
    if locked.platform and there.platform and locked.platform != there.platform:
        yield Drift(
            kind=DriftKind.PLATFORM, manager="", name="platform",
            locked=locked.platform, installed=there.platform,
        )  # fmt: skip
    if LockAspect.VARIABLES not in locked.kept:
        return
    wanted, found = dict(locked.variables), dict(there.variables)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield Drift(
                kind=DriftKind.VARIABLE, manager="", name=name,
                locked=wanted.get(name, ""), installed=found.get(name, ""),
            )  # fmt: skip


def _compare_conda(
    locked: LockedSet, there: LockedSet, channels: Mapping[str, str]
) -> Iterator[Drift]:
    wanted = {package.name: package for package in locked.packages}
    found = {package.name: package for package in there.packages}
    for name in sorted(wanted.keys() | found.keys()):
        kind = _conda_kind(wanted.get(name), found.get(name))
        if kind is None and LockAspect.CHANNEL in locked.kept:
            kind = _channel_kind(wanted[name], channels[name])
        if kind is DriftKind.CHANNEL:
            yield Drift(
                kind=kind, manager="conda", name=name, locked=f"{wanted[name].channel}::{name}",
                installed=f"{channels[name]}::{name}", line=wanted[name].line,
            )  # fmt: skip
        elif kind is not None:
            yield _drift(kind, "conda", name, wanted.get(name), found.get(name))


def _channel_kind(wanted: LockedPackage, found: str) -> DriftKind | None:
    is_other = wanted.channel and found and not same_channel(wanted.channel, found)
    return DriftKind.CHANNEL if is_other else None


def _conda_kind(wanted: LockedPackage | None, found: LockedPackage | None) -> DriftKind | None:
    if wanted is None or found is None:
        return DriftKind.EXTRA if wanted is None else DriftKind.MISSING
    if wanted.version != found.version:
        return DriftKind.VERSION
    if wanted.build is not None and wanted.build != found.build:
        return DriftKind.BUILD
    if _differ(wanted.sha256, found.sha256) or _differ(wanted.md5, found.md5):
        return DriftKind.HASH
    return None


def _compare_pip(locked: LockedSet, there: LockedSet) -> Iterator[Drift]:
    wanted = {package.name: package for package in locked.pip}
    found = {package.name: package for package in there.pip}
    says_source = LockAspect.PIP_DIRECT in locked.kept
    for name in sorted(wanted.keys() | found.keys()):
        kind = _pip_kind(wanted.get(name), found.get(name), says_source=says_source)
        if kind is not None:
            yield _drift(kind, "pip", name, wanted.get(name), found.get(name))


def _pip_kind(
    wanted: LockedPip | None, found: LockedPip | None, *, says_source: bool
) -> DriftKind | None:
    if wanted is None or found is None:
        return DriftKind.EXTRA if wanted is None else DriftKind.MISSING
    # A direct reference may stand without its version.
    if wanted.version and not _same_version(wanted.version, found.version):
        return DriftKind.VERSION
    if _differ(wanted.sha256, found.sha256) or not _is_accepted(wanted, found):
        return DriftKind.HASH
    if says_source and not same_reference(wanted.direct_url, found.direct_url):
        return DriftKind.SOURCE
    return None


def _is_accepted(wanted: LockedPip, found: LockedPip) -> bool:
    """Whether an artefact is one of several that a file accepts, as far as that is known."""
    return not wanted.accepted or found.sha256 is None or found.sha256 in wanted.accepted


def _same_version(one: str, other: str) -> bool:
    if one == other:
        return True
    # Reading versions takes longer to load than most locks have to be compared.
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def _differ(one: str | None, other: str | None) -> bool:
    """Whether two digests are both known and not the same."""
    return one is not None and other is not None and one.lower() != other.lower()


def _drift(
    kind: DriftKind,
    manager: str,
    name: str,
    wanted: LockedPackage | LockedPip | None,
    found: LockedPackage | LockedPip | None,
) -> Drift:
    show = _show_hash if kind is DriftKind.HASH else _show
    return Drift(
        kind=kind,
        manager=manager,
        name=name,
        locked=show(wanted),
        installed=show(found),
        line=wanted.line if wanted else None,
    )


def _show(package: LockedPackage | LockedPip | None) -> str:
    if package is None:
        return ""
    direct = package.direct_url if isinstance(package, LockedPip) else None
    return f"{package.describe()} from {direct}" if direct else package.describe()


def _show_hash(package: LockedPackage | LockedPip | None) -> str:
    if package is None:
        return ""
    md5 = package.md5 if isinstance(package, LockedPackage) else None
    digests = (f"sha256:{package.sha256}" if package.sha256 else "", f"md5:{md5}" if md5 else "")
    return " ".join((package.describe(), *filter(None, digests)))


def _find_unchecked(locked: LockedSet, there: LockedSet) -> Iterator[str]:
    if LockAspect.CONDA in locked.kept and LockAspect.BUILD not in locked.kept:
        yield "builds: this format does not say them"
    found = {package.name: package for package in there.packages}
    blind = [p.name for p in locked.packages if p.name in found and not _share(p, found[p.name])]
    if blind:
        yield f"hashes of {_some(blind)}: the lock and the installation share none"
    if LockAspect.PIP not in locked.kept and there.pip:
        names = _some([package.name for package in there.pip])
        yield f"pip packages ({names}): this format does not say them"
    elif LockAspect.PIP in locked.kept:
        known = {package.name for package in there.pip if package.sha256}
        blind = [p.name for p in locked.pip if not p.sha256 or p.name not in known]
        if blind:
            yield f"hashes of the pip packages {_some(blind)}: not known on both sides"
    if LockAspect.CONDA not in locked.kept and there.packages:
        yield "conda packages: this format does not say them"


def _share(one: LockedPackage, other: LockedPackage) -> bool:
    return bool((one.sha256 and other.sha256) or (one.md5 and other.md5))


def _some(names: list[str]) -> str:
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more" if rest > 0 else "")
