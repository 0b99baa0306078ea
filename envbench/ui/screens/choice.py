"""A choice of one among a few."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.events import Key

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.screens.dialog import BESIDE_TEXT, Dialog
from envbench.ui.widgets.row_pane import RowPane

DIGITS = "123456789"
MOST_LINES = 16


class Choice(Dialog[str]):
    """A list; Enter takes the row under the cursor, a digit takes that row."""

    DEFAULT_CSS = "Choice RowPane { border: none; height: 1; }"

    def __init__(
        self, title: str, options: Sequence[tuple[str, str]], details: Sequence[str] = ()
    ) -> None:
        """Prepare the choice.

        Args:
            title: What is chosen.
            options: Key and text of each.
            details: Lines to know before choosing.
        """
        super().__init__(title, details)
        self._options = tuple(options)

    def compose_body(self) -> ComposeResult:
        """Put the list there."""
        yield RowPane(id="options")

    def on_mount(self) -> None:
        """Fill the list and give it the keys."""
        super().on_mount()
        self.query_one(RowPane).focus()

    @property
    def body_height(self) -> int:
        """The lines of all options, as far as there is room."""
        lines = sum(len(row.lines) for row in self._describe())
        return max(1, min(MOST_LINES, lines, self.app.size.height - BESIDE_TEXT - 1))

    def lay_out(self) -> None:
        """Break the options, too."""
        super().lay_out()
        pane = self.query_one(RowPane)
        pane.styles.height = self.body_height
        pane.show_view(PaneView("", rows=self._describe()))

    def _describe(self) -> tuple[Row, ...]:
        rows = []
        for number, (key, text) in enumerate(self._options, 1):
            digit = str(number) if number <= len(DIGITS) else " "
            first, *rest = wrap(ink(text), self.text_width - 2) or ((),)
            lines = (ink((f"{digit} ", "accent"), first), *(ink("  ", line) for line in rest))
            rows.append(Row(key, lines))
        return tuple(rows)

    def keys_line(self) -> Line:
        """Name the keys."""
        return ink(
            ("Enter", "accent"), (" take", "dim"), "   ", ("Esc", "accent"), (" back", "dim")
        )

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        """Take the row."""
        message.stop()
        self.dismiss(message.key)

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        """Keep it here: no pane of the bench moved."""
        message.stop()

    def on_key(self, event: Key) -> None:
        """Take the row of a digit."""
        index = DIGITS.find(event.character or " ")
        if 0 <= index < len(self._options):
            event.stop()
            self.dismiss(self._options[index][0])
