"""What is locked for one platform, with the files it stands in, and ways to find it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from packaging.utils import canonicalize_name

from envbench.model.known_names import pypi_name_of
from envbench.model.lock_verdicts.finding import Place
from envbench.model.lock_verdicts.marker_environment import MarkerEnvironment
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip, LockedSet

_OF_PIP = frozenset(aspect for aspect in LockAspect if aspect.name.startswith(("PIP", "INDEXES")))
_PYPI = "pkg:pypi/"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSide:
    """One platform of a lock."""

    locked: LockedSet
    path: str = ""
    """The file, as messages name it; empty for what is installed."""
    pip_path: str = ""
    """The file of the pip part where that is another one."""
    conda: Mapping[str, LockedPackage] = field(init=False, repr=False, compare=False)
    pip: Mapping[str, LockedPip] = field(init=False, repr=False, compare=False)
    providers: Mapping[str, tuple[LockedPackage, ...]] = field(
        init=False, repr=False, compare=False
    )
    """Conda packages by the normalised name of the distribution that they are."""
    markers: MarkerEnvironment = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find everything by its name."""
        conda = {package.name: package for package in self.locked.packages}
        python = conda.get("python")
        put = object.__setattr__
        put(self, "conda", conda)
        put(self, "pip", {package.name: package for package in self.locked.pip})
        put(self, "providers", _map_providers(self.locked.packages))
        version = python.version if python else None
        put(self, "markers", MarkerEnvironment(self.locked.platform, version))

    def says(self, aspect: LockAspect) -> bool:
        """Tell whether the format can say something."""
        return aspect in self.locked.kept

    @property
    def indexes(self) -> tuple[str, ...]:
        """The package indexes of the pip part."""
        return self.locked.indexes

    def place(self, package: LockedPackage | LockedPip | None = None) -> tuple[Place, ...]:
        """Say where a package stands, or which file it is about."""
        path = (self.pip_path or self.path) if isinstance(package, LockedPip) else self.path
        return (Place(path, package.line if package else None),) if path else ()


def digests_of(package: LockedPip) -> frozenset[str]:
    """List every sha256 by which a distribution may be known; none when none is said."""
    said = (package.sha256,) if package.sha256 else package.accepted
    return frozenset(digest.lower() for digest in said)


def join_pip_lock(pip: LockedSet, conda: LockedSet) -> LockedSet:
    """Put the lock of a pip part and the lock of the conda part beside it together."""
    return replace(
        conda,
        kept=(conda.kept - _OF_PIP) | (pip.kept & _OF_PIP),
        pip=pip.pip,
        indexes=pip.indexes,
        conda_lock=None,
    )


def _map_providers(packages: Iterable[LockedPackage]) -> dict[str, tuple[LockedPackage, ...]]:
    found: dict[str, tuple[LockedPackage, ...]] = {}
    for package in packages:
        for name in dict.fromkeys(_distributions(package)):
            found[name] = (*found.get(name, ()), package)
    return found


def _distributions(package: LockedPackage) -> Iterator[str]:
    """Name the distributions that a conda package may be: as its record, or its name, has it."""
    purls = package.record.extra.get("purls") if package.record else None
    if isinstance(purls, list | tuple):
        for purl in purls:
            if str(purl).startswith(_PYPI):
                name = str(purl).removeprefix(_PYPI).partition("@")[0].partition("?")[0]
                yield canonicalize_name(name)
    yield pypi_name_of(package.name)
