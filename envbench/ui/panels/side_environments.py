"""The environments, in short."""

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.environment_lines import list_briefly, say_totals
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState


class SideEnvironments(Panel):
    """One line an environment; Enter shows all of it."""

    reads = ("environments", "environment")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_side_environments(state, width)


def describe_side_environments(state: ScreenState, width: int) -> PaneView:
    """List the environments, one line each, and say how many there are."""
    fact, width = state.environments, max(2, width)
    rows = list_briefly(state, width)
    if fact.value is None:
        empty: tuple[Line, ...] = wrap(ink((fact.working or "not looked for yet", "dim")), width)
        if fact.fault:
            empty = wrap(ink(("× ", "error"), fact.fault), width)
        return PaneView("Environments", empty=empty, keys="5 all")
    bottom: list[Line] = list(wrap(ink((say_totals(fact.value), "dim")), width))
    if fact.fault:
        bottom += wrap(ink(("× old: ", "error"), fact.fault), width)
    empty = wrap(ink("None found. ", ("b", "accent"), (" builds the open spec", "dim")), width)
    badge = "reading" if fact.working else "old" if fact.fault else ""
    role = "error" if fact.fault else "dim"
    return PaneView(
        "Environments", badge, role, rows=rows, empty=empty, bottom=tuple(bottom), keys="5 all"
    )
