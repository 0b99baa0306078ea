"""The last hour of one GPU: utilisation, memory and power as plots over several lines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.gpu_face import LONG_S, MEMORY, POWER, UTILIZATION, Points
from envbench.ui.gpu_words import DASH, GIB, is_bad, name_fault, show_name
from envbench.ui.ink import Line, cut, ink
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.gpu_marks import draw_plot, mean_of

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading
    from envbench.ui.state import ScreenState

LEAST_HEIGHT, MOST_HEIGHT, BESIDE_PLOT = 3, 10, 2
"""Lines of a plot, and those above and below it."""
SCALE = 6
"""Cells left of a plot: the values at its edges."""


class Plot(NamedTuple):
    """One plot."""

    metric: str
    label: str
    unit: str
    divisor: float
    """Points are divided by it for the unit."""
    limit: float
    """The value at the upper edge, in the unit; 0 takes the highest point."""


def list_plots(gpu: "GpuReading") -> tuple[Plot, ...]:
    """Give the plots of a GPU, from above."""
    return (
        Plot(UTILIZATION, "utilisation", "%", 1.0, 100.0),
        Plot(MEMORY, "memory", "GiB", float(GIB), (gpu.memory_total_bytes or 0) / GIB),
        Plot(POWER, "power", "W", 1.0, gpu.power_limit_w or 0.0),
    )


def describe_plots(state: "ScreenState", gpu: "GpuReading", width: int, height: int) -> PaneView:
    """Plot what was read of late, as high as there is room for.

    Args:
        state: All that is known.
        gpu: The one that is shown.
        width: In cells.
        height: Of the pane in lines.
    """
    trends = state.gpu_trends
    words = "last hour" if trends.long_s == LONG_S else f"last {trends.long_s / 60:.0f} min"
    badge, role = (name_fault(gpu), "error") if is_bad(gpu) else (words, "dim")
    lines = max(LEAST_HEIGHT, min(MOST_HEIGHT, (height - 1) // 3 - BESIDE_PLOT))
    rows = []
    for plot in list_plots(gpu):
        points = trends.long.get((gpu.index, plot.metric), ())
        drawn = tuple(_draw(plot, points, trends.long_s, width, lines))
        rows.append(Row(f"plot:{plot.metric}", drawn, selectable=False))
    note = (cut(ink(("blank: not read", "dim")), width),)
    title = f"GPU {gpu.index}  {show_name(gpu)}"
    return PaneView(title, badge, role, rows=tuple(rows), bottom=note, keys="h back  Esc all GPUs")


def _draw(plot: Plot, points: Points, span_s: float, width: int, height: int) -> Iterator[Line]:
    values = [None if point is None else point / plot.divisor for point in points]
    known = [value for value in values if value is not None]
    if not known:
        nothing = f"  {DASH}  nothing was read in this time"
        yield cut(ink((plot.label, "bold"), (nothing, "dim")), width)
        yield ()
        return
    yield cut(ink((plot.label, "bold"), _sum_up(values, known, plot.unit)), width)
    most = max(plot.limit, *known) or 1.0
    room = max(1, width - SCALE)
    for number, line in enumerate(draw_plot(values, most, room, height)):
        edge = _show(most) if number == 0 else "0" if number == height - 1 else ""
        yield cut(ink((f"{edge:>{SCALE - 1}} ", "dim"), (line, "ok")), width)
    yield cut(ink((" " * SCALE + _name_moments(span_s, len(values), room), "dim")), width)


def _sum_up(values: "list[float | None]", known: list[float], unit: str) -> str:
    now = DASH if values[-1] is None else _show(values[-1])
    mean = _show(mean_of(known) or 0.0)
    return f"  now {now} {unit}, mean {mean}, least {_show(min(known))}, most {_show(max(known))}"


def _show(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}"


def _name_moments(span_s: float, points: int, room: int) -> str:
    """Write the moments below a plot: `60 min ago` where it begins, `now` where it ends."""
    cells = min(room, points)
    start, end = f"{span_s / 60:.0f} min ago", "now"
    if cells <= len(start) + len(end):
        return end.rjust(room)
    return (start + end.rjust(cells - len(start))).rjust(room)
