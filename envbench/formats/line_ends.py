"""How the lines of a text end, and how to keep it through an editor that knows one way only."""

import difflib
from collections import Counter
from enum import StrEnum

MAX_MATCHED_LINES = 5000
"""Longer stretches of changed lines are not matched line by line: it would take too long."""


class LineEnds(StrEnum):
    """How the lines of a text end."""

    NONE = "none"
    """There is one line, and it does not end."""
    LF = "lf"
    CRLF = "crlf"
    CR = "cr"
    MIXED = "mixed"
    """More than one of them, or others such as form feeds and U+2028."""


_KINDS = {"\n": LineEnds.LF, "\r\n": LineEnds.CRLF, "\r": LineEnds.CR}


def find_line_ends(text: str) -> LineEnds:
    """Tell how the lines of a text end."""
    found = {_end_of(line) for line in text.splitlines(keepends=True)} - {""}
    if not found:
        return LineEnds.NONE
    return _KINDS.get(found.pop(), LineEnds.MIXED) if len(found) == 1 else LineEnds.MIXED


def keep_line_ends(old: str, new: str) -> str:
    """Give the unchanged lines of a text the ends that they had; new ones get the usual end.

    Args:
        old: The text before.
        new: The text after an editor that writes all ends alike.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    ends = Counter(_end_of(line) for line in before if _end_of(line))
    usual = ends.most_common(1)[0][0] if ends else "\n"
    kept = [_with_end(line, usual) for line in after]
    for start, partner, size in _matches(before, after):
        for index in range(size):
            kept[partner + index] = _keep(before[start + index], after[partner + index], usual)
    return "".join(_part(kept))


def _part(lines: list[str]) -> list[str]:
    """Keep a lone CR and the LF of an empty line behind it from becoming one end of one line."""
    for index in range(1, len(lines)):
        if lines[index] == "\n" and lines[index - 1].endswith("\r"):
            lines[index] = "\r"
    return lines


def _matches(before: list[str], after: list[str]) -> list[tuple[int, int, int]]:
    """Pair equal lines: the common head and tail, and what matches between them."""
    old, new = [_body(line) for line in before], [_body(line) for line in after]
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    room = shortest - head
    tail = next((i for i in range(room) if old[-1 - i] != new[-1 - i]), room)
    found = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old), len(new)) <= MAX_MATCHED_LINES:
        blocks = difflib.SequenceMatcher(None, old, new).get_matching_blocks()
        found += [(block.a + head, block.b + head, block.size) for block in blocks]
    return found


def _keep(old: str, new: str, usual: str) -> str:
    # The last line may have got an end, or lost its own: then that is the change.
    if bool(_end_of(old)) == bool(_end_of(new)):
        return old
    return _with_end(new, usual)


def _with_end(line: str, usual: str) -> str:
    return _body(line) + usual if _end_of(line) else line


def _end_of(line: str) -> str:
    return line[len(_body(line)) :]


def _body(line: str) -> str:
    parts = line.splitlines()
    return parts[0] if parts else ""
