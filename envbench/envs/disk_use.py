"""How much disk an environment really takes, hard links seen through."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """Bytes of a prefix; of regular files, links and directories left out."""

    prefix: Path
    files: int
    """Names of regular files."""
    apparent_bytes: int
    """What `ls` adds up to: each name counted."""
    total_bytes: int
    """Each file once, however many names it has in the prefix."""
    allocated_bytes: int
    """Blocks that the file system has set aside for these."""
    unique_bytes: int
    """Of `total_bytes`, what no other place shares: that much is free after a removal."""
    shared_bytes: int
    """Of `total_bytes`, what the package cache or other environments hold too."""
    unreadable: int = 0
    """Directories that could not be looked into; the figures leave them out."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Several prefixes taken together, such as all generations of an environment."""

    each: tuple[DiskUse, ...]
    total_bytes: int
    """All of them together, each file once."""
    unique_bytes: int
    """What is free after all of them are removed."""


@dataclass(slots=True)
class _Inode:
    size: int
    blocks: int
    links: int
    names: int = 0


def measure_disk_use(prefix: Path) -> DiskUse:
    """Measure one prefix; a link at the top is followed, none below."""
    return _summarise(prefix, *_collect(prefix))


def measure_together(prefixes: Sequence[Path]) -> Sharing:
    """Measure several prefixes and what they share with each other and with the rest."""
    together: dict[tuple[int, int], _Inode] = {}
    each = []
    for prefix in prefixes:
        inodes, unreadable = _collect(prefix)
        each.append(_summarise(prefix, inodes, unreadable))
        for key, inode in inodes.items():
            known = together.setdefault(key, _Inode(inode.size, inode.blocks, inode.links))
            known.names += inode.names
    return Sharing(
        each=tuple(each),
        total_bytes=sum(inode.size for inode in together.values()),
        unique_bytes=_unique(together),
    )


def _collect(prefix: Path) -> tuple[dict[tuple[int, int], _Inode], int]:
    inodes: dict[tuple[int, int], _Inode] = {}
    unreadable: list[str] = []
    for status in _walk(os.path.realpath(prefix), unreadable):
        key = (status.st_dev, status.st_ino)
        inode = inodes.get(key)
        if inode is None:
            inode = _Inode(status.st_size, status.st_blocks * 512, status.st_nlink)
            inodes[key] = inode
        inode.names += 1
    return inodes, len(unreadable)


def _walk(root: str, unreadable: list[str]) -> Iterator[os.stat_result]:
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                        continue
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        yield status
        except FileNotFoundError:
            continue
        except OSError:
            unreadable.append(folder)


def _summarise(prefix: Path, inodes: dict[tuple[int, int], _Inode], unreadable: int) -> DiskUse:
    kept = sum(inode.size for inode in inodes.values())
    unique = _unique(inodes)
    return DiskUse(
        prefix=prefix,
        files=sum(inode.names for inode in inodes.values()),
        apparent_bytes=sum(inode.size * inode.names for inode in inodes.values()),
        total_bytes=kept,
        allocated_bytes=sum(inode.blocks for inode in inodes.values()),
        unique_bytes=unique,
        shared_bytes=kept - unique,
        unreadable=unreadable,
    )


def _unique(inodes: dict[tuple[int, int], _Inode]) -> int:
    return sum(inode.size for inode in inodes.values() if inode.names >= inode.links)
