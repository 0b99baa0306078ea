"""A line to write into what is looked for."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FindLine(Input):
    """Enter takes what is written, Esc leaves all as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    class Written(Message):
        """The line was left."""

        def __init__(self, text: str | None) -> None:
            """Say what is written; None when the user thought better of it."""
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty line."""
        hint = "find text, or re:PATTERN; Enter finds, Esc closes"
        super().__init__(placeholder=hint, compact=True, id=id)

    def ask(self, text: str) -> None:
        """Begin with a text, all of it selected."""
        self.value = text
        self.display = True
        self.focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take it."""
        message.stop()
        self.post_message(self.Written(message.value))

    def action_give_up(self) -> None:
        """Leave all as it was."""
        self.post_message(self.Written(None))
