"""A list in a box over the bench; Esc closes it."""

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from envbench.ui.pane_view import PaneView
from envbench.ui.widgets.row_pane import RowPane

T = TypeVar("T")


class ListOverlay(ModalScreen[T], Generic[T]):
    """One `RowPane` that nearly fills the screen."""

    DEFAULT_CSS = """
    ListOverlay { align: center middle; }
    ListOverlay > RowPane {
        width: 96; max-width: 100%; height: 88%; max-height: 100%;
        border: round $accent; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Put the list there."""
        yield RowPane(id="overlay")

    def on_mount(self) -> None:
        """Fill the list and give it the keys."""
        self.pane.focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Lay the list out anew."""
        self.call_after_refresh(self.fill)

    @property
    def pane(self) -> RowPane:
        """The list."""
        return self.query_one(RowPane)

    def fill(self) -> None:
        """Show the view for the width there is."""
        if self.is_mounted and self.pane.size.width > 0:
            self.pane.show_view(self.describe(self.pane.size.width))

    def describe(self, width: int) -> PaneView:
        """Give what to show."""
        raise NotImplementedError

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        """Keep it here: no pane of the bench moved."""
        message.stop()

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        """Keep it here."""
        message.stop()

    def action_close(self) -> None:
        """Close the list."""
        self.dismiss(None)
