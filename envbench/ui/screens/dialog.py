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
BESIDE_TEXT = 4
"""Lines of the frame, of the keys and the blank one behind the text."""


class Dialog(ModalScreen[T], Generic[T]):
    """A box in the middle; Esc leaves it without an answer."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #box {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $accent; background: $surface; padding: 0 1;
        overflow-y: auto; scrollbar-size: 1 1;
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
            yield LineBar(id="dialog-head")
            yield from self.compose_body()
            yield LineBar(id="dialog-keys")

    def compose_body(self) -> ComposeResult:
        """Give what is between the text and the keys."""
        yield from ()

    @property
    def body_height(self) -> int:
        """How many lines there are between the text and the keys."""
        return 0

    @property
    def text_width(self) -> int:
        """How wide lines may be."""
        return max(10, min(WIDTH, self.app.size.width - 4))

    def on_mount(self) -> None:
        """Fill in the text."""
        self.lay_out()

    def on_resize(self) -> None:
        """Break the text anew."""
        self.lay_out()

    def lay_out(self) -> None:
        """Break the text for the room there is; what must be answered is seen before details."""
        room = self.app.size.height - self.body_height - BESIDE_TEXT
        lines = self._break_text(max(1, room))
        head = self.query_one("#dialog-head", LineBar)
        head.styles.height = len(lines) + 1
        head.show_lines(lines)
        self.query_one("#dialog-keys", LineBar).show_lines([self.keys_line()])

    def _break_text(self, room: int) -> list[Line]:
        width = self.text_width
        title = list(wrap(ink((self._title_text, "bold")), width))[:room]
        details = [line for text in self._details for line in break_detail(text, width)]
        most = min(MOST_DETAILS, room - len(title))
        if len(details) <= most:
            return [*title, *details]
        shown = details[: max(0, most - 1)]
        more = ink((f"{len(details) - len(shown)} more lines", "dim"))
        return [*title, *shown, *([more] if most > 0 else [])]

    def keys_line(self) -> Line:
        """Name the keys."""
        return ink(("Esc", "accent"), (" back", "dim"))

    def action_give_up(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def break_detail(text: str, width: int) -> tuple[Line, ...]:
    """Break a line; blanks at the head stay, a difference of two files is nothing without them."""
    inner = text.lstrip(" ")
    head = " " * min(len(text) - len(inner), width // 2)
    return tuple(ink(head, line) for line in wrap(ink(inner), width - len(head))) or ((),)
