"""Whether the files of an export lie on disk as they would be written, for CI and pre-commit."""

import difflib
from collections.abc import Iterator

from envbench.workbench.locks.writing import PlacedFile
from envbench.workbench.path_texts import show_path
from envbench.workbench.values.checked_files import CheckedFile

_MOST_LINES = 40


def check_files(placed: tuple[PlacedFile, ...]) -> tuple[CheckedFile, ...]:
    """Compare files with what would be written; nothing is changed."""
    return tuple(map(_check, placed))


def _check(placed: PlacedFile) -> CheckedFile:
    before, path = placed.before, show_path(placed.path)
    if before == placed.file.text:
        return CheckedFile(path=path, state="same")
    if before is None:
        return CheckedFile(path=path, state="missing")
    lines = list(_compare(before, placed.file.text, path))
    more = len(lines) - _MOST_LINES
    if more > 0:
        lines = [*lines[:_MOST_LINES], f"... and {more} more lines"]
    return CheckedFile(path=path, state="differs", difference="\n".join(lines))


def _compare(before: str, after: str, path: str) -> Iterator[str]:
    return difflib.unified_diff(
        before.splitlines(), after.splitlines(), path, f"{path} (as it would be)", n=1, lineterm=""
    )
