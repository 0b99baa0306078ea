"""What the line under the cursor means."""

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class InspectionPanel(Panel):
    """What matches, which channel wins, the newest."""

    reads = ("inspection",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        del state, width
        return PaneView("This line", empty=(ink(("Reading", "dim")),), keys="")
