"""What a lock file says, whatever its format: the common ground for comparing and verifying."""

from dataclasses import dataclass, field
from enum import StrEnum

from envbench.model.lock import Lock, PipPackage
from envbench.model.package_record import PackageRecord
from envbench.model.severity import Severity


class LockAspect(StrEnum):
    """One kind of fact about an environment; a format keeps some and loses the others.

    Facts that every package carries inside its archive (dependencies, licence, time) are none.
    """

    NAME = "name"
    PLATFORM = "platform"
    CHANNEL_ORDER = "channel order"
    CHANNEL_NAME = "channel names"
    """Channels as the user names them; formats without it write their addresses."""
    CHANNEL = "channel per package"
    """By name (`channel::package`); packages with an address say it by that."""
    BUILD = "build"
    ADDRESS = "address"
    """Where each conda package lies, and so its channel, subdir and file name."""
    MD5 = "md5"
    SHA256 = "sha256"
    CONDA = "conda packages"
    PIP = "pip packages"
    PIP_ADDRESS = "pip address"
    PIP_HASH = "pip hash"
    PIP_DIRECT = "pip direct reference"
    PIP_EDITABLE = "pip editable"
    PIP_INDEX = "pip index per package"
    INDEXES = "pip indexes"
    VARIABLES = "variables"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One conda package as a lock names it; what the format cannot say is None."""

    name: str
    version: str
    build: str | None = None
    url: str | None = None
    md5: str | None = None
    sha256: str | None = None
    line: int | None = None
    """Where it stands in the file, 1-based."""
    channel: str | None = None
    """The channel by name, where the format says it apart from the address."""
    record: PackageRecord | None = field(default=None, compare=False, repr=False)
    """Everything that the file says of it, for formats that carry more than what is compared."""

    def describe(self) -> str:
        """Say it in conda's way, `numpy 1.26.4 py311h64a7726_0`."""
        return " ".join(part for part in (self.name, self.version, self.build) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPip:
    """One pip distribution as a lock names it."""

    name: str
    """Normalised."""
    version: str
    url: str | None = None
    sha256: str | None = None
    direct_url: str | None = None
    editable: bool = False
    index_url: str | None = None
    """The package index that serves it; None when it is not said, or is PyPI's own."""
    accepted: tuple[str, ...] = field(default=(), compare=False)
    """Every sha256 by which an artefact is accepted, where the file names those of several
    wheels; `sha256` is None then."""
    line: int | None = None
    record: PipPackage | None = field(default=None, compare=False, repr=False)
    """Everything that the file says of it."""

    def describe(self) -> str:
        """Say it in pip's way, `torch==2.1.0+cu118`."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedSet:
    """The content of a lock file."""

    kept: frozenset[LockAspect]
    """What its format can say; silence about anything else means nothing."""
    name: str | None = None
    platform: str | None = None
    channels: tuple[str, ...] = ()
    packages: tuple[LockedPackage, ...] = ()
    """Sorted by name."""
    pip: tuple[LockedPip, ...] = ()
    """Sorted by name."""
    variables: tuple[tuple[str, str], ...] = ()
    """Sorted by name."""
    indexes: tuple[str, ...] = ()
    """Package indexes of the pip part, in their order."""
    conda_lock: tuple[str, str] | None = None
    """(file name, sha256) of the lock of the conda part that belongs to a lock of the pip part."""


@dataclass(frozen=True, slots=True)
class LockProblem:
    """Something wrong with a lock file."""

    severity: Severity
    message: str
    line: int | None = None

    def describe(self, path: str) -> str:
        """Name the place and the fault, `explicit.txt:12: ...`."""
        place = path if self.line is None else f"{path}:{self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class LockReading:
    """The outcome of reading a lock file."""

    locked: LockedSet
    """What could be read; of use only when no problem is an error."""
    problems: tuple[LockProblem, ...]
    others: tuple[LockedSet, ...] = ()
    """The other platforms of a lock of several; `locked` is the first."""

    @property
    def sets(self) -> tuple[LockedSet, ...]:
        """One for each platform, in the order of the file."""
        return (self.locked, *self.others)

    def for_platform(self, platform: str) -> LockedSet | None:
        """Return what is locked for a platform; a set that names none is for any."""
        wanted = {platform, None}
        return next((locked for locked in self.sets if locked.platform in wanted), None)

    @property
    def is_sound(self) -> bool:
        """Whether the lock may be relied on."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


EVERY_ASPECT = frozenset(LockAspect)
PYPI = "https://pypi.org/simple"
"""The package index that every consumer asks when nothing else is said."""
_PYTORCH = "https://download.pytorch.org/whl/"


def lock_to_set(lock: Lock) -> LockedSet:
    """State everything that a lock knows."""
    packages = [
        LockedPackage(
            name=p.name, version=p.version, build=p.build, url=p.url or None,
            md5=p.md5, sha256=p.sha256, channel=None if p.url else p.channel or None,
        )
        for p in lock.packages
    ]  # fmt: skip
    pip = [
        LockedPip(
            # A direct reference is the address; installers write it down in both places.
            name=p.name, version=p.version, url=None if p.direct_url else p.url, sha256=p.sha256,
            direct_url=p.direct_url, editable=p.editable, index_url=index_of(p),
        )
        for p in lock.pip
    ]  # fmt: skip
    return LockedSet(
        kept=EVERY_ASPECT,
        name=lock.name,
        platform=lock.platform,
        channels=lock.channels,
        packages=tuple(sorted(packages, key=lambda package: package.name)),
        pip=tuple(sorted(pip, key=lambda package: package.name)),
        variables=tuple(sorted(lock.variables)),
        indexes=list_indexes(lock),
    )


def list_indexes(lock: Lock) -> tuple[str, ...]:
    """List the package indexes that the pip part needs, in their order, without final slashes.

    Those of single packages come last. Empty when PyPI, which needs no mention, is the only one,
    and when there are no packages to be asked for.
    """
    if not lock.pip:
        return ()
    found = dict.fromkeys(index.rstrip("/") for index in lock.indexes or (PYPI,))
    found |= dict.fromkeys(sorted({i for p in lock.pip if (i := index_of(p)) is not None}))
    return () if tuple(found) == (PYPI,) else tuple(found)


def index_of(package: PipPackage) -> str | None:
    """Return the package index that a package needs; None when it is PyPI, or is not known.

    PyTorch's indexes are its folders of wheels: of a local version (`+cu118`) from there, the
    address tells what the installer did not keep.
    """
    if package.direct_url:
        return None
    if package.index_url:
        return None if is_pypi(package.index_url) else package.index_url.rstrip("/")
    url = package.url or ""
    is_local = "+" in package.version
    return url.rpartition("/")[0] if is_local and url.startswith(_PYTORCH) else None


def is_pypi(index_url: str) -> bool:
    """Tell whether an index is PyPI's own."""
    return index_url.rstrip("/") == PYPI
