"""Bars, small lines and plots out of block characters; whole cells, so that they seldom change."""

from collections.abc import Sequence
from itertools import pairwise

FULL = "█"
EMPTY = " "
_STEPS = " ▁▂▃▄▅▆▇█"
_HEIGHTS = len(_STEPS) - 1


def draw_bar(percent: float | None, width: int) -> str:
    """Draw a share as a bar of whole cells; what is more than nothing has at least one."""
    if percent is None or width <= 0:
        return EMPTY * max(0, width)
    filled = round(max(0.0, min(100.0, percent)) / 100 * width)
    if percent >= 1:
        filled = max(1, filled)
    return FULL * filled + EMPTY * (width - filled)


def draw_trend(points: Sequence[float | None], most: float, width: int) -> str:
    """Draw values as one line of blocks, the newest at the right; a blank is not known.

    Args:
        points: Values, the newest last.
        most: The value of a full cell.
        width: In cells; older points are left out.
    """
    shown = points[-width:] if width > 0 else ()
    return "".join(_choose_step(point, most) for point in shown).rjust(width)


def _choose_step(point: float | None, most: float) -> str:
    if point is None or most <= 0:
        return " "
    # A value that is known is seen, even when it is 0.
    return _STEPS[1 + round(max(0.0, min(1.0, point / most)) * (_HEIGHTS - 1))]


def draw_plot(
    points: Sequence[float | None], most: float, width: int, height: int
) -> tuple[str, ...]:
    """Draw values over several lines, from above; where nothing was read is a gap.

    Args:
        points: Values, the newest last; they are put together where there are more than cells.
        most: The value at the upper edge.
        width: In cells.
        height: In lines, at least 1.
    """
    columns = squeeze(points, width)
    total = height * _HEIGHTS
    levels = [
        None if point is None or most <= 0
        else max(1, round(max(0.0, min(1.0, point / most)) * total))
        for point in columns
    ]  # fmt: skip
    return tuple(
        "".join(_fill_cell(level, (height - 1 - line) * _HEIGHTS) for level in levels).rjust(width)
        for line in range(height)
    )


def _fill_cell(level: int | None, below: int) -> str:
    """Choose the block of a cell under which so many steps lie."""
    return " " if level is None else _STEPS[max(0, min(_HEIGHTS, level - below))]


def squeeze(points: Sequence[float | None], width: int) -> tuple[float | None, ...]:
    """Put neighbours together until there are at most so many; the mean of what is known."""
    count = len(points)
    if width <= 0:
        return ()
    if count <= width:
        return tuple(points)
    edges = [round(number * count / width) for number in range(width + 1)]
    return tuple(mean_of(points[start:end]) for start, end in pairwise(edges))


def mean_of(points: Sequence[float | None]) -> float | None:
    """Give the mean of what is known; None when nothing is."""
    known = [point for point in points if point is not None]
    return sum(known) / len(known) if known else None
