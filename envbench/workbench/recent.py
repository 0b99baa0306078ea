"""The specs that were opened last."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from envbench.files import make_private_directory, read_bytes, write_atomically
from envbench.model.document import decode, encode
from envbench.model.errors import UsageError
from envbench.settings.load import Settings
from envbench.workbench.path_texts import read_path, show_path, write_path
from envbench.workbench.values.recent import RecentSpec as RecentSpec

MOST = 30
"""Specs that are remembered."""
_LIMIT_BYTES = 1024 * 1024
_SCHEMA = "envbench.recent/1"


@dataclass(frozen=True, slots=True)
class _Opened:
    path: str
    opened: str


@dataclass(frozen=True, slots=True)
class _History:
    specs: tuple[_Opened, ...]


def list_recent(settings: Settings) -> tuple[RecentSpec, ...]:
    """List the specs that were opened last, the newest first; those that are gone are left out."""
    paths = ((entry, read_path(entry.path)) for entry in _read(settings))
    return tuple(
        RecentSpec(entry.path, show_path(path), entry.opened)
        for entry, path in paths
        if _is_there(path)
    )


def note_recent(path: str, settings: Settings) -> None:
    """Remember that a spec was opened; the oldest goes when there are too many.

    Raises:
        PreventedError: The state directory is not private, or cannot be written to.
    """
    here = write_path(read_path(path))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _write(settings, (_Opened(here, now), *(e for e in _read(settings) if e.path != here)))


def forget_recent(path: str, settings: Settings) -> None:
    """Take a spec off the list.

    Raises:
        PreventedError: The state directory is not private, or cannot be written to.
    """
    here, before = write_path(read_path(path)), _read(settings)
    after = tuple(entry for entry in before if entry.path != here)
    if after != before:
        _write(settings, after)


def _file(settings: Settings) -> Path:
    return settings.paths.state_dir / "recent.json"


def _read(settings: Settings) -> tuple[_Opened, ...]:
    # A list of what was open is worth no error: a damaged one begins anew.
    with suppress(UsageError, msgspec.MsgspecError, UnicodeDecodeError):
        data = read_bytes(_file(settings), limit_bytes=_LIMIT_BYTES, what="list of recent specs")
        return decode(data, _History, schema=_SCHEMA).specs[:MOST]
    return ()


def _write(settings: Settings, entries: tuple[_Opened, ...]) -> None:
    make_private_directory(settings.paths.state_dir)
    data = encode(_History(entries[:MOST]), schema=_SCHEMA)
    write_atomically(_file(settings), data, durable=False)


def _is_there(path: Path) -> bool:
    # Of a path that may not be looked at, or holds a NUL, nobody can say that it is there.
    with suppress(OSError, ValueError):
        return path.is_file()
    return False
