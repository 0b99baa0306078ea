"""Unsaved work, kept aside so that a dead screen or link loses none of it.

A draft is one private file in the state directory, named after the path of the file that it
belongs to. It holds the text as it was typed, secrets included: 0600 in a 0700 directory.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from envbench.files import make_private_directory, read_bytes, read_text_file, write_atomically
from envbench.model.document import decode, encode
from envbench.model.errors import EnvbenchError, PreventedError, UsageError
from envbench.settings.load import Settings
from envbench.workbench.path_texts import read_path, show_path, write_path
from envbench.workbench.values.drafts import Draft as Draft
from envbench.workbench.values.drafts import DraftNote as DraftNote

MAX_TEXT = 4 * 1024 * 1024
"""Most characters of a draft."""
_LIMIT_BYTES = 32 * 1024 * 1024
_MOST_LISTED = 500
_SCHEMA = "envbench.draft/1"


@dataclass(frozen=True, slots=True)
class _StoredDraft:
    path: str
    text: str = field(repr=False)
    base_sha256: str
    has_bom: bool
    written: str


def keep_draft(
    path: str, text: str, base_sha256: str, settings: Settings, *, has_bom: bool = False
) -> None:
    """Write unsaved work aside; the draft before it is replaced.

    Args:
        path: The file that it belongs to, which need not exist.
        text: All of the editor's text.
        base_sha256: Of the file's bytes when it was opened; empty for a new file.
        settings: They say where the state directory is.
        has_bom: Whether the file is saved with a byte order mark.

    Raises:
        UsageError: The text is larger than any spec.
        PreventedError: The state directory is not private, or cannot be written to.
    """
    if len(text) > MAX_TEXT:
        raise UsageError(
            "the unsaved text is not kept aside",
            where=show_path(read_path(path)),
            why=f"it has {len(text):,} characters; the limit is {MAX_TEXT:,}",
            hint="save it",
        )
    make_private_directory(settings.paths.state_dir)
    make_private_directory(_folder(settings))
    # Half a surrogate pair has no form in JSON, and none in a file either.
    sound = text.encode("utf-8", "replace").decode("utf-8")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    draft = _StoredDraft(write_path(read_path(path)), sound, base_sha256, has_bom, now)
    # Not durable: it is written while people type, and is to outlive the screen, not the box.
    write_atomically(_file_of(path, settings), encode(draft, schema=_SCHEMA), durable=False)


def find_draft(path: str, settings: Settings) -> Draft | None:
    """Find the unsaved work of a file; None when there is none or it is damaged."""
    stored = _read(_file_of(path, settings))
    if stored is None or read_path(stored.path) != read_path(path):
        return None
    return _describe(stored)


def drop_draft(path: str, settings: Settings) -> bool:
    """Remove the unsaved work of a file.

    Returns:
        Whether there was any.

    Raises:
        PreventedError: It cannot be removed.
    """
    file = _file_of(path, settings)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as fault:
        why = os.strerror(fault.errno or 0)
        where = show_path(file)
        raise PreventedError("the draft could not be removed", where=where, why=why) from fault
    return True


def list_drafts(settings: Settings) -> tuple[DraftNote, ...]:
    """List all unsaved work, the newest first; damaged drafts are left out."""
    found = (_read(file) for file in _files(settings))
    notes = [_note(_describe(stored)) for stored in found if stored is not None]
    return tuple(sorted(notes, key=lambda note: note.written, reverse=True))


def list_draft_names(settings: Settings) -> frozenset[str]:
    """List the names of all drafts without reading any, to be asked with `draft_name`."""
    return frozenset(file.stem for file in _files(settings))


def draft_name(path: Path) -> str:
    """Name the draft of a file."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:40]


def _folder(settings: Settings) -> Path:
    return settings.paths.state_dir / "drafts"


def _file_of(path: str, settings: Settings) -> Path:
    return _folder(settings) / f"{draft_name(read_path(path))}.json"


def _files(settings: Settings) -> Iterator[Path]:
    try:
        found = sorted(_folder(settings).glob("*.json"))
    except OSError:
        return iter(())
    return iter(found[:_MOST_LISTED])


def _read(file: Path) -> _StoredDraft | None:
    try:
        data = read_bytes(file, limit_bytes=_LIMIT_BYTES, what="draft")
        return decode(data, _StoredDraft, schema=_SCHEMA)
    except (EnvbenchError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _describe(stored: _StoredDraft) -> Draft:
    path = read_path(stored.path)
    try:
        digest = hashlib.sha256(read_text_file(path, what="spec").raw).hexdigest()
    except UsageError:
        digest = ""
    return Draft(
        path=stored.path,
        shown=show_path(path),
        text=stored.text,
        base_sha256=stored.base_sha256,
        has_bom=stored.has_bom,
        written=stored.written,
        disk_sha256=digest,
    )


def _note(draft: Draft) -> DraftNote:
    return DraftNote(
        path=draft.path,
        shown=draft.shown,
        written=draft.written,
        characters=len(draft.text),
        is_outdated=draft.is_outdated,
    )
