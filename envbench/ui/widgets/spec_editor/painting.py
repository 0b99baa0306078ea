"""Drawing one line of text: layers of styles over stretches of it."""

from collections.abc import Iterable
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from envbench.ui.widgets.spec_editor import visible

Stretch = tuple[int, int, Style]
"""First column, column behind the last, and the style laid over it."""


def paint_line(
    line: str, layers: Iterable[Stretch], base: Style, *, scroll: int, width: int
) -> Strip:
    """Draw the part of a line that is seen.

    Args:
        line: The text of the line; what is drawn is its harmless picture.
        layers: Later ones lie over earlier ones. They may reach one column behind the line.
        base: The style under everything.
        scroll: First cell that is seen.
        width: Cells that are seen; the strip has exactly this width.
    """
    first = visible.column_at(line, scroll)
    last = visible.column_at(line, scroll + width) + 1
    picture = visible.show(line)[first:last] + (" " if last > len(line) else "")
    segments = _cut_up(picture, first, layers, base)
    start = visible.x_of(line, first)
    if first >= len(line) and scroll > start:
        return Strip.blank(width, base)
    seen = Strip(segments).crop(scroll - start, scroll - start + width)
    return seen.adjust_cell_length(width, base)


def _cut_up(picture: str, first: int, layers: Iterable[Stretch], base: Style) -> list[Segment]:
    length = len(picture)
    near = [
        (max(0, start - first), min(length, end - first), style)
        for start, end, style in layers
        if start - first < length and end > first
    ]
    edges = sorted({0, length, *(one[0] for one in near), *(one[1] for one in near)})
    segments: list[Segment] = []
    for left, right in pairwise(edges):
        style = base
        for start, end, layer in near:
            if start <= left and right <= end:
                style += layer
        segments.append(Segment(visible.drawn(picture[left:right]), style))
    return segments
