"""RECORD: the files that a distribution brought, as its installer wrote them down.

Source: the "Recording installed projects" specification; pip's `installed-files.txt` for
distributions that were installed by their own `setup.py`.
"""

import base64
import binascii
import csv
import os
from pathlib import Path

from envbench.envs.prefix_records import RecordedPath
from envbench.envs.record_paths import join_inside
from envbench.files import read_bytes
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError

_LIMIT_BYTES = 32 * 1024 * 1024
_PLAIN_DIGEST = 43
"""Length of a sha256 in base64 without padding."""


def read_record_file(prefix: Path, info: str) -> tuple[tuple[RecordedPath, ...], tuple[str, ...]]:
    """Read the RECORD of a `.dist-info` directory.

    Args:
        prefix: The environment.
        info: The directory, relative to the prefix.

    Returns:
        The files inside the prefix, and the lines that lead out of it.

    Raises:
        UsageError: It is damaged.
    """
    text = _read_optional(prefix / info / "RECORD")
    site = info.rpartition("/")[0]
    root = os.fspath(prefix) + "/"
    inside: list[RecordedPath] = []
    outside: list[str] = []
    try:
        for row in csv.reader(text.splitlines()):
            if not row:
                continue
            path = _join(site, row[0], root)
            if path is None:
                outside.append(clean(row[0], limit=300))
            else:
                inside.append(_recorded(path, row))
    except csv.Error as fault:
        raise UsageError(f"its RECORD is damaged: {fault}") from fault
    return tuple(inside), tuple(outside)


def read_installed_files(
    prefix: Path, info: str
) -> tuple[tuple[RecordedPath, ...], tuple[str, ...]]:
    """Read the `installed-files.txt` of an `.egg-info` directory; as `read_record_file`."""
    inside: list[RecordedPath] = []
    outside: list[str] = []
    for line in _read_optional(prefix / info / "installed-files.txt").splitlines():
        path = join_inside(info, line.strip()) if line.strip() else ""
        if path is None:
            outside.append(clean(line, limit=300))
        elif path:
            inside.append(RecordedPath(path, "pip"))
    return tuple(inside), tuple(outside)


def _join(site: str, path: str, root: str) -> str | None:
    # Nearly all lines are of this kind; normalising each costs more than the rest of the reading.
    if path[:1] not in {"/", ".", ""} and "/." not in path and "//" not in path:
        return f"{site}/{path}" if "\0" not in path and path[-1] != "/" else None
    if path.startswith(root):
        # Absolute ones that point into the prefix are allowed.
        return join_inside("", path.removeprefix(root))
    return join_inside(site, path)


def _recorded(path: str, row: list[str]) -> RecordedPath:
    size = row[2] if len(row) > 2 else ""  # path, digest, size
    return RecordedPath(
        path=path,
        kind="pip",
        sha256=_hexadecimal(row[1]) if len(row) > 1 else None,
        size_bytes=int(size) if size.isascii() and size.isdecimal() and len(size) < 19 else None,
    )


def _hexadecimal(field: str) -> str | None:
    """Turn `sha256=<urlsafe base64 without padding>` into hexadecimal digits."""
    kind, _, text = field.partition("=")
    if kind != "sha256":
        return None
    try:
        if len(text) == _PLAIN_DIGEST:
            return binascii.a2b_base64(text.translate(_STANDARD) + "=").hex()
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    except (binascii.Error, ValueError):
        return None


_STANDARD = str.maketrans("-_", "+/")


def _read_optional(path: Path) -> str:
    try:
        return read_bytes(path, limit_bytes=_LIMIT_BYTES).decode("utf-8", "replace")
    except UsageError:
        return ""
