"""The pip packages of a prefix, with address and hash where the artefact is known."""

from collections.abc import Collection, Sequence
from pathlib import Path

from envbench.engine.pip_section.records import (
    InstalledDistribution,
    list_pip_distributions,
    read_direct_url,
    read_wheel_tags,
)
from envbench.formats.locks.scrubbing import bare_reference
from envbench.formats.pylock_part import PylockPackage, choose_wheel
from envbench.model.lock import PipPackage


def describe_installed(
    prefix: Path, locked: Sequence[PylockPackage], owned: Collection[str]
) -> tuple[PipPackage, ...]:
    """Describe the distributions that conda does not own, sorted by name.

    The hash of a wheel is not on disk; it is that of the one locked wheel whose tags the
    installed distribution carries, and unknown when there is no such one.
    """
    by_name = {package.name: package for package in locked}
    found = [
        _describe(dist, by_name.get(dist.name)) for dist in list_pip_distributions(prefix, owned)
    ]
    return tuple(sorted(found, key=lambda package: package.name))


def _describe(dist: InstalledDistribution, package: PylockPackage | None) -> PipPackage:
    direct, editable = read_direct_url(dist.info)
    wheel = choose_wheel(package, read_wheel_tags(dist.info)) if package else None
    archive = _sha256(package.direct_hashes) if package else None
    return PipPackage(
        name=dist.name,
        version=dist.version,
        url=wheel.url if wheel else None,
        sha256=wheel.sha256 if wheel else archive,
        direct_url=bare_reference(direct) if direct else None,
        editable=editable,
        installer=dist.installer,
    )


def _sha256(hashes: Sequence[str]) -> str | None:
    return next((h.partition(":")[2] for h in hashes if h.startswith("sha256:")), None)
