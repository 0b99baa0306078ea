"""Reads the lists that an unpacked package brings, and vets what they would do to a prefix."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from envbench.engine.backends.rattler.errors import BrokenPackageError, HostilePackageError
from envbench.engine.backends.rattler.stamps import FileMark, Stamp, find_boot_id, pack_marks
from envbench.engine.backends.rattler.unpacking import Unpacked
from envbench.engine.package_vetting import (
    is_link_script,
    refuse_entry_point,
    refuse_linked_path,
    refuse_soft_link,
)
from envbench.model.plan import PackageRecord

_LIST_LIMIT = 256 << 20
_T = TypeVar("_T")


class _PathEntry(msgspec.Struct, rename={"path": "_path"}):
    path: str
    path_type: str = "hardlink"
    sha256: str | None = None
    size_in_bytes: int | None = None


class _PathsJson(msgspec.Struct):
    paths: list[_PathEntry]


class _IndexJson(msgspec.Struct):
    name: str
    version: str
    build: str = ""


class _Noarch(msgspec.Struct):
    type: str = ""
    entry_points: list[str] = []


class _LinkJson(msgspec.Struct):
    noarch: _Noarch = msgspec.field(default_factory=_Noarch)


def inspect_package(directory: Path, unpacked: Unpacked, record: PackageRecord) -> Stamp:
    """Vet what a package would put into a prefix, and compare it with its own list of files.

    Args:
        directory: Where it was unpacked.
        unpacked: What came out of the archive.
        record: What the channel says of the package.

    Raises:
        HostilePackageError: It would leave the prefix, or forge records.
        BrokenPackageError: Its lists are missing or unreadable, or name files that are not there.
    """
    _check_identity(directory, unpacked, record)
    entries = _read_entries(directory, unpacked)
    _vet_entries(entries, unpacked)
    noarch_python = _vet_entry_points(directory, unpacked)
    return Stamp(
        archive=describe_digest(record),
        device=os.stat(directory).st_dev,  # noqa: PTH116 - as for its files
        **pack_marks(unpacked.files),
        links=unpacked.links,
        noarch_python=noarch_python,
        scripts=tuple(entry.path for entry in entries if is_link_script(entry.path)),
        deviating=tuple(_find_deviating(entries, unpacked)),
        boots=(find_boot_id(),),
    )


def describe_digest(record: PackageRecord) -> str:
    """Name the digest that an archive must have; empty when the channel gives none."""
    if record.sha256:
        return f"sha256:{record.sha256}"
    return f"md5:{record.md5}" if record.md5 else ""


def _check_identity(directory: Path, unpacked: Unpacked, record: PackageRecord) -> None:
    index = _read_list(directory, "info/index.json", unpacked, _IndexJson)
    found = (index.name.lower(), index.version, index.build)
    if found != (record.name.lower(), record.version, record.build):
        raise HostilePackageError(
            f"the archive is of another package, {'-'.join(found)}", path="info/index.json"
        )


def _read_entries(directory: Path, unpacked: Unpacked) -> list[_PathEntry]:
    if "info/paths.json" in unpacked.files:
        return _read_list(directory, "info/paths.json", unpacked, _PathsJson).paths
    if "info/files" not in unpacked.files:
        raise BrokenPackageError("the package has no list of its files (info/paths.json)")
    # Packages of before 2016: one path a line, and nothing else is known.
    try:
        text = _read_bytes(directory, "info/files", unpacked).decode()
    except UnicodeError as error:
        raise BrokenPackageError(f"info/files cannot be read ({error})") from error
    return [_PathEntry(path=line) for line in text.splitlines() if line.strip()]


def _vet_entries(entries: Iterable[_PathEntry], unpacked: Unpacked) -> None:
    for entry in entries:
        if reason := refuse_linked_path(entry.path):
            raise HostilePackageError(reason, path=entry.path)
        path = os.path.normpath(entry.path)
        if path in unpacked.links:
            if reason := refuse_soft_link(path, unpacked.links[path]):
                raise HostilePackageError(reason, path=entry.path)
        elif path not in unpacked.files and entry.path_type != "directory":
            raise BrokenPackageError(f"its list names {entry.path!r}, which is not in the archive")


def _vet_entry_points(directory: Path, unpacked: Unpacked) -> bool:
    if "info/link.json" not in unpacked.files:
        return False
    link = _read_list(directory, "info/link.json", unpacked, _LinkJson)
    for text in link.noarch.entry_points:
        if reason := refuse_entry_point(text):
            raise HostilePackageError(reason, path=text)
    return link.noarch.type == "python"


def _find_deviating(entries: Iterable[_PathEntry], unpacked: Unpacked) -> Iterator[str]:
    for entry in entries:
        mark = unpacked.files.get(os.path.normpath(entry.path))
        if mark and not _agrees(entry, mark):
            yield entry.path


def _agrees(entry: _PathEntry, mark: FileMark) -> bool:
    if entry.path_type == "softlink":
        return False
    if entry.size_in_bytes is not None and entry.size_in_bytes != mark.size:
        return False
    return entry.sha256 is None or entry.sha256.lower() == mark.sha256.hex()


def _read_bytes(directory: Path, path: str, unpacked: Unpacked) -> bytes:
    mark = unpacked.files.get(path)
    if mark is None:
        raise BrokenPackageError(f"the package has no {path}")
    if mark.size > _LIST_LIMIT:
        raise HostilePackageError(f"a list of {mark.size} bytes", path=path)
    return (directory / path).read_bytes()


def _read_list(directory: Path, path: str, unpacked: Unpacked, kind: type[_T]) -> _T:
    data = _read_bytes(directory, path, unpacked)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BrokenPackageError(f"{path} cannot be read ({error})") from error
