"""A package before it is an archive, and writing it into a channel."""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from envbench.engine.local_channel.archive import ArchiveMember, write_conda_archive
from envbench.engine.local_channel.archive_reading import read_index_json
from envbench.engine.local_channel.prefix import PLACEHOLDER, PlaceholderKind
from envbench.model.errors import UsageError

STAGING_PREFIX = ".making-"
"""Start of the names of unfinished files in a channel."""

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file or soft link of a package."""

    path: str
    """Path below the prefix, forward slashes."""
    source: bytes | Path = field(repr=False)
    """The content, or the file that holds it."""
    sha256: str
    """Digest of the content; of the target's content for a soft link."""
    size_bytes: int
    is_executable: bool = False
    placeholder: PlaceholderKind | None = None
    """How the placeholder prefix in the content is replaced; None where it holds none."""
    link_target: str | None = None
    """Text of the soft link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageContent:
    """Everything that an archive says and holds."""

    name: str
    version: str
    build_stem: str
    """Start of the build string: `py311` for packages bound to one minor version, `py`, or empty."""
    build_tail: str = ""
    """End of the build string, `_cpython`."""
    subdir: str
    depends: tuple[str, ...] = ()
    files: tuple[PackageFile, ...]
    is_noarch_python: bool = False
    entry_points: tuple[str, ...] = ()
    """`command = module:function`, for noarch packages: whoever links them writes the scripts."""
    license: str = ""
    summary: str = ""
    home: str = ""
    python_site_packages_path: str = ""
    """Of `python` itself only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePackage:
    """One package of the channel that a run has made, or found already made."""

    name: str
    version: str
    build: str
    path: Path
    """The archive."""
    size_bytes: int
    """Size of the archive."""
    installed_bytes: int
    """Size of the files when installed."""
    is_new: bool
    """False where the channel held the same package already."""


def file_from_bytes(
    path: str, content: bytes, *, is_executable: bool = False, placeholder: bool | None = None
) -> PackageFile:
    """Take a file from memory; a placeholder in it is noticed unless said otherwise."""
    holds = PLACEHOLDER.encode() in content if placeholder is None else placeholder
    kind = PlaceholderKind.BINARY if b"\0" in content else PlaceholderKind.TEXT
    return PackageFile(
        path,
        content,
        hashlib.sha256(content).hexdigest(),
        len(content),
        is_executable=is_executable,
        placeholder=kind if holds else None,
    )


def file_from_path(path: str, source: Path, *, is_executable: bool = False) -> PackageFile:
    """Take a file from disk as it is; it is read again when the archive is written."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as stream:
        for chunk in iter(partial(stream.read, _CHUNK_BYTES), b""):
            digest.update(chunk)
            size += len(chunk)
    return PackageFile(path, source, digest.hexdigest(), size, is_executable=is_executable)


def link_to(path: str, target: str, pointed: PackageFile) -> PackageFile:
    """Make a soft link to another file of the same package."""
    return PackageFile(path, b"", pointed.sha256, pointed.size_bytes, link_target=target)


def write_package(content: PackageContent, channel: Path) -> MadePackage:
    """Write a package into the folder of its platform, unless the same one lies there.

    The build string holds a digest of the content. So a name never stands for two contents,
    which package caches rely on; another content of the same version gets the next build number
    and is the one that solvers prefer.

    Raises:
        UsageError: Two files of the package have the same path.
        OSError: The channel cannot be written.
    """
    _require_distinct_paths(content)
    archive, is_new = choose_archive(content, channel)
    if is_new:
        archive.parent.mkdir(parents=True, exist_ok=True)
        staged = archive.parent / f"{STAGING_PREFIX}{archive.name}"
        dist_name = archive.name.removesuffix(".conda")
        info = _make_info(content, dist_name.rpartition("-")[2])
        write_conda_archive(staged, dist_name, info, map(_to_member, content.files))
        with staged.open("rb") as stream:
            os.fsync(stream.fileno())
        staged.replace(archive)
    return MadePackage(
        name=content.name,
        version=content.version,
        build=archive.name.removesuffix(".conda").rpartition("-")[2],
        path=archive,
        size_bytes=archive.stat().st_size,
        installed_bytes=sum(file.size_bytes for file in content.files if not file.link_target),
        is_new=is_new,
    )


def _require_distinct_paths(content: PackageContent) -> None:
    seen: set[str] = set()
    for file in content.files:
        if file.path in seen:
            raise UsageError(
                "two files of this package have the same path",
                where=f"{content.name} {content.version}",
                why=file.path,
            )
        seen.add(file.path)


def choose_archive(content: PackageContent, channel: Path) -> tuple[Path, bool]:
    """Return the path of a package's archive in a channel, and whether it has to be written."""
    folder = channel / content.subdir
    stem = f"{content.name}-{content.version}-{content.build_stem}h"
    pattern = re.compile(
        re.escape(stem) + r"([0-9a-f]{8})_(\d+)" + re.escape(content.build_tail) + r"\.conda"
    )
    digest, numbers = _digest_content(content), [-1]
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = pattern.fullmatch(path.name)
        if found and found[1] == digest and _is_intact(path):
            return path, False
        numbers += [int(found[2])] if found and found[1] != digest else []
    return folder / f"{stem}{digest}_{max(numbers) + 1}{content.build_tail}.conda", True


def _is_intact(archive: Path) -> bool:
    try:
        read_index_json(archive)
    except UsageError:
        return False
    return True


def _digest_content(content: PackageContent) -> str:
    facts = [
        content.depends, content.is_noarch_python, content.entry_points, content.license,
        content.summary, content.home, content.python_site_packages_path,
        *sorted(
            (file.path, file.sha256, file.is_executable, str(file.placeholder), file.link_target or "")
            for file in content.files
        ),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:8]


def _to_member(file: PackageFile) -> ArchiveMember:
    mode = 0o777 if file.link_target else 0o755 if file.is_executable else 0o644
    return ArchiveMember(file.path, file.source, mode, file.link_target)


def _make_info(content: PackageContent, build: str) -> Sequence[ArchiveMember]:
    documents: dict[str, Any] = {
        "index.json": _make_index(content, build),
        "about.json": {
            "home": content.home,
            "license": content.license,
            "summary": content.summary,
        },
        "paths.json": {
            "paths": [_describe(file) for file in sorted(content.files, key=lambda f: f.path)],
            "paths_version": 1,
        },
    }
    if content.is_noarch_python:
        documents["link.json"] = {
            "noarch": {"type": "python", "entry_points": list(content.entry_points)},
            "package_metadata_version": 1,
        }
    members = [
        ArchiveMember(f"info/{name}", json.dumps(body, indent=2, sort_keys=True).encode())
        for name, body in documents.items()
    ]
    names = "".join(f"{path}\n" for path in sorted(file.path for file in content.files))
    return [*members, ArchiveMember("info/files", names.encode())]


def _make_index(content: PackageContent, build: str) -> dict[str, Any]:
    tail = build.removesuffix(content.build_tail) if content.build_tail else build
    index: dict[str, Any] = {
        "name": content.name,
        "version": content.version,
        "build": build,
        "build_number": int(tail.rpartition("_")[2]),
        "depends": list(content.depends),
        "subdir": content.subdir,
    }
    if content.license:
        index["license"] = content.license
    if content.python_site_packages_path:
        index["python_site_packages_path"] = content.python_site_packages_path
    if content.is_noarch_python:
        return {**index, "noarch": "python", "arch": None, "platform": None}
    platform, _, arch = content.subdir.partition("-")
    return {**index, "platform": platform, "arch": {"64": "x86_64"}.get(arch, arch)}


def _describe(file: PackageFile) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "_path": file.path,
        "path_type": "softlink" if file.link_target else "hardlink",
        "sha256": file.sha256,
        "size_in_bytes": file.size_bytes,
    }
    if file.placeholder:
        entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": str(file.placeholder)}
    return entry
