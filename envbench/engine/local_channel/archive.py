"""Writing `.conda` archives so that the same content always gives the same bytes."""

import contextlib
import hashlib
import io
import json
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard

COMPRESSION_LEVEL = 6
"""zstd level: above it an interpreter shrinks by a few percent and takes twice as long."""

_CHUNK_BYTES = 1 << 20
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_FORMAT_MEMBER = json.dumps({"conda_pkg_format_version": 2}).encode()


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file or soft link inside a package archive."""

    path: str
    """Relative path with forward slashes; written as it is, hostile or not."""
    source: bytes | Path = b""
    """The content, or the file that holds it."""
    mode: int = 0o644
    """Permission bits."""
    link_target: str | None = None
    """Text of the soft link; `source` is then ignored."""


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What an index says about an archive file."""

    md5: str
    """Lower-case hexadecimal."""
    sha256: str
    size_bytes: int


def write_conda_archive(
    target: Path,
    dist_name: str,
    info: Iterable[ArchiveMember],
    payload: Iterable[ArchiveMember],
) -> None:
    """Write one package in the version 2 format.

    The layout is an uncompressed ZIP of `metadata.json`, the payload and the `info/` folder,
    each of the two a tar compressed with zstd. Times, owners and the order of members are
    fixed, so equal content gives equal bytes.

    Args:
        target: The file to write; its folder must exist. The caller replaces atomically.
        dist_name: `name-version-build`.
        info: Members below `info/`.
        payload: All other members.

    Source:
        https://github.com/conda/ceps (CEP 35, the version 2 package format).
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        with archive.open(_zip_member("metadata.json", len(_FORMAT_MEMBER)), "w") as stream:
            stream.write(_FORMAT_MEMBER)
        for kind, members in (("pkg", payload), ("info", info)):
            _add_tarball(archive, f"{kind}-{dist_name}.tar.zst", members, target.parent)


def measure_archive(path: Path) -> ArchiveFacts:
    """Hash an archive in one pass."""
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            md5.update(chunk)
            sha256.update(chunk)
            size += len(chunk)
    return ArchiveFacts(md5.hexdigest(), sha256.hexdigest(), size)


def _zip_member(name: str, size_bytes: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _ZIP_EPOCH)
    member.external_attr = 0o644 << 16
    member.create_system = 3  # Unix, whatever the box
    member.file_size = size_bytes
    return member


def _add_tarball(
    archive: zipfile.ZipFile, name: str, members: Iterable[ArchiveMember], folder: Path
) -> None:
    """Compress to a nameless file first: a stored ZIP member needs its size beforehand."""
    with tempfile.TemporaryFile(dir=folder) as spool:
        with zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).stream_writer(
            spool, closefd=False
        ) as compressed:
            _write_tar(compressed, members)
        size = spool.tell()
        spool.seek(0)
        with archive.open(_zip_member(name, size), "w") as stream:
            while chunk := spool.read(_CHUNK_BYTES):
                stream.write(chunk)


def _write_tar(stream: IO[bytes], members: Iterable[ArchiveMember]) -> None:
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for member in sorted(members, key=lambda member: member.path):
            with _open_source(member) as (size, content):
                tar.addfile(_tar_header(member, size), content)


def _tar_header(member: ArchiveMember, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(member.path)
    header.mode = member.mode
    if member.link_target is None:
        header.size = size
    else:
        header.type = tarfile.SYMTYPE
        header.linkname = member.link_target
    return header


@contextlib.contextmanager
def _open_source(member: ArchiveMember) -> Iterator[tuple[int, IO[bytes] | None]]:
    if member.link_target is not None:
        yield 0, None
    elif isinstance(member.source, bytes):
        yield len(member.source), io.BytesIO(member.source)
    else:
        with member.source.open("rb") as stream:
            yield member.source.stat().st_size, stream
