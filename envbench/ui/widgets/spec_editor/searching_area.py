"""A marked text area with a search: one line at the bottom, the matches underlined."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.document._document import Location, Selection

from envbench.ui.ink import Line, Role, ink
from envbench.ui.widgets.spec_editor.marked_area import MarkedArea
from envbench.ui.widgets.spec_editor.painting import Stretch

if TYPE_CHECKING:
    from envbench.ui.widgets.spec_editor.finding import Finder, Match

_CLOSING_KEYS = frozenset(("tab", "shift+tab", "left", "right", "pageup", "pagedown", "delete"))
_SWALLOWED_KEYS = frozenset(("tab", "shift+tab", "delete"))
MOST_WANTED = 200
"""Characters of what is looked for."""


class SearchingArea(MarkedArea):
    """Text that can be searched."""

    _finder: "Finder | None" = None
    _find_from: Location = (0, 0)

    @property
    def is_finding(self) -> bool:
        """Whether letters go into the search."""
        return self._finder is not None

    def open_find(self) -> None:
        """Let letters say what to look for, from the cursor on; go to the next match when they do."""
        if self._finder is not None:
            self._go_to(self._finder.step(1))
            return
        from envbench.ui.widgets.spec_editor.finding import Finder  # not needed to start

        self._finder = Finder()
        self._find_from = self.selection.end
        self._strip_changed()

    def close_find(self) -> None:
        """Stop looking; the cursor stays on the match."""
        if self._finder is not None:
            self._finder = None
            # A selection left behind would be lost to the next letter.
            self.selection = Selection.cursor(self.selection.start)
            self._strip_changed()

    def look_for(self, wanted: str) -> None:
        """Look for a text from where the search was opened."""
        if self._finder is None:
            return
        match = self._finder.look(self.exact.lines, wanted[:MOST_WANTED], *self._find_from)
        if match is None:
            self.selection = Selection.cursor(self._find_from)
        self._go_to(match)
        self.refresh()

    def find_line(self) -> Line:
        """Give the line at the bottom."""
        finder = self._finder
        if finder is None:
            return ()
        keys = f"   {finder.count}   Enter next  Up before  Esc done"
        return ink(("find ", Role.ACCENT), finder.wanted, (" ", Role.CURSOR), (keys, Role.DIM))

    def take_key(self, event: events.Key) -> bool:
        """Take a key; tells whether it was meant for the search."""
        finder = self._finder
        if finder is None:
            return False
        if event.key in {"enter", "down", "up"}:
            self._go_to(finder.step(-1 if event.key == "up" else 1))
        elif event.key in {"backspace", "ctrl+u"}:
            self.look_for(finder.wanted[:-1] if event.key == "backspace" else "")
        elif event.is_printable and event.character:
            self.look_for(finder.wanted + event.character)
        else:
            if event.key in _CLOSING_KEYS:
                self.close_find()
            return event.key in _SWALLOWED_KEYS
        return True

    def take_paste(self, text: str) -> bool:
        """Take a pasted text; tells whether it was meant for the search."""
        if self._finder is None:
            return False
        self.look_for(self._finder.wanted + text.partition("\n")[0].rstrip("\r"))
        return True

    def extra_layers(self, row: int) -> Iterator[Stretch]:
        """Give the matches."""
        if self._finder is not None:
            style = self.role_style(Role.ACCENT) + Style(bold=True, underline=True)
            for match in self._finder.on(row):
                yield match.start, match.end, style

    def text_changed(self, top: int, old_bottom: int, new_bottom: int) -> None:
        """Look again in the changed text."""
        super().text_changed(top, old_bottom, new_bottom)
        if self._finder is not None:
            self._finder.look(self.exact.lines, self._finder.wanted, *self.selection.start)
            self.refresh()

    def _go_to(self, match: "Match | None") -> None:
        if match is not None:
            self.selection = Selection((match.row, match.start), (match.row, match.end))
            self.record_cursor_width()
        self.refresh_strip()

    def _strip_changed(self) -> None:
        self._refresh_size()
        self.update_note()
        self.scroll_cursor_visible()
        self.refresh()
