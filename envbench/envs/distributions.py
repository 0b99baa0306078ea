"""Python distributions of a prefix: which are conda's, which came by pip.

Source: the "Recording installed projects" specification (METADATA, RECORD, INSTALLER,
direct_url.json) and PEP 503 for names.
"""

import base64
import binascii
import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from envbench.envs.prefix_records import PrefixRecords, RecordedPath
from envbench.envs.record_paths import join_inside
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.lock import PipPackage
from envbench.model.redaction import redact_url, split_url_secrets

_LIMIT_BYTES = 32 * 1024 * 1024
_SITE = re.compile(r"(?:.+/)?(?:site-packages|dist-packages)")
_METADATA_ENDS = (".dist-info/METADATA", ".egg-info/PKG-INFO", ".egg-info")


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
    """Its `.dist-info` directory, relative to the prefix."""
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


def normalise_name(name: str) -> str:
    """Spell a distribution's name as PEP 503 does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def map_owned(records: PrefixRecords) -> dict[str, Owned]:
    """Map each Python distribution that conda owns, by normalised name.

    By files, not by names: conda's `pytorch` is the distribution `torch`.
    """
    owned: dict[str, Owned] = {}
    for package in records.packages:
        for each in package.paths:
            if not each.path.endswith(_METADATA_ENDS) or "site-packages/" not in each.path:
                continue
            found = _read_name(records.prefix / each.path)
            if found is not None:
                name, version = found
                owned[name] = Owned(name, version, package.record.name)
    return owned


def read_pip_part(records: PrefixRecords) -> PipPart:
    """Read the distributions that no conda package owns."""
    owned_files = {each.path for package in records.packages for each in package.paths}
    found: list[PipDistribution] = []
    damaged: list[tuple[str, str]] = []
    for info in _list_infos(records.prefix):
        if any(f"{info}/{name}" in owned_files for name in ("METADATA", "RECORD", "INSTALLER")):
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
    found.sort(key=lambda distribution: distribution.package.name)
    return PipPart(tuple(found), tuple(damaged))


def list_site_directories(prefix: Path) -> tuple[str, ...]:
    """List the site-packages directories of a prefix, relative to it, real ones only."""
    patterns = ("lib/python*/site-packages", "lib/python*/dist-packages")
    found = [path for pattern in patterns for path in sorted(prefix.glob(pattern))]
    # `lib/python3.1` is a link to `lib/python3.11` in conda's pythons: count once.
    real = (p for p in found if not p.is_symlink() and not p.parent.is_symlink() and p.is_dir())
    return tuple(path.relative_to(prefix).as_posix() for path in real)


def _list_infos(prefix: Path) -> Iterator[str]:
    for site in list_site_directories(prefix):
        with os.scandir(prefix / site) as entries:
            # A leading `~` is what pip leaves of a removal that failed.
            names = sorted(
                e.name
                for e in entries
                if e.name.endswith(".dist-info") and not e.name.startswith("~")
            )
        yield from (f"{site}/{name}" for name in names)


def _read_distribution(prefix: Path, info: str) -> PipDistribution:
    found = _read_name(prefix / info / "METADATA")
    if found is None:
        raise UsageError("its METADATA is missing or names no distribution")
    name, version = found
    paths, outside = _read_record(prefix, info)
    installer = _read_optional(prefix / info / "INSTALLER")
    package = PipPackage(
        name=name,
        version=version,
        installer=clean(installer.strip(), limit=40),
        **_read_direct_url(prefix / info / "direct_url.json"),
    )
    return PipDistribution(package, info, paths, outside)


def _read_name(path: Path) -> tuple[str, str] | None:
    try:
        data = read_bytes(path, limit_bytes=_LIMIT_BYTES, what="METADATA")
    except UsageError:
        return None
    # Only the headers: descriptions are long, and may hold anything.
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0].decode("utf-8", "replace")
    name, version = _read_header(head, "name"), _read_header(head, "version")
    if not name or not version:
        return None
    return clean(normalise_name(name.strip()), limit=200), clean(version.strip(), limit=200)


def _read_header(head: str, wanted: str) -> str:
    """Read one single-line header; the whole of `email` would be loaded for no more than this."""
    for line in head.splitlines():
        key, mark, value = line.partition(":")
        if mark and key.lower() == wanted:
            return value.strip()
    return ""


def _read_record(prefix: Path, info: str) -> tuple[tuple[RecordedPath, ...], tuple[str, ...]]:
    text = _read_optional(prefix / info / "RECORD")
    site = info.rpartition("/")[0]
    inside: list[RecordedPath] = []
    outside: list[str] = []
    try:
        for row in csv.reader(text.splitlines()):
            if not row:
                continue
            path = join_inside(site, _relative(row[0], prefix))
            if path is None:
                outside.append(clean(row[0], limit=300))
            else:
                inside.append(_recorded(path, [*row, "", ""]))
    except csv.Error as fault:
        raise UsageError(f"its RECORD is damaged: {fault}") from fault
    return tuple(inside), tuple(outside)


def _relative(path: str, prefix: Path) -> str:
    """Make a climbing path out of an absolute one that points into the prefix: both are allowed."""
    if not path.startswith("/"):
        return path
    text = os.fspath(prefix) + "/"
    # Sites are three levels deep, so that this climbs to the prefix and no further.
    return f"../../../{path.removeprefix(text)}" if path.startswith(text) else path


def _recorded(path: str, row: list[str]) -> RecordedPath:
    return RecordedPath(
        path=path,
        kind="pip",
        sha256=_hexadecimal(row[1]),
        size_bytes=int(row[2]) if row[2].isdecimal() and len(row[2]) < 19 else None,
    )


def _hexadecimal(field: str) -> str | None:
    """Turn `sha256=<urlsafe base64 without padding>` into hexadecimal digits."""
    kind, _, text = field.partition("=")
    if kind != "sha256":
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    except (binascii.Error, ValueError):
        return None


def _read_optional(path: Path) -> str:
    try:
        return read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return ""


class _DirectUrl(msgspec.Struct):
    url: str
    vcs_info: dict[str, Any] | None = None
    archive_info: dict[str, Any] | None = None
    dir_info: dict[str, Any] | None = None
    subdirectory: str | None = None


def _read_direct_url(path: Path) -> dict[str, Any]:
    """Read a direct reference (PEP 610) into the fields of `PipPackage`, without secrets."""
    text = _read_optional(path)
    if not text:
        return {}
    try:
        raw = msgspec.json.decode(text, type=_DirectUrl)
    except msgspec.MsgspecError:
        return {}
    url = clean(redact_url(split_url_secrets(raw.url)[0]), limit=2000)
    if raw.vcs_info is not None:
        kind, commit = raw.vcs_info.get("vcs"), raw.vcs_info.get("commit_id")
        tail = f"#subdirectory={clean(raw.subdirectory)}" if raw.subdirectory else ""
        return {"direct_url": clean(f"{kind}+{url}@{commit}{tail}", limit=2000)}
    if raw.dir_info is not None:
        return {"direct_url": url, "editable": raw.dir_info.get("editable") is True}
    return {"direct_url": url, "url": url, "sha256": _archive_sha256(raw.archive_info or {})}


def _archive_sha256(info: dict[str, Any]) -> str | None:
    hashes = info.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if digest is None:
        kind, _, value = str(info.get("hash", "")).partition("=")
        digest = value if kind == "sha256" else None
    text = str(digest or "").lower()
    return text if re.fullmatch(r"[0-9a-f]{64}", text) else None
