"""A bar of one or more lines: header, tabs, messages, keys."""

from collections.abc import Sequence
from typing import ClassVar

from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from envbench.ui.ink import Line, Piece, width_of
from envbench.ui.ink_styles import InkStyles, to_strip


class LineBar(Widget):
    """Lines without a frame; a click tells which piece was hit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = InkStyles.COMPONENT_CLASSES
    DEFAULT_CSS = "LineBar { height: 1; width: 1fr; }"

    class Hit(Message):
        """A piece was clicked."""

        def __init__(self, bar: "LineBar", piece: Piece) -> None:
            """Say which."""
            super().__init__()
            self.bar = bar
            self.piece = piece

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty bar."""
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()
        self._styles: InkStyles | None = None

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show something else; nothing is painted when it is the same."""
        lines = tuple(lines)
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        if self._styles is None:
            self._styles = InkStyles.of(self)
        line = self.lines[y] if y < len(self.lines) else ()
        return to_strip(line, self.size.width, self._styles, cursor=False, focused=False)

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme."""
        self._styles = None
        super().notify_style_update()

    def on_click(self, event: Click) -> None:
        """Tell which piece was hit."""
        if event.y >= len(self.lines):
            return
        end = 0
        for piece in self.lines[event.y]:
            end += width_of((piece,))
            if event.x < end:
                self.post_message(self.Hit(self, piece))
                return
