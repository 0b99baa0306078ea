"""What was seen of a package in the cache when it was vetted and fully validated.

Hashing every file of every package on every build costs more than linking them all. So it is done
once, and a stamp keeps inode, size and time of last change of each file. Every ordinary way to
alter a file changes one of the three: a write moves the time, a replacement the inode. A file
that still has all three is taken as validated; anything else is hashed again. The same numbers
are seen through a hard link, which proves a linked file without reading it.

A crash of the machine can lose the content of a file and keep its numbers, so a stamp holds only
for the boots in which the package was hashed; in another one it is hashed again, once.
"""

import contextlib
import hashlib
import itertools
import os
from array import array
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from envbench import files
from envbench.engine.package_vetting import RULES_VERSION

_FORMAT = 1
_BOOTS_KEPT = 16
"""Several machines may share one cache, each with a boot of its own."""


HASHERS = min(8, os.cpu_count() or 2)
"""Threads that hash; the interpreter lets go of its lock meanwhile."""


class FileMark(NamedTuple):
    """A regular file as `stat` saw it, and its digest."""

    inode: int
    size: int
    """Bytes."""
    mtime_ns: int
    sha256: bytes

    @classmethod
    def read(cls, seen: os.stat_result, sha256: bytes) -> "FileMark":
        """Take the numbers from a `stat`."""
        return cls(seen.st_ino, seen.st_size, seen.st_mtime_ns, sha256)


class Numbers(NamedTuple):
    """What `stat` said of all files of a package, column by column."""

    paths: Sequence[str]
    inodes: Sequence[int]
    sizes: Sequence[int]
    """Bytes."""
    mtimes_ns: Sequence[int]


class Stamp(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A vetted and validated package; columns instead of rows, for they are read on every build."""

    format: int = _FORMAT
    rules: int = RULES_VERSION
    archive: str
    """Digest of the archive, `sha256:...` or `md5:...`; empty when the channel gave none."""
    device: int
    """Of the file system that holds the cache."""
    paths: str
    """All regular files, those of `info/` among them, separated by NUL."""
    numbers: bytes
    """Inodes, then sizes, then times of last change, in the order of `paths`, as uint64."""
    digests: bytes
    """32 bytes for each of `paths`."""
    links: dict[str, str]
    """All soft links, path to target."""
    noarch_python: bool
    scripts: tuple[str, ...] = ()
    """Paths of link scripts."""
    deviating: tuple[str, ...] = ()
    """Files that the archive holds otherwise than its own list says."""
    boots: tuple[str, ...] = ()
    """The boots in which the numbers are known to stand for the digests, latest last."""
    archive_digests: tuple[str, ...] = ()
    """Every digest of the archive that was computed, whatever the channel announced: locks know
    the one or the other. Empty in stamps of older versions."""
    archive_bytes: int | None = None
    """Size of the archive; None in stamps of older versions."""

    def is_of_archive(self, digest: str) -> bool:
        """Tell whether this is the package of an archive with a digest; empty for an unknown one."""
        return digest == self.archive or digest in self.archive_digests

    def is_of_this_boot(self) -> bool:
        """Tell whether nothing can have been lost to a crash since."""
        return find_boot_id() in self.boots

    def read_numbers(self) -> Numbers:
        """Unpack what `stat` said."""
        paths = self.paths.split("\0") if self.paths else []
        columns = memoryview(self.numbers).cast("Q")
        count = len(paths)
        # Lists, since each access to a view makes a new number.
        return Numbers(
            paths,
            columns[:count].tolist(),
            columns[count : 2 * count].tolist(),
            columns[2 * count :].tolist(),
        )

    def read_marks(self) -> dict[str, FileMark]:
        """Unpack everything that is known of each file."""
        paths, inodes, sizes, mtimes_ns = self.read_numbers()
        digests = [self.digests[start : start + 32] for start in range(0, 32 * len(paths), 32)]
        return dict(zip(paths, map(FileMark, inodes, sizes, mtimes_ns, digests), strict=True))

    def is_whole(self) -> bool:
        """Tell whether the columns are of one length, and made by this version."""
        count = self.paths.count("\0") + 1 if self.paths else 0
        fits = len(self.numbers) == 24 * count and len(self.digests) == 32 * count
        return fits and (self.format, self.rules) == (_FORMAT, RULES_VERSION)


def pack_marks(marks: Mapping[str, FileMark]) -> dict[str, Any]:
    """Give the columns of a stamp for these files."""
    columns = (
        [mark.inode for mark in marks.values()],
        [mark.size for mark in marks.values()],
        [mark.mtime_ns for mark in marks.values()],
    )
    numbers = array("Q", itertools.chain.from_iterable(columns))
    return {
        "paths": "\0".join(marks),
        "numbers": numbers.tobytes(),
        "digests": b"".join(mark.sha256 for mark in marks.values()),
    }


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Keep a stamp.

    Raises:
        PreventedError: The disk is full, read-only, ...
    """
    files.write_atomically(path, msgspec.msgpack.encode(stamp), durable=False)


def read_stamp(path: Path) -> Stamp | None:
    """Read a stamp; None when there is none, or it is of older rules, or damaged."""
    try:
        stamp = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    return stamp if stamp.is_whole() else None


_DECODER = msgspec.msgpack.Decoder(Stamp)


@cache
def find_boot_id() -> str:
    """Name the running boot; `unknown` where the kernel does not tell."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return "unknown"


def has_vetted_lists(directory: Path, stamp: Stamp) -> bool:
    """Tell whether the package's own lists, which decide where links are made, are as vetted.

    The other files are looked at after linking, through the links, which costs nothing extra.
    """
    return not _find_changed(directory, stamp, "info/")


def is_unchanged(directory: Path, stamp: Stamp) -> bool:
    """Tell whether all files and links of a package in the cache are as the stamp saw them."""
    if _find_changed(directory, stamp, ""):
        return False
    base = os.fspath(directory)
    return all(_has_link(base, path, target) for path, target in stamp.links.items())


def _find_changed(directory: Path, stamp: Stamp, start: str) -> bool:
    base = os.fspath(directory)
    try:
        if os.lstat(base).st_dev != stamp.device:
            return True
        for path, inode, size, mtime_ns in zip(*stamp.read_numbers(), strict=True):
            if path.startswith(start):
                seen = os.lstat(f"{base}/{path}")
                if (seen.st_ino, seen.st_size, seen.st_mtime_ns) != (inode, size, mtime_ns):
                    return True
    except OSError:
        return True
    return False


def rehash(directory: Path, stamp: Stamp) -> Stamp | None:
    """Hash a package in the cache against the digests of its stamp.

    Returns:
        A stamp with the numbers of now, good for this boot; None when anything differs.
    """
    base = os.fspath(directory)
    known = stamp.read_marks()
    try:
        with ThreadPoolExecutor(HASHERS) as pool:
            marks = dict(zip(known, pool.map(partial(_hash, base), known), strict=True))
        device = os.lstat(base).st_dev
    except OSError:
        return None
    if any(marks[path].sha256 != mark.sha256 for path, mark in known.items()):
        return None
    if not all(_has_link(base, path, target) for path, target in stamp.links.items()):
        return None
    same = device == stamp.device and marks == known
    boots = tuple(boot for boot in stamp.boots if same and boot != find_boot_id())
    return msgspec.structs.replace(
        stamp, **pack_marks(marks), device=device, boots=(*boots, find_boot_id())[-_BOOTS_KEPT:]
    )


def _hash(base: str, path: str) -> FileMark:
    descriptor = os.open(f"{base}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as reader:
        # The numbers first: a write in between moves the time past them.
        seen = os.fstat(descriptor)
        return FileMark.read(seen, hashlib.file_digest(reader, "sha256").digest())


def _has_link(base: str, path: str, target: str) -> bool:
    try:
        return os.readlink(f"{base}/{path}") == target  # noqa: PTH115 - text
    except OSError:
        return False
