"""What the screen said, newest first."""

from envbench.ui.ink import ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.screens.list_overlay import ListOverlay
from envbench.ui.state import ScreenState

MARKS = {"error": "× ", "warning": "▲ ", "ok": "● "}


class MessageList(ListOverlay[None]):
    """All messages of this screen."""

    def __init__(self, state: ScreenState) -> None:
        """List the messages of a state."""
        super().__init__()
        self._state = state

    def describe(self, width: int) -> PaneView:
        """List them."""
        return describe_messages(self._state, width)


def describe_messages(state: ScreenState, width: int) -> PaneView:
    """List the messages, newest first, each whole."""
    rows = []
    for number, told in enumerate(reversed(state.told)):
        role = told.severity if told.severity in MARKS else "text"
        line = ink((f"{told.at}  ", "dim"), (MARKS.get(told.severity, ""), role), told.text)
        rows.append(Row(f"{len(state.told) - number}", wrap(line, max(1, width))))
    empty = (ink(("Nothing was said yet.", "dim")),)
    return PaneView("Messages", rows=tuple(rows), empty=empty, keys="/ find  Esc close")
