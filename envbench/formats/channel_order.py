"""The splices that put a channel before all others."""

import re

from envbench.formats.sequence_edits import newline_of, remove_item
from envbench.formats.spec_layout import SpecLayout
from envbench.formats.yaml_tree import Sequence
from envbench.model.problem import Replacement
from envbench.model.span import LineIndex

_COMMENT_ROW = re.compile(r"[ \t]*#")


def raise_channel(
    layout: SpecLayout, channels: Sequence, index: int
) -> tuple[Replacement, Replacement]:
    """Move an item of the list to its front, as it is written.

    In a block list the comment behind it goes along, and so do those in the lines above it.

    Args:
        layout: The text.
        channels: The list.
        index: Which item; not the first.

    Raises:
        LayoutError: The layout is not edited.
    """
    lines, item, first = layout.lines, channels.items[index], channels.items[0]
    gone = remove_item(lines, channels, item)
    if channels.flow:
        written = lines.text[item.span.start : item.span.end]
        return Replacement(first.span.start, first.span.start, f"{written}, "), gone
    at = remove_item(lines, channels, first).start
    start = _with_comments_above(lines, gone.start, channels.items[index - 1].span.end)
    rows = lines.text[start : gone.end]
    if not rows.endswith("\n"):
        rows += newline_of(lines.text, first.span.start)
    return Replacement(at, at, rows), Replacement(start, gone.end, "")


def _with_comments_above(lines: LineIndex, start: int, limit: int) -> int:
    """Give where the comments begin that stand directly above a line, behind an offset."""
    while start > limit:
        above = lines.line_start(start - 1)
        if above < limit or not _COMMENT_ROW.match(lines.text, above, start):
            return start
        start = above
    return start
