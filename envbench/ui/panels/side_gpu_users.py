"""Who is on the GPUs, in short."""

from envbench.ui.ink import cut, ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.gpu_processes import list_shortly
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class SideGpuUsers(Panel):
    """One line a process; it is there when GPUs are and the screen is high."""

    reads = ("gpus", "gpu_owners")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_side_users(state, width)

    def show(self, state: ScreenState) -> None:
        """Take a state; without GPUs the pane is not there."""
        sample = state.gpus.value
        self.set_class(sample is not None and bool(sample.gpus), "-has-gpus")
        super().show(state)


def describe_side_users(state: ScreenState, width: int) -> PaneView:
    """List the processes, who holds most first."""
    width = max(2, width)
    sample = state.gpus.value
    rows = list_shortly(sample, state.gpu_owners, width) if sample is not None else ()
    empty = (cut(ink(("nobody", "dim")), width),)
    keys = "Enter environment" if rows else ""
    return PaneView("Who is on them", rows=rows, empty=empty, keys=keys)
