"""Paths as texts that survive JSON, whatever bytes a file name is made of.

A name that is no UTF-8 cannot stand in JSON; such a path travels as a `file://` address with its
bytes in percent signs. Everything else travels as it is.

Source: RFC 8089 (file addresses).
"""

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from envbench.model.cleaning import clean

_MARK = "file://"


def write_path(path: Path) -> str:
    """Write an absolute path as a text that `read_path` turns back into the same path."""
    text = os.path.abspath(path)  # noqa: PTH100 - links stay as the user named them
    return text if _is_utf8(text) else _MARK + quote_from_bytes(os.fsencode(text))


def make_carriable(text: str) -> str:
    """Make a path fit to travel that may hold the bytes of a name that is no UTF-8."""
    return text if text.startswith(_MARK) or _is_utf8(text) else write_path(Path(text))


def read_path(text: str) -> Path:
    """Read what `write_path` wrote, or what a user typed (`~` and relative paths)."""
    if text.startswith(_MARK + "/"):
        return Path(os.fsdecode(unquote_to_bytes(text.removeprefix(_MARK))))
    return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100


def show_path(path: Path) -> str:
    """Give a path as it may be shown: without control characters and half characters."""
    return clean(os.fspath(path), limit=1000)


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
