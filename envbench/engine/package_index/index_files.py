"""Finds the index of a channel among the files of the cache, or in the channel's own folder.

Source: the cache of rattler's gateway. A plain index is `HASH.json` with `HASH.info.json` beside it,
which names its address. A sharded one is `HASH.shards-cache-v1`: a mark, the length of a msgpack
document with the request, that document, and the list of shards; the shards themselves are
`shards-v1/SHA256.msgpack`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

SHARDS_MARK = b"SHARD-CACHE-V1"
_SHARDS_NAME = "/repodata_shards.msgpack.zst"
_MOST_HEAD_BYTES = 1 << 18
"""The request and its answer's headers have some hundred bytes."""


class IndexKind(Enum):
    """How an index is written."""

    PLAIN = "plain"
    """One document with all records."""
    SHARDED = "sharded"
    """A list of names; the records of a name lie apart, and only where somebody asked for them."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """The index of one platform of a channel, on this disk."""

    path: Path
    kind: IndexKind
    url: str
    """Base address of the channel."""
    subdir: str
    inode: int
    mtime_ns: int
    size: int
    """Bytes."""
    fetched_at: float | None = field(default=None, compare=False)
    """Seconds since 1970 when the channel was last asked for it; None for local channels."""

    @property
    def is_local(self) -> bool:
        """Whether it is the channel's own file, which may be written at any time."""
        return self.fetched_at is None


def find_local_index(url: str, subdir: str) -> IndexFile | None:
    """Find the index in the folder of a `file://` channel; None when there is none."""
    path = Path(unquote(urlsplit(url).path), subdir, "repodata.json")
    try:
        seen = path.stat()
    except (OSError, ValueError):
        return None
    return IndexFile(
        path, IndexKind.PLAIN, url, subdir, seen.st_ino, seen.st_mtime_ns, seen.st_size
    )


class CacheListing:
    """The indexes in a cache, by the address they came from; looks at each file once."""

    def __init__(self, directory: Path) -> None:
        """Start without looking; the directory need not exist."""
        self._directory = directory
        self._known: dict[tuple[str, int, int], tuple[str, IndexKind] | None] = {}
        self._found: dict[str, IndexFile] = {}

    def refresh(self) -> None:
        """Look at what is new or changed."""
        known: dict[tuple[str, int, int], tuple[str, IndexKind] | None] = {}
        found: dict[str, IndexFile] = {}
        for path, key in self._list_marks():
            known[key] = self._known[key] if key in self._known else _read_mark(path)
            mark = known[key]
            file = _describe(path, mark, key[1]) if mark else None
            if mark and file:
                older = found.get(mark[0])
                if older is None or (older.fetched_at or 0) < (file.fetched_at or 0):
                    found[mark[0]] = file
        self._known, self._found = known, found

    def find(self, url: str, subdir: str) -> IndexFile | None:
        """Give the newest index of a channel's platform, as seen by the last `refresh`."""
        return self._found.get(f"{url}/{subdir}")

    def _list_marks(self) -> Iterator[tuple[Path, tuple[str, int, int]]]:
        try:
            paths = sorted(self._directory.iterdir())
        except OSError:
            return
        for path in paths:
            if path.name.endswith((".info.json", ".shards-cache-v1")):
                try:
                    seen = path.stat()
                except OSError:
                    continue
                yield path, (path.name, seen.st_mtime_ns, seen.st_size)


def read_shards_head(path: Path) -> tuple[str, int]:
    """Read what a sharded index was asked for under, and where its list begins.

    Raises:
        OSError: It cannot be read.
        ValueError: It is of another kind, or holds no list but the memory of a refusal.
    """
    with path.open("rb") as reader:
        head = reader.read(_MOST_HEAD_BYTES)
        size = reader.seek(0, 2)
    start = len(SHARDS_MARK) + 4
    if not head.startswith(SHARDS_MARK) or len(head) < start:
        raise ValueError("the cached index is of a kind that is not known here")
    body = start + int.from_bytes(head[start - 4 : start], "little")
    if body >= size or body > len(head):
        raise ValueError("the channel has no such index")
    for text in _strings(msgspec.msgpack.decode(head[start:body])):
        if text.endswith(_SHARDS_NAME):
            return text.removesuffix(_SHARDS_NAME), body
    raise ValueError("the cached index does not say where it came from")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _read_mark(path: Path) -> tuple[str, IndexKind] | None:
    try:
        if path.suffix == ".json":
            url = json.loads(path.read_bytes())["url"]
            return str(url).rpartition("/")[0], IndexKind.PLAIN
        return read_shards_head(path)[0], IndexKind.SHARDED
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _describe(path: Path, mark: tuple[str, IndexKind], mtime_ns: int) -> IndexFile | None:
    place, kind = mark
    url, _, subdir = place.rpartition("/")
    content = path
    if kind is IndexKind.PLAIN:
        content = path.with_name(path.name.removesuffix(".info.json") + ".json")
    try:
        seen = content.stat()
    except OSError:
        return None
    fetched = max(mtime_ns, seen.st_mtime_ns) / 1e9
    return IndexFile(
        content, kind, url, subdir, seen.st_ino, seen.st_mtime_ns, seen.st_size, fetched
    )
