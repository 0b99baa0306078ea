"""The GPUs, in short."""

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class SideGpus(Panel):
    """One line a GPU; Enter shows all of it."""

    reads = ("box",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        del state, width
        return PaneView("GPUs", empty=(ink(("Reading", "dim")),), keys="7 all")
