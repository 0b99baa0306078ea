"""The one widget for lists: it draws a `PaneView` line by line, with a cursor and a filter.

A widget of its own and no table of Textual's: it mounts without children, paints only lines that
changed, and a row in one colour costs about as many bytes as its text.
"""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Blur, Click, Focus, Key, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from envbench.ui.ink import Line, ink
from envbench.ui.ink_styles import InkStyles, to_strip
from envbench.ui.pane_view import PaneView
from envbench.ui.widgets.row_list import RowList

WHEEL_LINES = 3


class RowPane(Widget, can_focus=True):
    """A framed list of rows."""

    COMPONENT_CLASSES: ClassVar[set[str]] = InkStyles.COMPONENT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("enter", "choose", show=False),
        Binding("slash", "filter", show=False),
        Binding("n", "move(1)", show=False),
        Binding("N", "move(-1)", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, pane: "RowPane", key: str) -> None:
            """Say which; the key is empty when there is no row."""
            super().__init__()
            self.pane = pane
            self.key = key

    class Chosen(Message):
        """A row was opened: Enter, or a click on the row under the cursor."""

        def __init__(self, pane: "RowPane", key: str) -> None:
            """Say which."""
            super().__init__()
            self.pane = pane
            self.key = key

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Make an empty pane."""
        super().__init__(id=id, classes=classes)
        self.list = RowList()
        self.view = PaneView(title=id or "")
        self._styles: InkStyles | None = None
        self._filtering = False
        self._told_key = ""
        self._titles: tuple[Text, Text] | None = None
        self._echoes: list[str] = []

    def show_view(self, view: PaneView) -> None:
        """Show something else; nothing is painted when it is the same."""
        if view == self.view:
            return
        self.view = view
        self.list.replace(view.rows)
        self._after_change()

    def select(self, key: str) -> None:
        """Put the cursor on a row; nothing happens when there is no such row."""
        if self.list.move_to(key):
            self._after_change()

    def aim(self, key: str) -> None:
        """Let the cursor stand on a row as soon as a view has it."""
        if self.list.aim(key):
            self._after_change()

    def take_echo(self, key: str) -> bool:
        """Tell whether a key is one that this pane itself has told lately, and forget it."""
        if key not in self._echoes:
            self._echoes.clear()
            return False
        del self._echoes[: self._echoes.index(key) + 1]
        return True

    @property
    def selected(self) -> str:
        """Key of the row under the cursor; empty without one that is shown."""
        return self.list.key if self.list.row is not None else ""

    @property
    def is_filtering(self) -> bool:
        """Whether letters go into the filter."""
        return self._filtering

    def render_line(self, y: int) -> Strip:
        """Draw one line: those that stay above, the window on the rows, those that stay below."""
        styles = self._ink()
        width = self.size.width
        line, under_cursor = self._line_at(y)
        return to_strip(line, width, styles, cursor=under_cursor, focused=self.has_focus)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Say how high the pane would be with all its lines, where its height is `auto`."""
        del container, viewport, width
        rows = sum(len(row.lines) for row in self.list.shown) or len(self.view.empty)
        return max(1, len(self.view.top) + rows + len(self.view.bottom))

    def on_mount(self) -> None:
        """Show the title from the start."""
        self._title()

    def on_resize(self, _: Resize) -> None:
        """Keep the cursor in sight."""
        before = self.list.top
        self.list.reveal(self._room())
        self._title()
        if self.list.top != before:
            self.refresh()  # it may have been painted for the new size already

    def on_focus(self, _: Focus) -> None:
        """Draw the cursor row as the one that has the keys."""
        self.refresh()

    def on_blur(self, _: Blur) -> None:
        """Draw the cursor row as one of many."""
        self._filtering = False
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme."""
        self._styles = self._titles = None
        super().notify_style_update()

    def action_move(self, steps: int) -> None:
        """Move the cursor by rows."""
        if not self.list.shown or not self.list.key:
            self.list.scroll(steps, self._room())
            self.refresh()
        elif self.list.move(steps):
            self._after_change()
        elif self.list.scroll(steps, self._room()):
            # Behind the last row, and before the first one, there may be more to read.
            self.refresh()

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is seen."""
        self.action_move(pages * max(1, self._room() - 1))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self._filtering:
            self._filtering = False
            self.refresh()
        if self.list.row is not None:
            self.post_message(self.Chosen(self, self.list.key))

    def action_filter(self) -> None:
        """Let letters narrow the rows down."""
        self._filtering = True
        self.refresh()

    def clear_filter(self) -> bool:
        """Show all rows again; tells whether there was a filter."""
        was = self._filtering or bool(self.list.pattern)
        self._filtering = False
        if self.list.pattern:
            self.list.filter("")
            self._after_change()
        elif was:
            self.refresh()
        return was

    def on_key(self, event: Key) -> None:
        """Take letters while the filter is being written."""
        if event.key == "escape" and self.clear_filter():
            event.stop()
            return
        if not self._filtering:
            return
        if event.key == "backspace":
            self.list.filter(self.list.pattern[:-1])
        elif event.is_printable and event.character:
            self.list.filter(self.list.pattern + event.character)
        else:
            return
        event.stop()
        event.prevent_default()
        self._after_change()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep letters away from the verbs while the filter is being written."""
        return self._filtering and (
            key == "backspace" or bool(character and character.isprintable())
        )

    def on_click(self, event: Click) -> None:
        """Select a row; open the one that is selected."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        before = self.list.key
        line = self.list.top + offset.y - len(self.view.top)
        if self.list.move_to_line(line):
            if before == self.list.key and event.chain > 1:
                self.action_choose()
            self._after_change()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move the window."""
        event.stop()
        if self.list.scroll(WHEEL_LINES, self._room()):
            self.refresh()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move the window."""
        event.stop()
        if self.list.scroll(-WHEEL_LINES, self._room()):
            self.refresh()

    def _after_change(self) -> None:
        self.list.reveal(self._room())
        self._title()
        # Only a pane as high as its rows moves its neighbours when they change.
        self.refresh(layout=self.styles.is_auto_height)
        if self.selected != self._told_key:
            self._told_key = self.selected
            self._echoes = [*self._echoes[-8:], self.selected]
            self.post_message(self.Moved(self, self.selected))

    def _room(self) -> int:
        """Lines between those that stay."""
        return max(0, self.size.height - len(self.view.top) - len(self._below()))

    def _below(self) -> tuple[Line, ...]:
        if self._filtering or self.list.pattern:
            shown, total = len(self.list.shown), len(self.view.rows)
            cursor = (" ", "cursor") if self._filtering else ""
            count = (f"   {shown} of {total}   Esc all", "dim")
            return (ink(("/", "accent"), self.list.pattern, cursor, count),)
        # What stays below gives way when the pane is low: half of it is left to the rows.
        room = max(0, self.size.height - len(self.view.top))
        return self.view.bottom[: room - min(len(self.list.lines), (room + 1) // 2)]

    def _line_at(self, y: int) -> tuple[Line, bool]:
        above, below = self.view.top, self._below()
        if y < len(above):
            return above[y], False
        from_end = self.size.height - y
        if from_end <= len(below):
            return below[len(below) - from_end], False
        if not self.view.rows:
            index = y - len(above)
            return (self.view.empty[index] if index < len(self.view.empty) else ()), False
        index = self.list.top + y - len(above)
        if index >= len(self.list.lines):
            return (), False
        row, line = self.list.lines[index]
        return line, bool(self.list.key) and self.list.shown[row] is self.list.row

    def _title(self) -> None:
        view = self.view
        title = Text(view.title, style="bold", end="")
        if view.badge:
            title.append(f"  {view.badge}", style=self._ink().rich(view.badge_role))
        here, total = self.list.position
        overflows = len(self.list.lines) > self._room()
        place = f"{here}/{total}" if overflows and total else ""
        keys = Text(f"{place}  {view.keys}".strip(), end="")
        if (title, keys) != self._titles:
            self._titles = (title, keys)
            self.border_title, self.border_subtitle = title, keys

    def _ink(self) -> InkStyles:
        if self._styles is None:
            self._styles = InkStyles.of(self)
        return self._styles
