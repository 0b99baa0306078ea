"""Opening and saving one spec: nothing that somebody else wrote meanwhile is lost."""

import codecs
import hashlib
import os
import stat
from pathlib import Path

from envbench.files import MIB, FileText, read_text_file, write_atomically
from envbench.formats.line_ends import find_line_ends, keep_line_ends
from envbench.formats.text_difference import describe_difference
from envbench.model.errors import PreventedError, UsageError
from envbench.settings.load import Settings
from envbench.workbench.drafts import drop_draft, find_draft
from envbench.workbench.path_texts import read_path, show_path, write_path
from envbench.workbench.values.spec_files import ClashKind as ClashKind
from envbench.workbench.values.spec_files import OpenedSpec as OpenedSpec
from envbench.workbench.values.spec_files import SaveClash as SaveClash
from envbench.workbench.values.spec_files import SavedSpec as SavedSpec
from envbench.workbench.values.spec_files import SaveOutcome as SaveOutcome
from envbench.workbench.writability import say_read_only

MAX_BYTES = MIB
"""Larger files are not opened, hence not saved either."""


def open_spec(path: str, settings: Settings) -> OpenedSpec:
    """Open a spec, or any text file that is meant to become one.

    Raises:
        UsageError: It cannot be read as text.
    """
    file = read_path(path)
    found = read_text_file(file, what="spec")
    draft = find_draft(path, settings)
    return OpenedSpec(
        path=write_path(file),
        shown=show_path(file),
        text=found.text,
        sha256=_digest(found.raw),
        has_bom=found.has_bom,
        line_ends=find_line_ends(found.text),
        read_only=say_read_only(file),
        modified=_modified(file),
        draft=draft if draft is not None and draft.text != found.text else None,
    )


def save_spec(
    path: str,
    text: str,
    settings: Settings,
    *,
    expected_sha256: str,
    has_bom: bool = False,
    keep_ends: bool = False,
    force: bool = False,
) -> SaveOutcome:
    """Save a spec, unless the file is not the one that was opened; its draft goes.

    Args:
        path: The file; a link stays a link, and the file behind it is replaced.
        text: All of it.
        settings: They say where the draft is.
        expected_sha256: Of the file's bytes when it was opened; empty to make a new file.
        has_bom: Whether to begin with a byte order mark.
        keep_ends: Give lines that did not change the ends they have on disk, for an editor that
            writes all ends alike.
        force: Write over whatever is there now.

    Raises:
        UsageError: The text cannot be saved as a spec, or no file can be at the path.
        PreventedError: The system refused; the old content is still there.
    """
    file = read_path(path)
    found = _look(file, text, expected_sha256)
    if isinstance(found, SaveClash):
        if not force:
            return SaveOutcome(clash=found)
        found = None
    elif not force and (_digest(found.raw) if found else "") != expected_sha256:
        return SaveOutcome(clash=_clash(file, found, text, expected_sha256))
    if keep_ends and found is not None:
        text = keep_line_ends(found.text, text)
    data = _to_bytes(file, text, has_bom=has_bom)
    is_new = found is None and _reserve(file)
    if found is None and not is_new and not force:
        again = _look(file, text, expected_sha256)
        clash = again if isinstance(again, SaveClash) else _clash(file, again, text, "")
        return SaveOutcome(clash=clash)
    note = _write(file, data, force=force, is_new=is_new)
    try:
        drop_draft(path, settings)
    except PreventedError as fault:
        # It is saved all the same; the draft will be offered again, and says the same.
        note = note or f"{fault.what}: {fault.why}"
    return SaveOutcome(
        SavedSpec(
            path=write_path(file),
            sha256=_digest(data),
            text=text,
            modified=_modified(file),
            note=note,
        )
    )


def _look(file: Path, text: str, expected: str) -> FileText | SaveClash | None:
    """Read what is at the path: nothing, a text, or a file that is no text any more."""
    try:
        return read_text_file(file, what="spec")
    except UsageError as fault:
        if not _is_something(file):
            return None
        if not file.is_file():
            raise
        clash = _clash(file, FileText("", has_bom=False, raw=b""), text, expected)
        message = f"{clash.message}, and it cannot be shown: {fault.why}"
        return SaveClash(path=clash.path, kind=clash.kind, message=message)


def _is_something(file: Path) -> bool:
    """Tell whether anything lies at the path, or where its link leads."""
    try:
        return os.path.lexists(os.path.realpath(file))
    except ValueError:
        return False


def _clash(file: Path, found: FileText | None, text: str, expected: str) -> SaveClash:
    shown = show_path(file)
    if found is None:
        message = f"{shown} is gone: it was removed or renamed since it was opened"
        return SaveClash(path=write_path(file), kind=ClashKind.GONE, message=message)
    kind = ClashKind.CHANGED if expected else ClashKind.EXISTS
    said = "has changed on disk since it was opened" if expected else "exists already"
    difference = describe_difference(found.text, text, "on disk", "to be saved")
    return SaveClash(
        path=write_path(file),
        kind=kind,
        message=f"{shown} {said}",
        disk_text=found.text,
        disk_sha256=_digest(found.raw),
        disk_has_bom=found.has_bom,
        difference=difference.lines,
        left_off=difference.left_off,
    )


def _to_bytes(file: Path, text: str, *, has_bom: bool) -> bytes:
    """Encode a text, unless the file could not be opened again."""
    nul = text.find("\0")
    if nul >= 0:
        raise _unsavable(file, text, nul, "the text holds a NUL character")
    try:
        body = text.encode("utf-8")
    except UnicodeEncodeError as fault:
        why = f"the character U+{ord(text[fault.start]):04X} cannot be written as UTF-8"
        raise _unsavable(file, text, fault.start, why) from None
    data = (codecs.BOM_UTF8 if has_bom else b"") + body
    if len(data) > MAX_BYTES:
        raise UsageError(
            "the spec is not saved",
            where=show_path(file),
            why=f"it has {len(data):,} bytes; the limit is {MAX_BYTES:,}",
            hint="remove what does not belong into a spec",
        )
    return data


def _unsavable(file: Path, text: str, offset: int, why: str) -> UsageError:
    where = f"{show_path(file)}:{text.count(chr(10), 0, offset) + 1}"
    return UsageError("the spec is not saved", where=where, why=why, hint="remove it")


def _reserve(file: Path) -> bool:
    """Make an empty file that nobody else made; False when something is there already."""
    try:
        # Umask decides who may read a new spec, as with every editor.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(os.path.realpath(file), flags, 0o666))
    except FileExistsError:
        return False
    except (OSError, ValueError) as fault:
        raise _prevented(file, fault) from fault
    return True


def _write(file: Path, data: bytes, *, force: bool, is_new: bool) -> str:
    why = "" if is_new or force else say_read_only(file)
    if why:
        raise PreventedError(
            "the spec is not saved", where=show_path(file), why=why, hint="save it elsewhere"
        )
    before = _owner(file)
    try:
        write_atomically(file, data, mode=0o644)
    except BaseException:
        if is_new:
            # Nothing of ours stays behind: the empty file was only there to keep others off.
            file.unlink(missing_ok=True)
        raise
    if before is not None and _owner(file) != before:
        return "the file now belongs to you: the system does not let you give it back"
    return ""


def _prevented(file: Path, fault: OSError | ValueError) -> PreventedError | UsageError:
    parent = file.parent
    if isinstance(fault, FileNotFoundError):
        return UsageError(
            "the spec is not saved",
            where=show_path(file),
            why=f"there is no folder {show_path(parent)}",
            hint="make it first, or save elsewhere",
        )
    why = say_read_only(file) or (getattr(fault, "strerror", "") or "the name cannot be used")
    return PreventedError(
        "the spec is not saved", where=show_path(file), why=why, hint="save it elsewhere"
    )


def _owner(file: Path) -> int | None:
    try:
        return os.stat(file).st_uid  # noqa: PTH116
    except OSError:
        return None


def _modified(file: Path) -> float:
    try:
        status = os.stat(file)  # noqa: PTH116
    except OSError:
        return 0.0
    return status.st_mtime if stat.S_ISREG(status.st_mode) else 0.0


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
