"""The GPUs, in short."""

from envbench.ui.gpu_choice import PANES
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.gpu_rows import list_shortly, name_users
from envbench.ui.panels.gpus_panel import say_absence, say_count, say_trouble, say_unread
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

_BELOW = "; CPU, RAM and disk below"
LEAST_LINES, MOST_LINES = 2, 10
"""Without a driver the pane is two lines, so that the box below has the room."""
__all__ = ["PANES", "SideGpus", "count_lines", "describe_side_gpus"]


class SideGpus(Panel):
    """One line a GPU; 7 shows all of it."""

    reads = ("gpus", "gpu_owners")

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
    sample = state.gpus.value
    if sample is None:
        return PaneView("GPUs", empty=say_unread(state, width))
    if not sample.gpus:
        return PaneView("GPUs", empty=say_absence(sample.absence, width, more=_BELOW))
    names = {prefix: owner.name for prefix, owner in state.gpu_owners.items()}
    heading, rows = list_shortly(sample, name_users(sample, names), width)
    old = say_trouble(state, width)[:1] if state.gpus.fault else ()
    badge, role = say_count(sample)
    return PaneView("GPUs", badge, role, top=(*old, heading), rows=rows, keys="7 all")


def count_lines(view: PaneView) -> int:
    """Count the lines that a view needs."""
    inside = sum(len(row.lines) for row in view.rows) if view.rows else len(view.empty)
    return len(view.top) + inside + len(view.bottom)
