"""The index of a channel folder: `repodata.json` and `repodata.json.zst` of each platform."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import zstandard

from envbench.engine.local_channel.archive import measure_archive
from envbench.engine.local_channel.archive_reading import ARCHIVE_SUFFIXES, read_index_json
from envbench.files import write_atomically

_COMPRESSION_LEVEL = 19
_SUBDIR = re.compile(r"noarch|(linux|osx|win|freebsd|emscripten|wasi|zos)-[a-z0-9_]+")
_RECORD_FIELDS = frozenset({
    "arch", "build", "build_number", "constrains", "depends", "features", "license",
    "license_family", "name", "noarch", "platform", "purls", "python_site_packages_path",
    "subdir", "timestamp", "track_features", "version",
})  # fmt: skip


def index_channel(channel: Path, subdirs: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Write the index of every platform folder of a channel anew.

    Every archive is hashed each time, so a file that was replaced under its old name gets its
    new record, and a file that was removed drops out. A `.conda` archive hides a `.tar.bz2`
    neither here nor in conda: both are listed.

    Args:
        channel: The folder that holds `noarch/`, `linux-64/`, ...
        subdirs: Platform folders that must exist afterwards; `noarch` always does.

    Returns:
        The paths of the `repodata.json` files.

    Raises:
        UsageError: An archive is damaged.
        PreventedError: The index cannot be written.
    """
    for subdir in {"noarch", *subdirs}:
        (channel / subdir).mkdir(parents=True, exist_ok=True)
    return tuple(_index_subdir(folder) for folder in sorted(_find_subdirs(channel)))


def _find_subdirs(channel: Path) -> Iterator[Path]:
    for folder in channel.iterdir():
        if folder.is_dir() and _SUBDIR.fullmatch(folder.name):
            yield folder


def _index_subdir(folder: Path) -> Path:
    target = folder / "repodata.json"
    known = _read_known_records(target)
    packages: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
    for archive in sorted(folder.iterdir()):
        if archive.name.endswith(ARCHIVE_SUFFIXES) and not archive.name.startswith("."):
            kind = "packages.conda" if archive.suffix == ".conda" else "packages"
            packages[kind][archive.name] = _make_record(archive, folder.name, known)
    document = {"info": {"subdir": folder.name}, **packages, "repodata_version": 1}
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    _write_if_changed(target, text)
    packed = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(text)
    _write_if_changed(folder / "repodata.json.zst", packed)
    return target


def _write_if_changed(target: Path, data: bytes) -> None:
    """Leave an equal file alone, so that clients keep what they cached by its time."""
    if not target.is_file() or target.read_bytes() != data:
        write_atomically(target, data, mode=0o644)


def _make_record(
    archive: Path, subdir: str, known: Mapping[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    facts = measure_archive(archive)
    record = known.get((archive.name, facts.sha256))
    if record is None:
        index = read_index_json(archive)
        record = {key: value for key, value in index.items() if key in _RECORD_FIELDS}
    return {
        **record,
        "subdir": subdir,
        "md5": facts.md5,
        "sha256": facts.sha256,
        "size": facts.size_bytes,
    }


def _read_known_records(repodata: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Read the former index by (file name, sha256); a damaged one counts as none."""
    try:
        document = json.loads(repodata.read_bytes())
    except (OSError, ValueError):
        return {}
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for kind in ("packages", "packages.conda"):
        records = document.get(kind, {}) if isinstance(document, dict) else {}
        for name, record in records.items() if isinstance(records, dict) else ():
            if isinstance(record, dict) and isinstance(record.get("sha256"), str):
                known[name, record["sha256"]] = record
    return known
