"""The pip packages that a plan would install, each with the artefact that its platform takes."""

from collections.abc import Sequence

from envbench.engine.pip_section.index_annotations import index_of
from envbench.engine.pip_section.request import PipPlanRequest
from envbench.engine.pip_section.target_wheels import TargetTags, list_target_tags
from envbench.formats.pylock_part import PylockFile, PylockPackage
from envbench.model.lock import PipPackage
from envbench.model.redaction import split_url_secrets


def describe_planned(
    locked: Sequence[PylockPackage], request: PipPlanRequest
) -> tuple[PipPackage, ...]:
    """Describe what would be installed, sorted by name.

    The artefact is the wheel that the Python of the plan takes on its platform, else the source
    distribution; one that was kept stays where it still fits.
    """
    tags = list_target_tags(
        request.python_version, request.platform, glibc=request.glibc, osx=request.osx
    )
    kept = {package.name: package for package in request.kept}
    return tuple(
        _describe(package, tags, kept.get(package.name))
        for package in sorted(locked, key=lambda each: each.name)
    )


def _describe(package: PylockPackage, tags: TargetTags, kept: PipPackage | None) -> PipPackage:
    is_same = kept is not None and kept.version == package.version
    file = tags.choose(package, kept.sha256 if kept and is_same else None) or package.sdist
    python = package.table.get("requires-python")
    return PipPackage(
        name=package.name,
        version=package.version,
        url=_bare(file.url) if file else None,
        sha256=file.sha256 if file else _sha256(package.direct_hashes),
        direct_url=package.direct,
        index_url=index_of(package),
        size_bytes=_size_of(package, file),
        requires_python=str(python or ""),
    )


def _size_of(package: PylockPackage, file: PylockFile | None) -> int | None:
    if file is None or file.sha256 is None:
        return None
    entries = (*package.table.get("wheels", ()), package.table.get("sdist", {}))
    sizes = (
        entry.get("size")
        for entry in entries
        if entry.get("hashes", {}).get("sha256") == file.sha256
    )
    return next((size for size in sizes if isinstance(size, int)), None)


def _bare(url: str) -> str:
    return split_url_secrets(url)[0]


def _sha256(hashes: Sequence[str]) -> str | None:
    return next((h.partition(":")[2] for h in hashes if h.startswith("sha256:")), None)
