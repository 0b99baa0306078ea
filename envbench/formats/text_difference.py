"""What two texts differ in, as a unified diff of bounded size."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from envbench.model.cleaning import clean

MAX_LINES = 400
"""Lines of a difference that are shown."""
_MAX_LINE = 300
_MAX_MATCHED = 5000
"""Longer stretches are not matched line by line: it would take too long."""
_CONTEXT = 3

_Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class TextDifference:
    """A unified diff."""

    lines: tuple[str, ...]
    """Cleaned for showing; empty when the texts differ in line ends only, or not at all."""
    left_off: int = 0
    """Further lines that were cut."""


def describe_difference(old: str, new: str, old_name: str, new_name: str) -> TextDifference:
    """Make the unified diff between two texts; line ends do not count."""
    before, after = old.splitlines(), new.splitlines()
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    skip, spare = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    a, b = before[skip : len(before) - spare], after[skip : len(after) - spare]
    lines: list[str] = []
    for group in _group(a, b):
        lines += _write_group(a, b, group, skip)
    if lines:
        lines = [f"--- {old_name}", f"+++ {new_name}", *lines]
    shown = tuple(clean(line, limit=_MAX_LINE) for line in lines[:MAX_LINES])
    return TextDifference(shown, max(0, len(lines) - MAX_LINES))


def _group(a: list[str], b: list[str]) -> Iterable[list[_Opcode]]:
    if max(len(a), len(b)) > _MAX_MATCHED:
        return [[("replace", 0, len(a), 0, len(b))]]
    return difflib.SequenceMatcher(None, a, b).get_grouped_opcodes(_CONTEXT)


def _write_group(a: list[str], b: list[str], group: list[_Opcode], skip: int) -> list[str]:
    first, last = group[0], group[-1]
    old, new = (first[1], last[2]), (first[3], last[4])
    lines = [f"@@ -{_range(*old, skip)} +{_range(*new, skip)} @@"]
    for tag, i, j, k, m in group:
        if tag == "equal":
            lines += [f" {line}" for line in a[i:j]]
            continue
        lines += [f"-{line}" for line in a[i:j]]
        lines += [f"+{line}" for line in b[k:m]]
    return lines


def _range(start: int, end: int, skip: int) -> str:
    # An empty stretch is named by the line before it.
    line = start + skip + (1 if end > start else 0)
    return str(line) if end - start == 1 else f"{line},{end - start}"


def _common(before: list[str], after: list[str]) -> int:
    shortest = min(len(before), len(after))
    return next((i for i in range(shortest) if before[i] != after[i]), shortest)
