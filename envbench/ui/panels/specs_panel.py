"""The specs of the folder, those that come with envbench, and those opened lately."""

from envbench.ui.ink import Line, ink, spread
from envbench.ui.pane_view import PaneView, Row, note
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

TYPE_ORDER = ("entries", "samples", "recent")


class SpecsPanel(Panel):
    """The specs; Enter opens one."""

    reads = ("specs", "spec")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_specs(state, width)


def describe_specs(state: ScreenState, width: int) -> PaneView:
    """List the specs of the folder with their state, then samples and recent ones."""
    fact = state.specs
    badge = "reading" if fact.working and fact.value is None else ""
    empty: tuple[Line, ...] = (
        ink("No spec here yet." if fact.value is not None else "Reading the folder"),
        ink(("a", "accent"), (" makes a new one", "dim")),
    )
    if fact.fault:
        empty = (ink(("× ", "error"), fact.fault),)
    return PaneView("Specs", badge=badge, rows=_rows(state, width), empty=empty, keys="a new")


def _rows(state: ScreenState, width: int) -> tuple[Row, ...]:
    return () if state.specs.value is None else (note(str(width)),)


_ = spread
