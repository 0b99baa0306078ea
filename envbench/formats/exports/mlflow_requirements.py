"""The pip packages from which MLflow rebuilds an environment, conda's Python packages included."""

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from envbench.formats.exports.python_distributions import Distribution, distributions_of
from envbench.formats.locks.requirements import index_lines, requirement_of
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import PackageRecord

BUILD_TOOLS = frozenset({"pip", "setuptools", "wheel"})
"""They have lines of their own, and are there before anything else is installed."""
_LEFT_OUT = frozenset({"python", "python_abi"}) | BUILD_TOOLS


@dataclass(frozen=True, slots=True)
class Replacement:
    """A conda package, and the distribution that PyPI gives for it."""

    package: PackageRecord
    distribution: Distribution


def list_requirements(lock: Lock) -> list[str]:
    """List the lines of `requirements.txt`: package indexes, then packages by name."""
    lines = {p.name: requirement_of(p) for p in lock.pip if is_restorable(p)}
    for found in find_replacements(lock):
        wanted = found.distribution
        lines.setdefault(wanted.name, f"{wanted.name}=={wanted.version}")
    return [*index_lines(lock), *(lines[name] for name in sorted(lines))]


def find_replacements(lock: Lock) -> Iterator[Replacement]:
    """Find the conda packages that PyPI has too, in a version that it can have."""
    pip = {package.name for package in lock.pip}
    for package in sorted(lock.packages, key=lambda package: package.name):
        if package.name in _LEFT_OUT:
            continue
        for distribution in distributions_of(package):
            if distribution.name not in pip and _is_version(distribution.version):
                yield Replacement(package, distribution)


def find_dropped(lock: Lock) -> tuple[str, ...]:
    """Name the conda packages of which nothing is left."""
    pip = {package.name for package in lock.pip}
    replaced = {found.package.name for found in find_replacements(lock)}
    return tuple(
        sorted(
            package.name
            for package in lock.packages
            if package.name not in replaced | _LEFT_OUT
            and not any(each.name in pip for each in distributions_of(package))
        )
    )


def is_restorable(package: PipPackage) -> bool:
    """Tell whether a pip package can be had on another machine."""
    is_local = package.editable or (package.direct_url or "").startswith("file:")
    return package.name not in BUILD_TOOLS and not is_local


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
