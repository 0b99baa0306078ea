"""The base of all questions: a box over the bench, with lines and keys."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.widgets.line_bar import LineBar

T = TypeVar("T")

MOST_DETAILS = 18
WIDTH = 72


class Dialog(ModalScreen[T], Generic[T]):
    """A box in the middle; Esc leaves it without an answer."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #box {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $accent; background: $surface; padding: 0 1;
    }
    Dialog > #box > LineBar { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, title: str, details: Sequence[str] = ()) -> None:
        """Prepare a box with a title and lines under it."""
        super().__init__()
        self._title_text = title
        self._details = tuple(details)

    def compose(self) -> ComposeResult:
        """Put title and details there; kinds of questions add theirs."""
        with Vertical(id="box"):
            head = LineBar(id="dialog-head")
            yield head
            yield from self.compose_body()
            yield LineBar(id="dialog-keys")

    def compose_body(self) -> ComposeResult:
        """Give what is between the text and the keys."""
        return
        yield

    def on_mount(self) -> None:
        """Fill in the text."""
        self.lay_out()

    def on_resize(self) -> None:
        """Break the text anew."""
        self.lay_out()

    def lay_out(self) -> None:
        """Break the text for the width there is."""
        width = max(10, min(WIDTH, self.app.size.width - 4))
        lines = list(wrap(ink((self._title_text, "bold")), width))
        shown = self._details[:MOST_DETAILS]
        for detail in shown:
            lines += [
                ink((part, "text")) if isinstance(part, str) else part
                for part in wrap(ink(detail), width)
            ]
        if len(self._details) > len(shown):
            lines.append(ink((f"{len(self._details) - len(shown)} more lines", "dim")))
        head = self.query_one("#dialog-head", LineBar)
        head.styles.height = len(lines) + 1
        head.show_lines(lines)
        self.query_one("#dialog-keys", LineBar).show_lines([self.keys_line()])

    def keys_line(self) -> Line:
        """Name the keys."""
        return ink(("Esc", "accent"), (" leave", "dim"))

    def action_give_up(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
