"""What was done on this screen, as the command lines that do the same."""

from envbench.ui.commands.history import list_entries
from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import Done, ScreenState

TIME_WIDTH = 10


class HistoryPanel(Panel):
    """Every action; Enter copies its command."""

    reads = ("done",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_history(state, width)


def describe_history(state: ScreenState, width: int) -> PaneView:
    """List what was done, newest first: time, command, outcome."""
    width = max(2, width)
    entries = list_entries(state)
    rows = tuple(Row(key, _say_entry(done, width)) for key, done in entries)
    empty: tuple[Line, ...] = (
        *wrap(ink(("Nothing was done yet.", "dim")), width),
        *wrap(
            ink(
                (
                    "Each solve, build, probe and lock appears here as the command line that does",
                    "dim",
                ),
                (
                    " the same: to repeat it, to put it into a script, to send it to somebody.",
                    "dim",
                ),
            ),
            width,
        ),
    )
    badge = str(len(rows)) if rows else ""
    keys = "Enter copy  C copy the last" if rows else ""
    return PaneView("Commands", badge=badge, rows=rows, empty=empty, keys=keys)


def _say_entry(done: Done, width: int) -> tuple[Line, ...]:
    """Put the time before the command, and the outcome below it; long commands are broken."""
    indent = TIME_WIDTH if width >= 40 else 2
    room = max(2, width - indent)
    first, *rest = wrap(ink((done.command, "bold")), room) or ((),)
    time = ink((f"{done.at:<{TIME_WIDTH}}", "dim"))
    lines = [time + first] if width >= 40 else [ink((done.at, "dim")), ink("  ", first)]
    lines += [ink(" " * indent, line) for line in rest]
    if done.outcome:
        lines += [ink(" " * indent, line) for line in wrap(ink((done.outcome, "dim")), room)]
    return tuple(lines)
