"""All verbs by name: write a part of it, Enter runs it; those that are off say why."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input

from envbench.ui.bars import show_key
from envbench.ui.commands.catalogue import COMMANDS, by_id
from envbench.ui.commands.command import Command, find_refusal
from envbench.ui.ink import ink, spread, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.state import ScreenState
from envbench.ui.widgets.row_pane import RowPane


class Palette(ModalScreen[Command]):
    """A line to write in, and the verbs that fit."""

    DEFAULT_CSS = """
    Palette { align: center top; }
    Palette > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 90%; margin-top: 2;
        border: round $accent; background: $surface;
    }
    Palette Input, Palette Input:focus { border: none; height: 1; background: $surface; }
    Palette RowPane { border: none; height: 16; }
    .-flat Palette RowPane { height: 8; }
    """

    def __init__(self, state: ScreenState) -> None:
        """List the verbs as they are in a state."""
        super().__init__()
        self._state = state

    def compose(self) -> ComposeResult:
        """Put line and list there."""
        with Vertical():
            line = Input(placeholder="a verb: build, rollback, theme ...", id="palette-input")
            line.cursor_blink = False  # an idle screen sends nothing
            yield line
            yield RowPane(id="palette-rows")

    def on_mount(self) -> None:
        """Show all verbs at first."""
        self.query_one(Input).focus()
        self.call_after_refresh(self._fill, "")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the verbs down."""
        message.stop()
        self._fill(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Run the verb under the cursor."""
        message.stop()
        self._run(self.query_one(RowPane).selected)

    def on_key(self, event: Key) -> None:
        """Let the arrows move in the list while letters go into the line."""
        if event.key == "escape":
            self.dismiss(None)
        elif event.key in {"up", "down", "pageup", "pagedown"}:
            pane = self.query_one(RowPane)
            step = -1 if event.key in {"up", "pageup"} else 1
            pane.action_move(step if event.key in {"up", "down"} else step * 10)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        """Run a verb that was clicked."""
        message.stop()
        self._run(message.key)

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        """Keep it here."""
        message.stop()

    def _run(self, name: str) -> None:
        self.dismiss(by_id(name) if name else None)

    def _fill(self, query: str) -> None:
        pane = self.query_one(RowPane)
        pane.show_view(describe_palette(self._state, query, max(20, pane.size.width)))
        if pane.list.shown:
            pane.select(pane.list.shown[0].key)


def describe_palette(state: ScreenState, query: str, width: int) -> PaneView:
    """List the verbs that fit a query, the best first; those that are off say why."""
    found = [(score, number, c) for number, c in enumerate(COMMANDS) if (score := _score(c, query))]
    rows = []
    for _, _, command in sorted(found, key=lambda each: (-each[0], each[1])):
        reason = find_refusal(command, state)
        text = f"off: {reason}" if reason else command.help
        left = ink((command.title, "faint" if reason else "bold"), "  ", (text, "dim"))
        rows.append(Row(command.id, (spread(left, ink((show_key(command.key), "accent")), width),)))
    empty = wrap(ink(("No verb has this in its name or its help.", "dim")), max(2, width))
    return PaneView("Commands", rows=tuple(rows), empty=empty)


def _score(command: Command, query: str) -> int:
    """Rate how well a verb fits; 0 is not at all."""
    words = query.casefold().split()
    name = f"{command.title} {command.id.replace('-', ' ')}".casefold()
    if not words:
        return 1
    if all(any(part.startswith(word) for part in name.split()) for word in words):
        return 3
    if all(word in name for word in words):
        return 2
    return 1 if all(word in f"{name} {command.help.casefold()}" for word in words) else 0
