"""The indexes that are open in this process: found, read once, forgotten when they change."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from envbench.engine.package_index.build_values import Build, make_build
from envbench.engine.package_index.index_files import (
    CacheListing,
    IndexFile,
    find_local_index,
)
from envbench.engine.package_index.reading import IndexFaultError, OpenIndex, open_index
from envbench.model.cleaning import clean
from envbench.model.fuzzy import NameTable

_MOST_OPEN = 64
"""Indexes, two for most channels."""
_MOST_TABLES = 3
_MOST_LISTS = 300
"""Names whose builds are kept."""
_MOST_SUMMARIES = 5000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A dictionary that forgets what was not used for longest."""

    def __init__(self, most: int) -> None:
        """Keep at most so many."""
        self._most = most
        self._items: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: K) -> bool:
        return key in self._items

    def get(self, key: K) -> V | None:
        """Give a value, which becomes the one used last."""
        if key in self._items:
            self._items.move_to_end(key)
        return self._items.get(key)

    def put(self, key: K, value: V) -> list[V]:
        """Take a value; return those that are forgotten for it."""
        self._items[key] = value
        self._items.move_to_end(key)
        return [self._items.popitem(last=False)[1] for _ in range(len(self._items) - self._most)]

    def drop(self, key: K) -> V | None:
        """Forget a value."""
        return self._items.pop(key, None)

    def list_keys(self) -> list[K]:
        """List what is kept, the longest unused first."""
        return list(self._items)


@dataclass(frozen=True, slots=True)
class Newest:
    """The build of a name that a solver tries first."""

    version: str
    """Safe to show."""
    rank: tuple[bool, Any, int]
    """To be compared with that of another index."""


class IndexStore:
    """Reads indexes lazily, one at a time, and keeps what it read while the file stays the same."""

    def __init__(self, repodata_dir: Path, *, max_bytes: int) -> None:
        """Start empty; nothing is read yet.

        Args:
            repodata_dir: The cache that solves fill.
            max_bytes: Larger indexes are refused.
        """
        self._listing = CacheListing(repodata_dir)
        self._max_bytes = max_bytes
        self._open: Recent[IndexFile, OpenIndex | IndexFaultError] = Recent(_MOST_OPEN)
        self._tables: Recent[tuple[IndexFile, ...], NameTable] = Recent(_MOST_TABLES)
        self._builds: Recent[tuple[IndexFile, str, str], tuple[Build, ...]] = Recent(_MOST_LISTS)
        self._newest: Recent[tuple[IndexFile, str], Newest | None] = Recent(_MOST_SUMMARIES)

    def find_files(self, url: str, subdirs: Sequence[str]) -> tuple[IndexFile, ...]:
        """Find the indexes of a channel that are at hand; `refresh` looked for them."""
        if url.startswith("file:"):
            found = (find_local_index(url, subdir) for subdir in subdirs)
        else:
            found = (self._listing.find(url, subdir) for subdir in subdirs)
        return tuple(file for file in found if file is not None)

    def refresh(self) -> None:
        """Look at the cache again; what changed there is read anew when it is asked for."""
        self._listing.refresh()

    def is_open(self, file: IndexFile) -> bool:
        """Tell whether asking for an index costs nothing."""
        return file in self._open

    def open(self, file: IndexFile) -> OpenIndex:
        """Read an index, or give it again.

        Raises:
            IndexFaultError: It cannot be read.
        """
        known = self._open.get(file)
        if known is None:
            self._forget_older(file)
            try:
                known = open_index(file, max_bytes=self._max_bytes)
            except IndexFaultError as fault:
                known = fault
            for dropped in self._open.put(file, known):
                _close(dropped)
        if isinstance(known, IndexFaultError):
            raise known
        return known

    def table(self, files: tuple[IndexFile, ...]) -> NameTable:
        """Give the names of some indexes, which must be open and whole, as one table."""
        table = self._tables.get(files)
        if table is None:
            table = NameTable(name for file in files for name in self.open(file).names)
            self._tables.put(files, table)
        return table

    def has(self, file: IndexFile, name: str) -> bool:
        """Tell whether an open index has a name."""
        return name in self.open(file).names

    def knows_newest(self, file: IndexFile, name: str) -> bool:
        """Tell whether `newest` costs nothing."""
        return (file, name) in self._newest

    def newest(self, file: IndexFile, name: str) -> Newest | None:
        """Find the newest version of a name; None when its records are not at hand.

        Raises:
            IndexFaultError: The index cannot be read.
        """
        if not self.knows_newest(file, name):
            records = self.open(file).find(name)
            if records is None:
                return None
            ranks = [(not r.track_features, r.version, r.build_number) for r in records]
            best = max(ranks, default=None)
            newest = Newest(clean(str(best[1]), limit=80), best) if best else None
            self._newest.put((file, name), newest)
        return self._newest.get((file, name))

    def builds(self, file: IndexFile, name: str, channel: str) -> tuple[Build, ...] | None:
        """List what an index has of a name, the best build first; None when it is not at hand.

        Raises:
            IndexFaultError: The index cannot be read.
        """
        key = (file, name, channel)
        if key not in self._builds:
            records = self.open(file).find(name)
            if records is None:  # the next solve may bring them
                return None
            made = [make_build(record, channel, file.url) for record in records]
            made.sort(key=lambda build: build.rank, reverse=True)
            self._builds.put(key, tuple(made))
        return self._builds.get(key)

    def _forget_older(self, file: IndexFile) -> None:
        """Close what was read from an older state of a file, and everything made of it."""
        place = (file.url, file.subdir)
        for older in self._open.list_keys():
            if (older.url, older.subdir) == place and older != file:
                _close(self._open.drop(older))
        for key in self._builds.list_keys():
            if (key[0].url, key[0].subdir) == place:
                self._builds.drop(key)


def _close(index: OpenIndex | IndexFaultError | None) -> None:
    if index is not None and not isinstance(index, IndexFaultError):
        index.close()
