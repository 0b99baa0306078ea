"""The index of the channel inside a pack: what the lock knows, completed from the archives."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import zstandard

from envbench.engine.local_channel.archive import ArchiveFacts
from envbench.engine.local_channel.archive_reading import read_index_json
from envbench.engine.packing.items import CHANNEL_FOLDER, PackItem
from envbench.model.errors import NotFineError, UsageError
from envbench.model.plan import PackageRecord

_COMPRESSION_LEVEL = 19
_RECORD_FIELDS = (
    "arch", "build", "build_number", "constrains", "depends", "features", "license",
    "license_family", "name", "noarch", "platform", "purls", "python_site_packages_path",
    "subdir", "timestamp", "track_features", "version",
)  # fmt: skip


def write_channel_index(
    root: Path, platform: str, items: Sequence[PackItem], facts: Mapping[str, ArchiveFacts]
) -> tuple[str, ...]:
    """Write `repodata.json` and `repodata.json.zst` of both folders of a pack's channel.

    Args:
        root: The folder of the pack.
        platform: Its folder exists even when all packages are noarch.
        items: The conda packages; their archives lie below `root`.
        facts: Digests and size of each archive, by path.

    Returns:
        The paths written, relative to `root`.

    Raises:
        NotFineError: An archive is damaged, or holds another package than the lock names.
    """
    written = []
    for subdir in ("noarch", platform):
        folder = root / CHANNEL_FOLDER / subdir
        folder.mkdir(parents=True, exist_ok=True)
        packages: dict[str, dict[str, Any]] = {"packages": {}, "packages.conda": {}}
        for item in items:
            head, _, name = item.path.rpartition("/")
            if head == f"{CHANNEL_FOLDER}/{subdir}":
                kind = "packages.conda" if name.endswith(".conda") else "packages"
                record = _make_record(root / item.path, item, subdir)
                packages[kind][name] = {**record, **_facts(facts[item.path])}
        document = {"info": {"subdir": subdir}, **packages, "repodata_version": 1}
        text = json.dumps(document, sort_keys=True, indent=1).encode() + b"\n"
        (folder / "repodata.json").write_bytes(text)
        packed = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(text)
        (folder / "repodata.json.zst").write_bytes(packed)
        written += [f"{CHANNEL_FOLDER}/{subdir}/repodata.json{end}" for end in ("", ".zst")]
    return tuple(written)


def complete_record(archive: Path, item: PackItem, facts: ArchiveFacts) -> PackageRecord:
    """Complete what a lock says of a conda package from its archive.

    Raises:
        NotFineError: The archive is damaged, or holds another package than the lock names.
    """
    index = _read_index(archive, item)
    known = item.record
    if _is_whole(known):
        fields: dict[str, Any] = {}
    else:
        fields = {
            "build": index.get("build") or known.build,
            "build_number": int(index.get("build_number") or 0),
            "noarch": index.get("noarch") if isinstance(index.get("noarch"), str) else None,
            "depends": tuple(map(str, index.get("depends") or ())),
            "constrains": tuple(map(str, index.get("constrains") or ())),
            "timestamp_ms": index.get("timestamp") or None,
            "license": index.get("license") or None,
            "python_site_packages_path": index.get("python_site_packages_path") or None,
        }
    return replace(known, **fields, md5=facts.md5, sha256=facts.sha256, size_bytes=facts.size_bytes)


def _make_record(archive: Path, item: PackItem, subdir: str) -> dict[str, Any]:
    index = _read_index(archive, item)
    record = {key: index[key] for key in _RECORD_FIELDS if index.get(key) is not None}
    known = item.record
    if _is_whole(known):
        # Channels mend what their archives say of themselves; that is what was solved with.
        record |= {"depends": list(known.depends), "constrains": list(known.constrains)}
        record |= {key: known.extra[key] for key in _RECORD_FIELDS if key in known.extra}
    return {**record, "subdir": subdir}


def _is_whole(record: PackageRecord) -> bool:
    """Tell whether a lock knew more of a package than its address and name."""
    return bool(record.depends or record.constrains or record.timestamp_ms or record.extra)


def _facts(facts: ArchiveFacts) -> dict[str, Any]:
    return {"md5": facts.md5, "sha256": facts.sha256, "size": facts.size_bytes}


def _read_index(archive: Path, item: PackItem) -> dict[str, Any]:
    try:
        index = read_index_json(archive)
    except UsageError as fault:
        raise NotFineError(
            f"{item.label}: its archive cannot be read", where=item.url, why=fault.why,
            hint="The channel itself holds a damaged package: tell whoever runs it.",
        ) from fault  # fmt: skip
    found = (index.get("name"), index.get("version"))
    if found != (item.record.name, item.record.version):
        raise NotFineError(
            f"{item.label}: its archive holds {found[0]} {found[1]}", where=item.url,
            hint="The lock or the channel is wrong: make the lock again.",
        )  # fmt: skip
    return index
