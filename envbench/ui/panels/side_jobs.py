"""The jobs, in short."""

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class SideJobs(Panel):
    """One line an job; Enter shows all of it."""

    reads = ("jobs",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        del state, width
        return PaneView("Jobs", empty=(ink(("Reading", "dim")),), keys="8 all")
