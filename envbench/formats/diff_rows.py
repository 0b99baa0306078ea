"""What an edit changes, as numbered rows for a few lines of a screen."""

import difflib
import re
from collections.abc import Iterable, Iterator

from envbench.model.cleaning import clean
from envbench.model.redaction import redact
from envbench.model.repair import DiffRow

MAX_ROWS = 400
"""Rows that are given at most."""
_MAX_TEXT = 300
_MAX_MATCHED = 2000
"""Longer stretches are not matched line by line: it would take too long."""

_Opcode = tuple[str, int, int, int, int]


def diff_rows(old: str, new: str, context: int = 1) -> tuple[DiffRow, ...]:
    """List the lines in which two texts differ, with a few around them.

    Args:
        old: The text before.
        new: The text after; line ends, and one that the last line gets or loses, do not count.
        context: Unchanged lines before and behind each change.

    Returns:
        In the order of the text, of each change first what goes and then what comes; nothing when
        the texts are the same.
    """
    before, after = _lines(old), _lines(new)
    head = _common(before, after)
    tail = min(_common(before[::-1], after[::-1]), min(len(before), len(after)) - head)
    skip, spare = max(0, head - context), max(0, tail - context)
    a, b = before[skip : len(before) - spare], after[skip : len(after) - spare]
    rows = [row for opcode in _opcodes(a, b, context) for row in _write(a, b, opcode, skip)]
    return tuple(rows[:MAX_ROWS])


def _lines(text: str) -> list[str]:
    """Split where YAML counts lines; other characters that end one do so for no editor."""
    rows = re.split(r"\r?\n", text)
    return rows[:-1] if rows[-1] == "" else rows


def _common(before: list[str], after: list[str]) -> int:
    shortest = min(len(before), len(after))
    return next((i for i in range(shortest) if before[i] != after[i]), shortest)


def _opcodes(a: list[str], b: list[str], context: int) -> Iterable[_Opcode]:
    if a == b:
        return ()
    if max(len(a), len(b)) > _MAX_MATCHED:
        return (("replace", 0, len(a), 0, len(b)),)
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return (opcode for group in matcher.get_grouped_opcodes(context) for opcode in group)


def _write(a: list[str], b: list[str], opcode: _Opcode, skip: int) -> Iterator[DiffRow]:
    tag, i, j, k, m = opcode
    for index in range(i, j):
        yield _row(" " if tag == "equal" else "-", index + skip + 1, a[index])
    for index in range(k, m) if tag != "equal" else ():
        yield _row("+", index + skip + 1, b[index])


def _row(sign: str, line: int, text: str) -> DiffRow:
    # Sequences go first, since one in the middle would hide a secret; the cut comes last.
    shown = redact(clean(text, limit=len(text) + 1))
    return DiffRow(sign=sign, line=line, text=clean(shown, limit=_MAX_TEXT))
