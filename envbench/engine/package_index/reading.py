"""Reads one index: its names at once, the records of a name when they are asked for."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from envbench.engine.outside_text import show_text
from envbench.engine.package_index.index_files import IndexFile, IndexKind, read_shards_head
from envbench.model.errors import PreventedError

if TYPE_CHECKING:
    from rattler import RepoDataRecord, SparseRepoData

_SNAPSHOT_BYTES = 64 << 20
"""Local indexes up to this size are copied before they are read, see `_open_plain`."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}")
"""What conda's own tools accept as a name (CEP 26); others cannot be asked for in a spec."""


class IndexFaultError(PreventedError):
    """An index at hand cannot be read."""


class OpenIndex(Protocol):
    """An index that is being read."""

    names: frozenset[str]
    """All names that can be asked for."""

    def find(self, name: str) -> "list[RepoDataRecord] | None":
        """Give the records of a name, none when there are none; None when they are not at hand.

        Raises:
            IndexFaultError: They cannot be read.
        """

    def close(self) -> None:
        """Let go of the file."""


def open_index(file: IndexFile, *, max_bytes: int) -> OpenIndex:
    """Read the names of an index.

    Args:
        file: The index.
        max_bytes: What is larger is refused.

    Raises:
        IndexFaultError: It cannot be read.
    """
    if file.size > max_bytes:
        raise IndexFaultError(f"the index is larger than {max_bytes} bytes", where=str(file.path))
    return _PlainIndex(file) if file.kind is IndexKind.PLAIN else _ShardedIndex(file)


class _PlainIndex:
    def __init__(self, file: IndexFile) -> None:
        try:
            self._data = _open_plain(file)
            self.names = _keep_plain(self._data.package_names())
        except (OSError, ValueError) as error:
            raise _describe_fault(file.path, error) from None

    def find(self, name: str) -> "list[RepoDataRecord] | None":
        return _load(self._data, name)

    def close(self) -> None:
        self._data.close()


class _ShardedIndex:
    def __init__(self, file: IndexFile) -> None:
        self._file = file
        self._directory = file.path.parent / "shards-v1"
        try:
            start = read_shards_head(file.path)[1]
            listing = _LISTING.decode(file.path.read_bytes()[start:])
        except (OSError, ValueError) as error:
            raise _describe_fault(file.path, error) from None
        self._shards = listing.shards
        self.names = _keep_plain(self._shards)

    def find(self, name: str) -> "list[RepoDataRecord] | None":
        digest = self._shards.get(name)
        if digest is None:
            return []
        path = self._directory / f"{digest.hex()}.msgpack"
        try:
            shard = msgspec.msgpack.decode(path.read_bytes())
            data = _open_bytes(msgspec.json.encode(_to_json(shard)), self._file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise _describe_fault(path, error) from None
        try:
            return _load(data, name)
        finally:
            data.close()

    def close(self) -> None:
        self._shards = {}


class _Listing(msgspec.Struct):
    shards: dict[str, bytes]


_LISTING = msgspec.msgpack.Decoder(_Listing)


def _keep_plain(names: "list[str] | dict[str, bytes]") -> frozenset[str]:
    return frozenset(name for name in names if _PLAIN_NAME.fullmatch(name))


def _open_plain(file: IndexFile) -> "SparseRepoData":
    """Map the file into memory; a local one as a copy, since its owner may write it in place.

    A mapped file that gets shorter ends the process that reads it. Files of the cache are safe:
    the library replaces them as a whole.
    """
    if file.is_local and file.size <= _SNAPSHOT_BYTES:
        return _open_bytes(file.path.read_bytes(), file)
    from rattler import Channel, SparseRepoData

    return SparseRepoData(Channel(file.url), file.subdir, file.path)


def _open_bytes(content: bytes, file: IndexFile) -> "SparseRepoData":
    from rattler import Channel, SparseRepoData

    descriptor = os.memfd_create("index", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as writer:
            writer.write(content)
        return SparseRepoData(Channel(file.url), file.subdir, f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _load(data: "SparseRepoData", name: str) -> "list[RepoDataRecord]":
    from rattler.exceptions import InvalidPackageNameError

    try:
        return data.load_records(name)
    except InvalidPackageNameError:
        return []
    except (OSError, ValueError) as error:
        why = show_text(str(error), limit=300)
        raise IndexFaultError(f"the records of {name} cannot be read", why=why) from None


def _to_json(value: Any) -> Any:
    """Write digests as the hexadecimal text that they are in a plain index."""
    match value:
        case bytes():
            return value.hex()
        case dict():
            return {key: _to_json(item) for key, item in value.items()}
        case list():
            return [_to_json(item) for item in value]
        case _:
            return value


def _describe_fault(path: Path, error: Exception) -> IndexFaultError:
    return IndexFaultError(
        "the index cannot be read",
        where=show_text(str(path), limit=300),
        why=show_text(str(error), limit=300),
    )
