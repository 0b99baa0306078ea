"""Whether a file on disk is one that envbench wrote in the same format, and may be replaced."""

import os
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_reading import detect_lock_format, read_lock_text
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.lock import ExportedFile
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES
from envbench.workbench.path_texts import show_path

_MARK = lazy_pattern(
    r"(?i)\b(?:created|made|written|generated)[-_ ](?:by|with)\W{1,4}envbench\b"
    r"|\"name\":\s*\"envbench\""
)
"""By what a file of ours is known; those that look as conda's export have no such mark."""
_UNMARKED_ENDS = (".lock.yml", ".lock.yaml")


def read_if_there(path: Path) -> str | None:
    """Read a file as text; None when there is none, or it is no text of sane size."""
    try:
        return read_text_file(path, limit_bytes=LOCK_LIMIT_BYTES, what="lock").text
    except UsageError:
        return None


def refuse_other_file(path: Path, file: ExportedFile, *, is_lock: bool = True) -> None:
    """Refuse to replace what is no file of ours in the same format.

    Args:
        path: Where the file is to lie.
        file: What would be written; its path names its usual name.
        is_lock: Whether its format is read back, so that it can be told from the others; of files
            for other tools the mark alone counts, as some look like locks.

    Raises:
        NotFineError: Something else lies there.
    """
    if not os.path.lexists(path):
        return
    text = read_if_there(path)
    if text is not None and (text == file.text or _is_ours(text, path, file, is_lock=is_lock)):
        return
    raise NotFineError(
        "the lock is not written: a file lies there that is no lock of envbench in this format",
        where=show_path(path),
        hint="choose another name, or say that it shall be replaced (--force)",
    )


def _is_ours(text: str, path: Path, file: ExportedFile, *, is_lock: bool) -> bool:
    if not is_lock:
        return _MARK.search(text) is not None
    form = _detect(file.text, file.path)
    if bool(_MARK.search(file.text)) != bool(_MARK.search(text)):
        return False
    if _detect(text, path.name) != form:
        return False
    if _MARK.search(text):
        # However it was changed since, such as by a merge that went wrong.
        return True
    # A spec with exact pins reads just as such a lock does: comments or its name give it away.
    is_named = form is not None and path.name.endswith(_UNMARKED_ENDS)
    return is_named and "#" not in text and read_lock_text(text, path.name)[1].is_sound


def _detect(text: str, name: str) -> str | None:
    try:
        return detect_lock_format(text, name)
    except UsageError:
        return None
