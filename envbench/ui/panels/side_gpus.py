"""The GPUs, in short."""

from envbench.ui.ink import ink, wrap
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.gpu_rows import NO_READINGS, list_gpus, say_driver, say_fault
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

_BELOW = "; CPU, RAM and disk below"
LEAST_LINES, MOST_LINES = 2, 10
"""Without a driver the pane is two lines, so that the box below has the room."""


class SideGpus(Panel):
    """One line a GPU; 7 shows all of it."""

    reads = ("box",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_side_gpus(state, width)

    def show(self, state: ScreenState) -> None:
        """Take a state, and as many lines as it needs."""
        super().show(state)
        lines = max(LEAST_LINES, min(MOST_LINES, count_lines(self.view)))
        border = self.size.height and self.outer_size.height - self.size.height
        if self.size.height and self.size.height != lines:
            self.styles.height = lines + border


def describe_side_gpus(state: ScreenState, width: int) -> PaneView:
    """List the GPUs in few lines, or say in two why there are none."""
    width = max(2, width)
    fact = state.box
    box = fact.value
    if box is None:
        empty = say_fault(fact, width) if fact.fault else (ink((fact.working or "-", "dim")),)
        return PaneView("GPUs", empty=empty)
    if not box.gpus:
        return PaneView("GPUs", empty=say_driver(box, width, more=_BELOW))
    heading, rows = list_gpus(box, width)
    note = wrap(ink((NO_READINGS, "dim")), width)
    count = str(len(rows))
    return PaneView("GPUs", badge=count, top=(heading,), rows=rows, bottom=note, keys="7 more")


def count_lines(view: PaneView) -> int:
    """Count the lines that a view needs."""
    inside = sum(len(row.lines) for row in view.rows) if view.rows else len(view.empty)
    return len(view.top) + inside + len(view.bottom)
