"""This box."""

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class BoxPanel(Panel):
    """Processors, memory, disks, driver."""

    reads = ("box",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        del state, width
        return PaneView("Host", empty=(ink(("Reading", "dim")),), keys="")
