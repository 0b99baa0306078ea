"""Two locks, or a lock and what is installed: what differs, as far as both sides say it."""

from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from envbench.model.lock_comparison import Drift, DriftKind, LockComparison
from envbench.model.lock_verdicts.channel_match import (
    ChannelAddresses,
    channel_texts,
    is_same_channel,
)
from envbench.model.lock_verdicts.finding import name_some
from envbench.model.lock_verdicts.pip_line_match import is_same_reference
from envbench.model.lock_verdicts.side import LockSide, digests_of
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip, is_pypi


def compare_sides(one: LockSide, other: LockSide, channels: ChannelAddresses) -> LockComparison:
    """Compare one platform of a lock with another lock, or with what is installed.

    Args:
        one: Taken as the reference: what only it has is missing on the other side.
        other: What is held against it.
        channels: What the names of channels stand for.
    """
    comparer = _Comparer(one, other, channels)
    drifts = tuple(comparer.find())
    return LockComparison(drifts, tuple(comparer.find_unchecked()))


class _Comparer:
    def __init__(self, one: LockSide, other: LockSide, channels: ChannelAddresses) -> None:
        self._one = one
        self._other = other
        self._channels = channels

    def find(self) -> Iterator[Drift]:
        here, there = self._one.locked, self._other.locked
        if here.platform and there.platform and here.platform != there.platform:
            yield Drift(
                kind=DriftKind.PLATFORM, manager="", name="platform",
                locked=here.platform, installed=there.platform,
            )  # fmt: skip
        if self._both(LockAspect.CHANNEL_ORDER):
            yield from self._compare_lists(DriftKind.CHANNELS, here.channels, there.channels)
        if self._both(LockAspect.CONDA):
            yield from self._compare_conda()
        if self._both(LockAspect.PIP):
            yield from self._compare_pip()
        if here.indexes and there.indexes:
            lists = (self._general_indexes(here.indexes), self._general_indexes(there.indexes))
            yield from self._compare_lists(DriftKind.INDEXES, *lists)
        if self._both(LockAspect.VARIABLES):
            yield from self._compare_variables()

    def find_unchecked(self) -> Iterator[str]:
        yield from self._find_one_sided()
        if self._both(LockAspect.CONDA):
            shared = [(p, self._other.conda[n]) for n, p in self._one.conda.items()
                      if n in self._other.conda]  # fmt: skip
            no_build = [p.name for p, q in shared if p.build is None or q.build is None]
            if no_build:
                yield f"builds of {_some(no_build, len(shared))}: not said on both sides"
            blind = [p.name for p, q in shared if not _share_digest(p, q)]
            if blind:
                yield f"hashes of {_some(blind, len(shared))}: the two sides share none"
        if self._both(LockAspect.PIP):
            yield from self._find_unchecked_pip()

    def _both(self, aspect: LockAspect) -> bool:
        return self._one.says(aspect) and self._other.says(aspect)

    def _compare_lists(
        self, kind: DriftKind, here: tuple[str, ...], there: tuple[str, ...]
    ) -> Iterator[Drift]:
        pairs = zip(here, there, strict=False)
        if len(here) == len(there) and all(self._same(*pair) for pair in pairs):
            return
        yield Drift(
            kind=kind, manager="", name=kind.value,
            locked=", ".join(here), installed=", ".join(there),
        )  # fmt: skip

    def _general_indexes(self, indexes: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out PyPI and what serves single packages: formats list these, or do not."""
        packages = (*self._one.locked.pip, *self._other.locked.pip)
        own = {(package.index_url or "").rstrip("/") for package in packages}
        bare = tuple(index.rstrip("/") for index in indexes)
        return tuple(index for index in bare if index not in own and not is_pypi(index))

    def _same(self, one: str, other: str) -> bool:
        return is_same_channel(one, other, self._channels)

    def _compare_variables(self) -> Iterator[Drift]:
        wanted, found = dict(self._one.locked.variables), dict(self._other.locked.variables)
        for name in sorted(wanted.keys() | found.keys()):
            if wanted.get(name) != found.get(name):
                yield Drift(
                    kind=DriftKind.VARIABLE, manager="", name=name,
                    locked=wanted.get(name, ""), installed=found.get(name, ""),
                )  # fmt: skip

    def _compare_conda(self) -> Iterator[Drift]:
        for name in sorted(self._one.conda.keys() | self._other.conda.keys()):
            wanted, found = self._one.conda.get(name), self._other.conda.get(name)
            kind = self._conda_kind(wanted, found)
            if kind is not None:
                yield _drift(kind, "conda", name, wanted, found)

    def _conda_kind(
        self, wanted: LockedPackage | None, found: LockedPackage | None
    ) -> DriftKind | None:
        if wanted is None or found is None:
            return DriftKind.EXTRA if wanted is None else DriftKind.MISSING
        if wanted.version != found.version:
            return DriftKind.VERSION
        if wanted.build is not None and found.build is not None and wanted.build != found.build:
            return DriftKind.BUILD
        if _differ(wanted.sha256, found.sha256) or _differ(wanted.md5, found.md5):
            return DriftKind.HASH
        if not _share_digest(wanted, found) and not self._may_share_channel(wanted, found):
            return DriftKind.CHANNEL
        return None

    def _may_share_channel(self, one: LockedPackage, other: LockedPackage) -> bool:
        """Tell whether two packages may be from one channel: nothing says that they are not."""
        here, there = channel_texts(one), channel_texts(other)
        return not (here and there) or any(self._same(a, b) for a in here for b in there)

    def _compare_pip(self) -> Iterator[Drift]:
        for name in sorted(self._one.pip.keys() | self._other.pip.keys()):
            wanted, found = self._one.pip.get(name), self._other.pip.get(name)
            kind = self._pip_kind(wanted, found)
            if kind is not None:
                yield _drift(kind, "pip", name, wanted, found)

    def _pip_kind(self, wanted: LockedPip | None, found: LockedPip | None) -> DriftKind | None:
        if wanted is None or found is None:
            return DriftKind.EXTRA if wanted is None else DriftKind.MISSING
        # The lock of a source tree may leave its version open.
        if wanted.version and found.version and not _same_version(wanted.version, found.version):
            return DriftKind.VERSION
        if (mine := digests_of(wanted)) and (theirs := digests_of(found)) and not mine & theirs:
            return DriftKind.HASH
        return None if self._may_share_source(wanted, found) else DriftKind.SOURCE

    def _may_share_source(self, one: LockedPip, other: LockedPip) -> bool:
        """Tell whether two distributions may be from one place: nothing says that they are not."""
        if self._both(LockAspect.PIP_DIRECT):
            if not is_same_reference(one.direct_url, other.direct_url):
                return False
            if self._both(LockAspect.PIP_EDITABLE) and one.editable != other.editable:
                return False
        indexes = {url.rstrip("/") for url in (one.index_url, other.index_url) if url}
        return len(indexes) < 2 or bool(digests_of(one) and digests_of(other))

    def _find_one_sided(self) -> Iterator[str]:
        for aspect, what in _TOLD.items():
            sides = [side for side in (self._one, self._other) if side.says(aspect)]
            # Where there is nothing of it, there is nothing to compare.
            if len(sides) == 1 and (things := _things(aspect, sides[0])):
                where = sides[0].path or "the environment"
                yield f"{what} ({name_some(things)}): only {where} says them"

    def _find_unchecked_pip(self) -> Iterator[str]:
        shared = [(p, self._other.pip[n]) for n, p in self._one.pip.items() if n in self._other.pip]
        blind = [p.name for p, q in shared if not (digests_of(p) and digests_of(q))]
        if blind:
            yield f"hashes of the pip packages {_some(blind, len(shared))}: not known on both sides"
        direct = [p.name for p, q in shared if p.direct_url or q.direct_url]
        if direct and not self._both(LockAspect.PIP_DIRECT):
            yield f"where {name_some(direct)} come from: not said on both sides"


_TOLD = {
    LockAspect.CONDA: "conda packages",
    LockAspect.PIP: "pip packages",
    LockAspect.VARIABLES: "variables",
    LockAspect.CHANNEL_ORDER: "channels and their order",
}


def _things(aspect: LockAspect, side: LockSide) -> list[str]:
    if aspect is LockAspect.VARIABLES:
        return [name for name, _ in side.locked.variables]
    if aspect is LockAspect.CHANNEL_ORDER:
        return list(side.locked.channels)
    return list(side.conda if aspect is LockAspect.CONDA else side.pip)


def _drift(
    kind: DriftKind,
    manager: str,
    name: str,
    wanted: LockedPackage | LockedPip | None,
    found: LockedPackage | LockedPip | None,
) -> Drift:
    show = {DriftKind.HASH: _show_hash, DriftKind.CHANNEL: _show_channel}.get(kind, _show)
    return Drift(
        kind=kind,
        manager=manager,
        name=name,
        locked=show(wanted) if wanted else "",
        installed=show(found) if found else "",
        line=wanted.line if wanted else None,
        installed_line=found.line if found else None,
    )


def _show(package: LockedPackage | LockedPip) -> str:
    if isinstance(package, LockedPackage):
        return package.describe()
    words = [package.describe(), "(editable)" if package.editable else ""]
    source = package.direct_url or package.index_url
    words.append(f"from {source}" if source else "")
    return " ".join(filter(None, words))


def _show_channel(package: LockedPackage | LockedPip) -> str:
    texts = channel_texts(package) if isinstance(package, LockedPackage) else ()
    return f"{package.describe()} from {texts[0]}" if texts else package.describe()


def _show_hash(package: LockedPackage | LockedPip) -> str:
    md5 = package.md5 if isinstance(package, LockedPackage) else None
    sha256 = digests_of(package) if isinstance(package, LockedPip) else (package.sha256,)
    digests = [f"sha256:{digest}" for digest in sorted(filter(None, sha256))]
    return " ".join((package.describe(), *digests, *([f"md5:{md5}"] if md5 else [])))


def _same_version(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _differ(one: str | None, other: str | None) -> bool:
    """Whether two digests are both known and not the same."""
    return one is not None and other is not None and one.lower() != other.lower()


def _share_digest(one: LockedPackage, other: LockedPackage) -> bool:
    return bool((one.sha256 and other.sha256) or (one.md5 and other.md5))


def _some(names: list[str], total: int) -> str:
    return "all packages" if len(names) == total and total > 5 else name_some(names)
