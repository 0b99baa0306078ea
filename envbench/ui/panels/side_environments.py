"""The environments, in short."""

from envbench.ui.ink import ink
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class SideEnvironments(Panel):
    """One line an environment; Enter shows all of it."""

    reads = ("environments",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        del state, width
        return PaneView("Environments", empty=(ink(("Reading", "dim")),), keys="5 all")
