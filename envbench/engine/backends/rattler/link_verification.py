"""Proves that the files of a freshly linked prefix are those of its packages.

A hard link shows the inode, size and time of the file in the cache; where these are the ones of
the stamp, the file is the validated one, and nothing needs to be read. Files that were written
anew (a prefix replaced, another file system) are hashed against the record of the prefix.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
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

    @property
    def is_fine(self) -> bool:
        """Tell whether everything is as it should be."""
        return not self.wrong and not self.damaged


class _Entry(msgspec.Struct, rename={"path": "_path"}, gc=False):
    path: str
    path_type: str = "hardlink"
    sha256: str | None = None
    sha256_in_prefix: str | None = None


class _PathsData(msgspec.Struct):
    paths: list[_Entry]


class _PrefixRecord(msgspec.Struct):
    paths_data: _PathsData


class _ToHash(NamedTuple):
    package: str
    path: str
    sha256: str


def verify_links(
    prefix: Path, packages: Sequence[LinkedPackage], *, deep: bool = False
) -> Verification:
    """Look at every file of freshly linked packages.

    Args:
        prefix: Where they were linked.
        packages: All of them.
        deep: Hash every file, even those that are known through their inode.
    """
    found = Verification()
    decoder = msgspec.json.Decoder(_PrefixRecord)
    to_hash: list[_ToHash] = []
    for package in packages:
        path = prefix / "conda-meta" / f"{package.dist_name}.json"
        try:
            entries = decoder.decode(path.read_bytes()).paths_data.paths
        except (OSError, msgspec.DecodeError) as error:
            why = f"its record cannot be read ({clean(str(error), limit=200)})"
            found.wrong.append(WrongFile(package.dist_name, f"conda-meta/{path.name}", why))
            continue
        to_hash += _look(os.fspath(prefix), package, entries, found, deep)
    _hash_all(os.fspath(prefix), to_hash, found)
    return found


def _look(
    base: str, package: LinkedPackage, entries: list[_Entry], found: Verification, deep: bool
) -> Iterator[_ToHash]:
    paths, inodes, sizes, mtimes_ns = package.stamp.read_numbers()
    known = dict(zip(inodes, zip(sizes, mtimes_ns, strict=True), strict=True))
    links = _place_links(package)
    unseen = dict(zip(inodes, paths, strict=True))
    lstat = os.lstat
    for entry in entries:
        if entry.path in links or entry.path_type == "softlink":
            _look_at_link(base, package, entry.path, links.get(entry.path), found)
            continue
        try:
            seen = lstat(f"{base}/{entry.path}")
        except OSError as error:
            found.wrong.append(WrongFile(package.dist_name, entry.path, str(error.strerror)))
            continue
        numbers = known.get(seen.st_ino)
        if numbers is None or deep:
            digest = entry.sha256_in_prefix or entry.sha256
            if digest and entry.path_type != "directory":
                yield _ToHash(package.dist_name, entry.path, digest)
                found.bytes += seen.st_size
                continue
        elif numbers != (seen.st_size, seen.st_mtime_ns):
            found.damaged.add(package.dist_name)
        else:
            unseen.pop(seen.st_ino, None)
        found.files += 1
        found.bytes += seen.st_size
    # What was copied or rewritten rather than linked came from these: were they still right?
    if _has_changed(package, unseen, known):
        found.damaged.add(package.dist_name)


def _place_links(package: LinkedPackage) -> dict[str, str]:
    if not package.stamp.noarch_python:
        return package.stamp.links
    return {
        place_noarch_path(path, package.site_packages): target
        for path, target in package.stamp.links.items()
    }


def _look_at_link(
    base: str, package: LinkedPackage, path: str, target: str | None, found: Verification
) -> None:
    try:
        there = os.readlink(f"{base}/{path}")  # noqa: PTH115 - text, as for files
    except OSError as error:
        found.wrong.append(WrongFile(package.dist_name, path, str(error.strerror)))
        return
    if there != target:
        found.wrong.append(WrongFile(package.dist_name, path, f"links to {clean(there)!r}"))
    else:
        found.files += 1


def _has_changed(
    package: LinkedPackage, unseen: dict[int, str], known: dict[int, tuple[int, int]]
) -> bool:
    base = os.fspath(package.directory)
    try:
        for inode, path in unseen.items():
            seen = os.lstat(f"{base}/{path}")
            if seen.st_ino != inode or (seen.st_size, seen.st_mtime_ns) != known[inode]:
                return True
    except OSError:
        return True
    return False


def _hash_all(base: str, to_hash: Sequence[_ToHash], found: Verification) -> None:
    if not to_hash:
        return
    with ThreadPoolExecutor(HASHERS) as pool:
        for item, digest in zip(to_hash, pool.map(lambda item: _hash(base, item), to_hash), strict=True):
            if digest == item.sha256.lower():
                found.files += 1
            else:
                found.wrong.append(WrongFile(item.package, item.path, f"sha256 is {digest}"))


def _hash(base: str, item: _ToHash) -> str:
    try:
        with open(f"{base}/{item.path}", "rb") as reader:  # noqa: PTH123 - text, as for files
            return hashlib.file_digest(reader, "sha256").hexdigest()
    except OSError as error:
        return f"unreadable ({error.strerror})"
