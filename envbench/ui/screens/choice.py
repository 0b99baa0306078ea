"""A choice of one among a few."""

from collections.abc import Sequence

from textual.app import ComposeResult

from envbench.ui.ink import Line, ink
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.screens.dialog import Dialog
from envbench.ui.widgets.row_pane import RowPane


class Choice(Dialog[str]):
    """A list; Enter takes the row under the cursor, a digit takes that row."""

    DEFAULT_CSS = "Choice RowPane { border: none; height: auto; min-height: 1; max-height: 16; }"

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
        pane = self.query_one(RowPane)
        pane.styles.height = min(16, len(self._options))
        rows = tuple(
            Row(key, (ink((f"{number} ", "accent"), text),))
            for number, (key, text) in enumerate(self._options, 1)
        )
        pane.show_view(PaneView("", rows=rows))
        pane.focus()

    def keys_line(self) -> Line:
        """Name the keys."""
        return ink(
            ("Enter", "accent"), (" take", "dim"), "   ", ("Esc", "accent"), (" leave", "dim")
        )

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        """Take the row."""
        message.stop()
        self.dismiss(message.key)

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        """Keep it here: no pane of the bench moved."""
        message.stop()

    def key_1(self) -> None:
        """Take the first."""
        self._take(0)

    def key_2(self) -> None:
        """Take the second."""
        self._take(1)

    def key_3(self) -> None:
        """Take the third."""
        self._take(2)

    def key_4(self) -> None:
        """Take the fourth."""
        self._take(3)

    def _take(self, index: int) -> None:
        if index < len(self._options):
            self.dismiss(self._options[index][0])
