"""Reading the one member of a package archive that an index needs: `info/index.json`."""

import bz2
import json
import tarfile
import zipfile
from pathlib import Path
from typing import IO, Any

import zstandard

from envbench.engine.tar_headers import BoundedTarInfo
from envbench.model.errors import UsageError

ARCHIVE_SUFFIXES = (".conda", ".tar.bz2")

_INDEX_LIMIT_BYTES = 4 << 20
_DAMAGE = (
    OSError,
    EOFError,
    KeyError,
    ValueError,
    RecursionError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zstandard.ZstdError,
)


def read_index_json(archive: Path) -> dict[str, Any]:
    """Read the metadata that a package archive carries about itself.

    Args:
        archive: A `.conda` or `.tar.bz2` file.

    Raises:
        UsageError: The archive is damaged, or it is no package.
    """
    try:
        content = _read_v2(archive) if archive.suffix == ".conda" else _read_v1(archive)
        record = json.loads(content)
    except _DAMAGE as error:
        raise _unreadable(archive, str(error)) from error
    if not isinstance(record, dict) or not isinstance(record.get("name"), str):
        raise _unreadable(archive, "its info/index.json names no package")
    return record


def _unreadable(archive: Path, why: str) -> UsageError:
    return UsageError(
        "the package archive cannot be read",
        where=str(archive),
        why=why,
        hint="remove the file from the channel, or put an intact copy in its place",
    )


def _read_v2(archive: Path) -> bytes:
    with zipfile.ZipFile(archive) as members:
        name = next(name for name in (*members.namelist(), "info-") if name.startswith("info-"))
        with members.open(name) as packed:
            stream = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
            return _find_index(stream)


def _read_v1(archive: Path) -> bytes:
    with bz2.open(archive) as stream:
        return _find_index(stream)


def _find_index(stream: IO[bytes]) -> bytes:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=BoundedTarInfo) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None and member.name.removeprefix("./") == "info/index.json":
                if member.size > _INDEX_LIMIT_BYTES:
                    raise ValueError("its info/index.json is too large")
                return content.read()
    raise KeyError("it holds no info/index.json")
