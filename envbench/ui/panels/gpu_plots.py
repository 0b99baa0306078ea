"""The last hour of one GPU: utilisation, memory and power as plots over several lines."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.ui.gpu_face import LONG_S, MEMORY, POWER, UTILIZATION, Points
from envbench.ui.gpu_words import DASH, GIB, is_bad, name_fault, show_name
from envbench.ui.ink import Line, cut, ink
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.gpu_marks import draw_plot, mean_of

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.ui.state import ScreenState

HEIGHT = 4
SCALE = 6
"""Cells left of a plot: the values at its edges."""
_ASK = ("Esc", "accent"), (" figures", "dim")


def describe_plots(
    state: "ScreenState", sample: "Sample", gpu: "GpuReading", width: int
) -> PaneView:
    """Plot what is known of the last hour."""
    del sample
    badge = (name_fault(gpu), "error") if is_bad(gpu) else ("last hour", "dim")
    plots = (
        (UTILIZATION, "utilisation", "%", 1.0, 100.0),
        (MEMORY, "memory", "GiB", float(GIB), float(gpu.memory_total_bytes or 0)),
        (POWER, "power", "W", 1.0, gpu.power_limit_w or 0.0),
    )
    rows: list[Row] = []
    for metric, label, unit, scale, limit in plots:
        points = state.gpu_trends.long.get((gpu.index, metric), ())
        lines = tuple(_plot(points, label, unit, scale, limit, width))
        rows.append(Row(f"plot:{metric}", lines, selectable=False))
    note = ink(("blank: not read", "dim"), "   ", ("h", "accent"), (" figures   ", "dim"),
               ("Esc", "accent"), (" all GPUs", "dim"))  # fmt: skip
    return PaneView(
        f"GPU {gpu.index}  {show_name(gpu)}",
        badge[0],
        badge[1],
        rows=tuple(rows),
        bottom=(cut(note, width),),
        keys="h figures  Esc all GPUs",
    )


def _plot(
    points: Points, label: str, unit: str, scale: float, limit: float, width: int
) -> Iterator[Line]:
    known = [point / scale for point in points if point is not None]
    if not known:
        yield cut(
            ink((label, "bold"), (f"  {DASH}  nothing was read in the last hour", "dim")), width
        )
        yield ()
        return
    most = max(limit / scale, max(known)) or 1.0
    mean = mean_of(known) or 0.0
    last = next((point for point in reversed(points) if point is not None), None)
    now = DASH if points[-1] is None or last is None else _show(last / scale)
    said = f"  now {now} {unit}, mean {_show(mean)}, least {_show(min(known))}, most {_show(max(known))}"
    yield cut(ink((label, "bold"), (said, "text")), width)
    room = max(1, width - SCALE)
    drawn = draw_plot([None if p is None else p / scale for p in points], most, room, HEIGHT)
    for number, line in enumerate(drawn):
        edge = _show(most) if number == 0 else "0" if number == HEIGHT - 1 else ""
        yield cut(ink((f"{edge:>{SCALE - 1}} ", "dim"), (line, "ok")), width)
    cells = min(room, len(points))
    yield cut(ink((_draw_axis(cells, room), "dim")), width)


def _show(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}"


def _draw_axis(cells: int, room: int) -> str:
    """Write the moments below a plot: `60 min ago ... now`."""
    start = f"{LONG_S / 60:.0f} min ago"
    end = "now"
    if cells < len(start) + len(end) + 1:
        return (" " * SCALE + end.rjust(room)).rstrip()
    axis = start + end.rjust(cells - len(start))
    return " " * SCALE + axis.rjust(room)
