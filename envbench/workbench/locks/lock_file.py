"""A lock on disk, whatever holds it: a file of some format, or a pack."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.lock import Lock
from envbench.model.locked_set import LockedSet, LockReading, lock_to_set
from envbench.model.pack_names import MANIFEST_NAME
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES

PACK_FORMAT = "pack"
"""What a pack is called where formats are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """A lock that can be relied on."""

    format: str
    reading: LockReading
    sha256: str
    """Of the file; empty for a pack, to which nothing points."""


def read_lock_file(path: Path, shown: str) -> LockFile:
    """Read a lock.

    Of a pack only what it says of itself is read, not its files: those are for whoever uses them.

    Args:
        path: A lock file, the tar of a pack, or the folder that one was unpacked to.
        shown: How messages call it.

    Raises:
        UsageError: It cannot be read, or is no lock.
        NotFineError: It has errors; each is named with its line.
        PreventedError: This box keeps it from being read.
    """
    if is_pack(path):
        reading = LockReading(locked=_with_records(read_pack_lock(path)), problems=())
        return LockFile(format=PACK_FORMAT, reading=reading, sha256="")
    found = read_text_file(path, limit_bytes=LOCK_LIMIT_BYTES, what="lock")
    form, reading = read_lock_text(found.text, shown)
    require_sound(reading, shown)
    return LockFile(format=form, reading=reading, sha256=hashlib.sha256(found.raw).hexdigest())


def is_pack(path: Path) -> bool:
    """Tell whether a path is meant as a pack: a tar, or a folder that one was unpacked to."""
    if path.is_dir():
        return (path / MANIFEST_NAME).is_file()
    return path.name == MANIFEST_NAME or path.suffix == ".tar"


def read_pack_lock(path: Path) -> Lock:
    """Read the lock that a pack holds, with all that no lock file of any format says.

    Raises:
        As `read_lock_file`.
    """
    # Loads the engine, which no other lock needs.
    from envbench.engine.packing.folder_reading import read_folder_manifest
    from envbench.engine.packing.tar_reading import read_tar_manifest

    folder = path.parent if path.name == MANIFEST_NAME else path
    manifest = read_folder_manifest(folder) if folder.is_dir() else read_tar_manifest(path)
    return manifest.lock


def _with_records(lock: Lock) -> LockedSet:
    """State a lock with all that it knows of each package, so that nothing is lost on the way."""
    locked = lock_to_set(lock)
    records = {record.name: record for record in lock.packages}
    pip = {package.name: package for package in lock.pip}
    return replace(
        locked,
        packages=tuple(replace(each, record=records[each.name]) for each in locked.packages),
        pip=tuple(replace(each, record=pip[each.name]) for each in locked.pip),
    )
