"""The spec in the centre: the editor, and the problems below it."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import TextArea

from envbench.ui.state import ScreenState


class SpecPlace(Vertical):
    """The editor and the list of problems."""

    def compose(self) -> ComposeResult:
        """Put the editor there."""
        self.editor = TextArea()
        yield self.editor

    def show(self, state: ScreenState) -> None:
        """Take a state."""
        self.border_title = state.spec.name if state.spec else "No spec"

    def keys_target(self) -> Widget:
        """Give the editor the keys."""
        return self.editor
