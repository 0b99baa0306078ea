"""Proves that the files of a freshly linked prefix are those of its packages.

A hard link shows the inode, size and time of the file in the cache; where these are the ones of
the stamp, the file is the validated one, and nothing needs to be read. Files that were written
anew (a prefix replaced, another file system) are hashed against the record of the prefix.
"""

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import msgspec

from envbench.engine.backends.rattler.stamps import HASHERS, Stamp
from envbench.engine.package_vetting import place_noarch_path
from envbench.model.cleaning import clean


class WrongFile(NamedTuple):
    """A file of the prefix that is not as it should be."""

    package: str
    """The distribution that it belongs to."""
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPackage:
    """A package that was linked, and what the cache knows of it."""

    name: str
    dist_name: str
    directory: Path
    """In the cache."""
    stamp: Stamp
    site_packages: str
    """Of the prefix, relative to it."""


@dataclass(slots=True)
class Verification:
    """What the look at the prefix found."""

    files: int = 0
    """Proven right."""
    bytes: int = 0
    wrong: list[WrongFile] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)
    """Distributions whose files in the cache are not as validated any more."""

    def add(self, other: "Verification") -> None:
        """Take in what was found elsewhere."""
        self.files += other.files
        self.bytes += other.bytes
        self.wrong += other.wrong
        self.damaged |= other.damaged

    @property
    def is_fine(self) -> bool:
        """Tell whether everything is as it should be."""
        return not self.wrong and not self.damaged


class _Entry(msgspec.Struct, rename={"path": "_path"}, gc=False):
    path: str
    path_type: str = "hardlink"


class _PathsData(msgspec.Struct):
    paths: list[_Entry]


class _PrefixRecord(msgspec.Struct):
    paths_data: _PathsData


# Digests are wanted of few files, and of most packages of none: they have a reader of their own.
class _DigestEntry(msgspec.Struct, rename={"path": "_path"}, gc=False):
    path: str
    sha256: str | None = None
    sha256_in_prefix: str | None = None


class _DigestPathsData(msgspec.Struct):
    paths: list[_DigestEntry]


class _DigestPrefixRecord(msgspec.Struct):
    paths_data: _DigestPathsData


_DECODER = msgspec.json.Decoder(_PrefixRecord)
_DIGEST_DECODER = msgspec.json.Decoder(_DigestPrefixRecord)


class _ToHash(NamedTuple):
    package: str
    path: str
    size: int


class LinkVerifier:
    """Looks at packages while others are still being linked: the disk has both done sooner."""

    def __init__(
        self, prefix: Path, packages: Sequence[LinkedPackage], *, deep: bool = False
    ) -> None:
        """Take what is going to be linked.

        Args:
            prefix: Where.
            packages: All of them.
            deep: Hash every file, even those that are known through their inode.
        """
        self._base = os.fspath(prefix)
        self._packages = {package.name: package for package in packages}
        self._deep = deep
        self._looks: dict[str, _Look] = {}
        self._linked: SimpleQueue[str | None] = SimpleQueue()

    def note_linked(self, name: str) -> None:
        """Say that a package is linked; from any thread."""
        self._linked.put(name)

    def note_end(self) -> None:
        """Say that nothing more comes, so that `follow` ends."""
        self._linked.put(None)

    def follow(self) -> None:
        """Look at each package that is linked, until the end; in a thread of its own."""
        while (name := self._linked.get()) is not None:
            if package := self._packages.get(name):
                self._looks[name] = self._look(package)

    def finish(self) -> Verification:
        """Look at what was not looked at, and at what changed since; tell the outcome.

        When two packages bring the same file the library settles it after all is linked, and
        writes their records anew.
        """
        for name, package in self._packages.items():
            look = self._looks.get(name)
            if look is None or look.found.wrong or look.record != self._stat_record(package):
                self._looks[name] = self._look(package)
        found = Verification()
        for look in self._looks.values():
            found.add(look.found)
        _hash_all(
            self._base, [item for look in self._looks.values() for item in look.to_hash], found
        )
        return found

    def _find_record(self, package: LinkedPackage) -> str:
        return f"{self._base}/conda-meta/{package.dist_name}.json"

    def _stat_record(self, package: LinkedPackage) -> tuple[int, int, int]:
        with contextlib.suppress(OSError):
            seen = os.lstat(self._find_record(package))
            return seen.st_ino, seen.st_size, seen.st_mtime_ns
        return 0, 0, 0

    def _look(self, package: LinkedPackage) -> "_Look":
        look = _Look(record=self._stat_record(package))
        path = self._find_record(package)
        try:
            with open(path, "rb") as reader:  # noqa: PTH123 - text, as everywhere here
                entries = _DECODER.decode(reader.read()).paths_data.paths
        except (OSError, msgspec.DecodeError) as error:
            why = f"its record cannot be read ({clean(str(error), limit=200)})"
            look.found.wrong.append(WrongFile(package.dist_name, "conda-meta", why))
            return look
        _look_at_files(self._base, package, entries, look, deep=self._deep)
        return look


@dataclass(slots=True)
class _Look:
    record: tuple[int, int, int]
    """What `stat` said of the package's record in the prefix."""
    found: Verification = field(default_factory=Verification)
    to_hash: list[_ToHash] = field(default_factory=list)


def _look_at_files(
    base: str, package: LinkedPackage, entries: list[_Entry], look: _Look, *, deep: bool
) -> None:
    numbers = package.stamp.read_numbers()
    pairs = zip(numbers.sizes, numbers.mtimes_ns, strict=True)
    known = dict(zip(numbers.inodes, pairs, strict=True))
    top = os.open(base, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        seen_inodes = _compare(top, package, entries, {} if deep else known, look)
    finally:
        os.close(top)
    # What was copied or rewritten rather than linked came from these: are they still right?
    if _has_changed(package, known, known.keys() - seen_inodes):
        look.found.damaged.add(package.dist_name)


def _compare(
    top: int,
    package: LinkedPackage,
    entries: list[_Entry],
    known: Mapping[int, tuple[int, int]],
    look: _Look,
) -> set[int]:
    """Compare the files of a package with the known inodes; returns the inodes that were met."""
    links = _place_links(package)
    met = set()
    stat = os.stat
    # By the ten thousand on every build: no calls but the one that asks the system.
    for entry in entries:
        try:
            seen = stat(entry.path, dir_fd=top, follow_symlinks=False)
        except OSError as error:
            look.found.wrong.append(WrongFile(package.dist_name, entry.path, str(error.strerror)))
            continue
        inode, size = seen.st_ino, seen.st_size
        if (validated := known.get(inode)) and entry.path_type == "hardlink":
            if validated != (size, seen.st_mtime_ns):
                look.found.damaged.add(package.dist_name)
            met.add(inode)
        elif entry.path_type == "softlink" or entry.path in links:
            if not _is_link_right(top, package, entry.path, links.get(entry.path), look.found):
                continue
        elif entry.path_type != "directory":
            look.to_hash.append(_ToHash(package.dist_name, entry.path, size))
            continue
        look.found.files += 1
        look.found.bytes += size
    return met


def _place_links(package: LinkedPackage) -> dict[str, str]:
    if not package.stamp.noarch_python:
        return package.stamp.links
    return {
        place_noarch_path(path, package.site_packages): target
        for path, target in package.stamp.links.items()
    }


def _is_link_right(
    top: int, package: LinkedPackage, path: str, target: str | None, found: Verification
) -> bool:
    try:
        there = os.readlink(path, dir_fd=top)
    except OSError as error:
        found.wrong.append(WrongFile(package.dist_name, path, str(error.strerror)))
        return False
    if there != target:
        found.wrong.append(WrongFile(package.dist_name, path, f"links to {clean(there)!r}"))
    return there == target


def _has_changed(
    package: LinkedPackage, known: dict[int, tuple[int, int]], unseen: set[int]
) -> bool:
    numbers = package.stamp.read_numbers()
    paths = dict(zip(numbers.inodes, numbers.paths, strict=True))
    base = os.fspath(package.directory)
    try:
        for inode in unseen:
            seen = os.lstat(f"{base}/{paths[inode]}")
            if seen.st_ino != inode or (seen.st_size, seen.st_mtime_ns) != known[inode]:
                return True
    except OSError:
        return True
    return False


def _hash_all(base: str, to_hash: Sequence[_ToHash], found: Verification) -> None:
    if not to_hash:
        return
    digests = {name: _read_digests(base, name) for name in {item.package for item in to_hash}}
    with ThreadPoolExecutor(HASHERS) as pool:
        hashes = pool.map(lambda item: _hash(base, item.path), to_hash)
        for item, found_digest in zip(to_hash, hashes, strict=True):
            # A record without digest, as of packages of long ago, is believed.
            known = digests[item.package]
            expected = "" if known is None else known.get(item.path, found_digest)
            if found_digest and expected == found_digest:
                found.files += 1
                found.bytes += item.size
            else:
                why = f"sha256 is {found_digest}" if found_digest else "it cannot be read"
                found.wrong.append(WrongFile(item.package, item.path, why))


def _read_digests(base: str, dist_name: str) -> dict[str, str] | None:
    """Read the digests of a package's files; None when its record vanished meanwhile."""
    try:
        with open(f"{base}/conda-meta/{dist_name}.json", "rb") as reader:  # noqa: PTH123 - text
            entries = _DIGEST_DECODER.decode(reader.read()).paths_data.paths
    except (OSError, msgspec.DecodeError):
        return None
    digests = ((entry.path, entry.sha256_in_prefix or entry.sha256) for entry in entries)
    return {path: digest.lower() for path, digest in digests if digest}


def _hash(base: str, path: str) -> str:
    with contextlib.suppress(OSError), open(f"{base}/{path}", "rb") as reader:  # noqa: PTH123 - text
        return hashlib.file_digest(reader, "sha256").hexdigest()
    return ""
