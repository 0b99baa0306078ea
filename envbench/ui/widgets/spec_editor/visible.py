"""What a line of a spec looks like: every character drawn, none obeyed.

The text itself is never changed. Its picture has one character for each of its own, so that columns
mean the same in both, and nothing in it moves the cursor of a terminal, turns the direction of
reading or takes no room at all.

Source: ECMA-48 (controls), Unicode UAX 9 (bidirectional controls), UTR 36 (invisible characters).
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

from rich.cells import cell_len

TAB_MARK = "→"
"""Stands for a tab, which takes one cell: YAML has no use for tabs, and they hide well."""
UNSAFE_MARK = "\ufffd"
"""Stands for a character that a terminal would act upon, or that no eye can see."""
MOST_MARKS = 8
"""Combining marks in a row that stay on one letter."""

_SELECTOR = "\u034f"
"""Holds the place of an emoji selector; it is left out when the row is drawn."""
_UNSAFE = (
    "[\x00-\x08\x0a-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\u2000-\U0010ffff])[\ufe00-\ufe0f]"
)
_SELECTORS = "[\ufe00-\ufe0f]"
_MARKS = f"[\u0300-\U0010ffff]{{{MOST_MARKS + 1},}}"


def show(line: str) -> str:
    """Give the picture of a line: as many characters, each of them harmless.

    Args:
        line: One line without its ending; may hold anything, lone surrogates included.
    """
    if line.isascii() and line.isprintable():
        return line
    return _show(line)


def drawn(picture: str) -> str:
    """Take out of a part of a picture what only holds a place."""
    return picture if picture.isascii() else picture.replace(_SELECTOR, "")


def width(line: str) -> int:
    """Give the width of a line's picture in cells."""
    picture = show(line)
    return len(picture) if picture.isascii() else cell_len(picture)


def x_of(line: str, column: int) -> int:
    """Give the cell at which a column begins, 0-based; the column may be behind the end."""
    picture = show(line)
    if picture.isascii():
        return min(column, len(picture))
    return 0 if column <= 0 else _edges(picture)[min(column, len(picture)) - 1]


def column_at(line: str, x: int) -> int:
    """Give the column that is drawn at a cell; behind the end it is the length of the line."""
    picture = show(line)
    if picture.isascii():
        return max(0, min(x, len(picture)))
    return 0 if x < 0 else bisect_right(_edges(picture), x)


@lru_cache(maxsize=256)
def _show(line: str) -> str:
    # Most specs never need the patterns, and compiling them takes longer than drawing a screen.
    picture = re.sub(_UNSAFE, UNSAFE_MARK, line).replace("\t", TAB_MARK)
    picture = re.sub(_SELECTORS, _SELECTOR, picture)
    return picture if picture.isascii() else re.sub(_MARKS, _trim_marks, picture)


@lru_cache(maxsize=64)
def _edges(picture: str) -> list[int]:
    """Give the cell behind each character."""
    return list(accumulate(map(cell_len, picture)))


def _trim_marks(match: re.Match[str]) -> str:
    shown: list[str] = []
    marks = 0
    for character in match[0]:
        is_mark = unicodedata.category(character) in {"Mn", "Me", "Mc"}
        marks = marks + 1 if is_mark else 0
        shown.append(UNSAFE_MARK if marks > MOST_MARKS else character)
    return "".join(shown)
