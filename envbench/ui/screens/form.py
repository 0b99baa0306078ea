"""A small form: a few fields of one line, Enter goes on and takes it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from envbench.ui.ink import Line, ink
from envbench.ui.screens.dialog import Dialog
from envbench.ui.widgets.line_bar import LineBar


class LabelBar(LineBar):
    """The label of a field."""

    def __init__(self, label: str) -> None:
        """Show a label."""
        super().__init__()
        self.show_lines([ink((label, "dim"))])


class Form(Dialog[dict[str, str]]):
    """Fields with names."""

    DEFAULT_CSS = """
    Form Input {
        border: none; border-left: solid $accent 50%; height: 1; padding: 0 1; margin: 0;
        background: $panel;
    }
    Form Input:focus { border: none; border-left: solid $accent; }
    Form LineBar.label { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("enter", "next_field", show=False, priority=True),
    ]

    def __init__(
        self, title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str] = ()
    ) -> None:
        """Prepare the form.

        Args:
            title: What is filled in.
            fields: Name, label and first value of each.
            details: Lines to know before filling it in.
        """
        super().__init__(title, details)
        self._fields = tuple(fields)

    def compose_body(self) -> ComposeResult:
        """Put label and input of each field there."""
        for name, label, value in self._fields:
            bar = LabelBar(label)
            yield bar
            field = Input(value, id=f"field-{name}", select_on_focus=False)
            field.cursor_blink = False  # an idle screen sends nothing
            yield field

    @property
    def body_height(self) -> int:
        """A label and a line for each field."""
        return 2 * len(self._fields)

    def on_mount(self) -> None:
        """Give the first field the keys."""
        super().on_mount()
        self.query(Input).first().focus()

    def keys_line(self) -> Line:
        """Name the keys."""
        return ink(
            ("Enter", "accent"), (" take it" if len(self._fields) == 1 else " next, then take it", "dim"),
            "   ", ("^U", "accent"), (" empty the field", "dim"),
            "   ", ("Esc", "accent"), (" back", "dim"),
        )  # fmt: skip

    def action_next_field(self) -> None:
        """Go to the next field before the next key, whose letter belongs there.

        Raises:
            SkipAction: It is the last field: its Enter comes behind the letters before it.
        """
        inputs = list(self.query(Input))
        if self.focused not in inputs[:-1]:
            raise SkipAction
        self.set_focus(inputs[inputs.index(self.focused) + 1])

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Take the form."""
        message.stop()
        self.dismiss({name: self._value(name) for name, _, _ in self._fields})

    def _value(self, name: str) -> str:
        return self.query_one(f"#field-{name}", Input).value
