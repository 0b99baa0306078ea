"""The pip packages of a prefix, with address and hash where the artefact is known."""

from collections.abc import Collection, Sequence
from pathlib import Path

from envbench.engine.pip_section.index_annotations import index_of
from envbench.engine.pip_section.records import (
    InstalledDistribution,
    list_pip_distributions,
    read_direct_url,
    read_wheel_tags,
)
from envbench.files import read_bytes
from envbench.formats.core_metadata import CoreMetadata, parse_core_metadata
from envbench.formats.locks.scrubbing import bare_reference
from envbench.formats.pylock_part import PylockFile, PylockPackage, choose_wheel
from envbench.model.errors import UsageError
from envbench.model.lock import PipPackage

_LIMIT_BYTES = 32 * 1024 * 1024


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
    metadata = _read_metadata(dist)
    return PipPackage(
        name=dist.name,
        version=dist.version,
        url=wheel.url if wheel else None,
        sha256=wheel.sha256 if wheel else archive,
        direct_url=bare_reference(direct) if direct else None,
        editable=editable,
        installer=dist.installer,
        index_url=index_of(package) if package and wheel else None,
        size_bytes=_size_of(package, wheel) if package and wheel else None,
        requires_python=metadata.requires_python if metadata else "",
        requires_dist=metadata.requires_dist if metadata else None,
        license=metadata.license if metadata else None,
    )


def _read_metadata(dist: InstalledDistribution) -> CoreMetadata | None:
    try:
        data = read_bytes(dist.info / "METADATA", limit_bytes=_LIMIT_BYTES, what="METADATA")
    except UsageError:
        return None
    return parse_core_metadata(data)


def _size_of(package: PylockPackage, wheel: PylockFile) -> int | None:
    """Give the size that the index tells; None when it does not."""
    for entry, file in zip(package.table.get("wheels", ()), package.wheels, strict=False):
        if file == wheel and isinstance(entry.get("size"), int):
            return int(entry["size"])
    return None


def _sha256(hashes: Sequence[str]) -> str | None:
    return next((h.partition(":")[2] for h in hashes if h.startswith("sha256:")), None)
