"""The two marks by which a directory is known as ours: staged, and complete.

A generation is complete when `.envbench-generation.json` lies in it; until it has gone live for
the first time, `.envbench-staged.json` does. A directory with neither is not ours and is never
removed.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from envbench.envs.lock_holder import Holder
from envbench.files import read_bytes, write_atomically
from envbench.model.document import decode, encode
from envbench.model.errors import UsageError
from envbench.model.generation import Generation
from envbench.model.lock import Lock

GENERATION_FILE = ".envbench-generation.json"
STAGED_FILE = ".envbench-staged.json"
LOCK_FILE = ".envbench-lock.json"
"""What was installed when the generation was completed; drift is told against it."""

MARKS = (STAGED_FILE, GENERATION_FILE)

_GENERATION_SCHEMA = "envbench.generation/1"
_STAGED_SCHEMA = "envbench.staged/1"
_LOCK_SCHEMA = "envbench.lock/1"
_LIMIT_BYTES = 4 * 1024 * 1024
_LOCK_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedMark:
    """What lies in a generation that is being built."""

    environment: str
    number: int
    holder: Holder
    """Who builds it."""


def write_generation(prefix: Path, generation: Generation) -> None:
    """Declare a generation complete; durable when this returns."""
    write_atomically(
        prefix / GENERATION_FILE, encode(generation, schema=_GENERATION_SCHEMA), mode=0o644
    )


def read_generation(prefix: Path) -> Generation | None:
    """Read what a generation says of itself.

    Returns:
        None when it is not complete, or not ours, or its mark is damaged.
    """
    if not _is_file(prefix / GENERATION_FILE):
        return None
    try:
        data = read_bytes(prefix / GENERATION_FILE, limit_bytes=_LIMIT_BYTES)
        return decode(data, Generation, schema=_GENERATION_SCHEMA)
    except (UsageError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_staged_mark(prefix: Path, mark: StagedMark) -> None:
    """Mark a fresh directory as ours to build in, and to remove."""
    write_atomically(
        prefix / STAGED_FILE, encode(mark, schema=_STAGED_SCHEMA), mode=0o644, durable=False
    )


def is_staged(prefix: Path) -> bool:
    """Tell whether the directory was begun by us and, unless it is live, never went live."""
    return _is_file(prefix / STAGED_FILE)


def holds_mark(prefix: Path) -> bool:
    """Tell whether the directory carries one of our marks."""
    return any(_is_file(prefix / name) for name in MARKS)


def write_generation_lock(prefix: Path, lock: Lock) -> None:
    """Record what is installed in a generation that is about to be completed."""
    data = encode(lock, schema=_LOCK_SCHEMA)
    write_atomically(prefix / LOCK_FILE, data, mode=0o644, durable=False)


def read_generation_lock(prefix: Path) -> Lock | None:
    """Read what was installed when the generation was completed; None when that is unknown."""
    if not _is_file(prefix / LOCK_FILE):
        return None
    try:
        data = read_bytes(prefix / LOCK_FILE, limit_bytes=_LOCK_LIMIT_BYTES)
        return decode(data, Lock, schema=_LOCK_SCHEMA)
    except (UsageError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
