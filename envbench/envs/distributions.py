"""Python distributions of a prefix: which are conda's, which came by pip.

Source: the "Recording installed projects" specification (METADATA, RECORD, INSTALLER,
direct_url.json) and PEP 503 for names.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envbench.envs.direct_references import read_direct_reference, read_egg_link, to_file_url
from envbench.envs.installed_files import read_installed_files, read_record_file
from envbench.envs.prefix_records import PrefixRecords, RecordedPath
from envbench.files import read_bytes
from envbench.formats.core_metadata import CoreMetadata, parse_core_metadata
from envbench.formats.core_metadata import normalise_name as normalise_name
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lock import PipPackage

_LIMIT_BYTES = 64 * 1024
_METADATA_LIMIT_BYTES = 32 * 1024 * 1024
_METADATA_ENDS = (".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info")
_SITE_ENDS = (".dist-info", ".egg-info", ".egg-link")
_INFO_ENDS = ("/METADATA", "/RECORD", "/INSTALLER", "/PKG-INFO", ".egg-info", ".egg-link")


@dataclass(frozen=True, slots=True)
class Owned:
    """A Python distribution that a conda package brought."""

    distribution: str
    """Normalised name (PEP 503)."""
    version: str
    """As its METADATA says, which may differ from conda's: `2.13.0+cpu`."""
    conda_package: str


@dataclass(frozen=True, slots=True)
class PipDistribution:
    """A Python distribution that no conda package owns."""

    package: PipPackage
    info: str
    """Its `.dist-info` directory (or `.egg-info`, `.egg-link`), relative to the prefix."""
    paths: tuple[RecordedPath, ...]
    """The files of its RECORD that lie inside the prefix."""
    outside: tuple[str, ...] = ()
    """RECORD lines that lead out of the prefix; never followed."""


@dataclass(frozen=True, slots=True)
class PipPart:
    """Everything in a prefix that came by pip or its kin."""

    distributions: tuple[PipDistribution, ...]
    """By name."""
    damaged: tuple[tuple[str, str], ...] = ()
    """(`.dist-info` directory, why) of those that cannot be read."""

    @property
    def packages(self) -> tuple[PipPackage, ...]:
        """The distributions as they go into a lock."""
        return tuple(d.package for d in self.distributions)


def map_owned(records: PrefixRecords) -> dict[str, Owned]:
    """Map each Python distribution that conda owns, by normalised name.

    By files, not by names: conda's `pytorch` is the distribution `torch`.
    """
    owned: dict[str, Owned] = {}
    for package in records.packages:
        for path in package.files:
            if not path.endswith(_METADATA_ENDS) or "site-packages/" not in path:
                continue
            found = _read_metadata(records.prefix / path)
            if found is not None:
                owned[found.name] = Owned(found.name, found.version, package.record.name)
    return owned


def read_pip_part(records: PrefixRecords) -> PipPart:
    """Read the distributions that no conda package owns."""
    owned = _owned_infos(records)
    found: list[PipDistribution] = []
    damaged: list[tuple[str, str]] = []
    for info in _list_infos(records.prefix):
        if info in owned:
            continue
        try:
            distribution = _read_distribution(records.prefix, info)
        except UsageError as fault:
            damaged.append((info, fault.why or fault.what))
            continue
        if distribution.package.installer == "conda":
            # Calling it a pip package would be a lie that a lock repeats.
            damaged.append((info, "conda installed it, but no conda record owns it"))
        else:
            found.append(distribution)
    # Of one kind of metadata or of several, the newer standard first.
    found.sort(key=lambda each: (each.package.name, not each.info.endswith(".dist-info")))
    single: list[PipDistribution] = []
    for each in found:
        if single and single[-1].package.name == each.package.name:
            # An installation that was broken off leaves two; which one is in use is not known.
            damaged.append((each.info, f"it is installed twice: see {single[-1].info}"))
        else:
            single.append(each)
    return PipPart(tuple(single), tuple(damaged))


def list_site_directories(prefix: Path) -> tuple[str, ...]:
    """List the site-packages directories of a prefix, relative to it, real ones only."""
    patterns = ("lib/python*/site-packages", "lib/python*/dist-packages")
    found = [path for pattern in patterns for path in sorted(prefix.glob(pattern))]
    # `lib/python3.1` is a link to `lib/python3.11` in conda's pythons: count once.
    real = (p for p in found if not p.is_symlink() and not p.parent.is_symlink() and p.is_dir())
    return tuple(path.relative_to(prefix).as_posix() for path in real)


def _owned_infos(records: PrefixRecords) -> set[str]:
    """Name the metadata directories and files of site-packages that conda packages brought."""
    owned: set[str] = set()
    for package in records.packages:
        for path in package.files:
            if not path.endswith(_INFO_ENDS):
                continue
            folder, _, name = path.rpartition("/")
            owned.add(path if name.endswith(_SITE_ENDS) else folder)
    return owned


def _list_infos(prefix: Path) -> Iterator[str]:
    for site in list_site_directories(prefix):
        with os.scandir(prefix / site) as entries:
            # A leading `~` is what pip leaves of a removal that failed.
            names = sorted(
                e.name
                for e in entries
                if e.name.endswith(_SITE_ENDS) and not e.name.startswith("~")
            )
        yield from (f"{site}/{name}" for name in names)


def _read_distribution(prefix: Path, info: str) -> PipDistribution:
    if info.endswith(".egg-link"):
        return _read_linked(prefix, info)
    if info.endswith(".egg-info"):
        return _read_egg(prefix, info)
    metadata = _require(_read_metadata(prefix / info / "METADATA"), "METADATA")
    paths, outside = read_record_file(prefix, info)
    site = info.rpartition("/")[0] + "/"
    top_level = (
        tail for p in paths if p.path.startswith(site) and "/" not in (tail := p.path[len(site) :])
    )
    reference = read_direct_reference(prefix / info, top_level)
    package = _describe(metadata, _read_word(prefix / info / "INSTALLER"), reference)
    return PipDistribution(package, info, paths, outside)


def _read_egg(prefix: Path, info: str) -> PipDistribution:
    """Read what a project's own `setup.py` installed, which is what conda calls pypi as well."""
    place = prefix / info
    is_directory = place.is_dir()
    metadata = _require(_read_metadata(place / "PKG-INFO" if is_directory else place), "PKG-INFO")
    paths, outside = read_installed_files(prefix, info) if is_directory else ((), ())
    return PipDistribution(_describe(metadata, "setuptools", {}), info, paths, outside)


def _read_linked(prefix: Path, link: str) -> PipDistribution:
    """Read an editable installation of old: a link to the project, whose metadata lies there."""
    project = read_egg_link(prefix / link)
    if project is None:
        raise UsageError("it names no directory")
    name = re.sub(r"[^\w.]+", "_", link.rpartition("/")[2].removesuffix(".egg-link"))
    metadata = _require(
        _read_metadata(project / f"{name}.egg-info" / "PKG-INFO"),
        f"PKG-INFO in {clean(str(project), limit=300)}",
    )
    reference = {"direct_url": to_file_url(str(project)), "editable": True}
    return PipDistribution(_describe(metadata, "setuptools", reference), link, ())


def _require(metadata: CoreMetadata | None, what: str) -> CoreMetadata:
    if metadata is None:
        raise UsageError(f"its {what} is missing or names no distribution")
    return metadata


def _describe(metadata: CoreMetadata, installer: str, reference: dict[str, object]) -> PipPackage:
    return PipPackage(
        name=metadata.name,
        version=metadata.version,
        installer=installer,
        requires_python=metadata.requires_python,
        requires_dist=metadata.requires_dist,
        license=metadata.license,
        **reference,  # type: ignore[arg-type]
    )


def _read_metadata(path: Path) -> CoreMetadata | None:
    try:
        data = read_bytes(path, limit_bytes=_METADATA_LIMIT_BYTES, what="METADATA")
    except UsageError:
        return None
    return parse_core_metadata(data)


def _read_word(path: Path) -> str:
    try:
        text = read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return ""
    return clean(text.strip(), limit=40)
