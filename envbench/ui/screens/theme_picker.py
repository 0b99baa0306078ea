"""Choosing the colours while looking at them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual.timer import Timer

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.screens.list_overlay import ListOverlay
from envbench.ui.widgets.row_pane import RowPane

if TYPE_CHECKING:
    from envbench.ui.bench import Bench
    from envbench.ui.themes.listing import ThemeRow

PREVIEW_AFTER_S = 0.08
"""A held arrow key runs over themes without putting each one on."""
_COLUMNS = (
    Column("theme", least=8, gives=1),
    Column("whose", least=5, most=32, gives=2, drops=2),
    Column("what it is", least=12, gives=3, drops=1),
)


class ThemePicker(ListOverlay[None]):
    """The themes; the one under the cursor is put on, Enter keeps it, Esc goes back."""

    def __init__(self, current: str) -> None:
        """Offer the themes.

        Args:
            current: The one in use; empty takes the app's.
        """
        super().__init__()
        self._current = current
        self._before = ""
        self._rows: tuple[ThemeRow, ...] = ()
        self._folder = ""
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Read the themes; the cursor begins on the one in use."""
        from envbench.settings.paths import find_config_file
        from envbench.ui.themes.finding import find_folders
        from envbench.ui.themes.listing import describe_themes

        self._before = self.app.theme
        self._current = self._current or self._before
        folders = find_folders(find_config_file(os.environ, Path.home()))
        self._rows, self._folder = describe_themes(folders), str(folders.user)
        super().on_mount()
        self.call_after_refresh(lambda: self.pane.select(f"theme:{self._current}"))

    def describe(self, width: int) -> PaneView:
        """List them."""
        return describe_picker(self._rows, self._folder, self._current, width)

    def on_row_pane_moved(self, message: RowPane.Moved) -> None:
        """Put the theme under the cursor on, once the cursor rests."""
        message.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PREVIEW_AFTER_S, self._preview)

    def _preview(self) -> None:
        from envbench.ui.themes.use import use_theme

        row = self._find(self.pane.selected)
        if row is not None and row.is_usable and row.name != self.app.theme:
            use_theme(self.app, row.name)

    def on_row_pane_chosen(self, message: RowPane.Chosen) -> None:
        """Keep the theme; a broken one stays a row with its fault."""
        message.stop()
        row = self._find(message.key)
        if row is None:
            return
        bench = cast("Bench", cast(Any, self.app))
        if not row.is_usable:
            bench.tell(f"{row.name} cannot be used: {row.fault}", "warning")
            return
        self._stop_preview()
        from envbench.ui.flows.settings import keep_theme

        bench.begin("theme", keep_theme(bench, row.name))
        self.dismiss(None)

    def action_close(self) -> None:
        """Go back to the theme from before."""
        self._stop_preview()
        if self.pane.clear_filter():
            return
        if self.app.theme != self._before:
            self.app.theme = self._before
        self.dismiss(None)

    def _stop_preview(self) -> None:
        if self._timer is not None:
            self._timer.stop()

    def _find(self, key: str) -> "ThemeRow | None":
        return next((row for row in self._rows if f"theme:{row.name}" == key), None)


def describe_picker(
    themes: "tuple[ThemeRow, ...]", folder: str, current: str, width: int
) -> PaneView:
    """List the themes; those with a fault say it in a line of their own.

    Args:
        themes: As `describe_themes` gives them.
        folder: Where the user's own go.
        current: Name of the one in use.
        width: In cells.
    """
    width = max(2, width)
    heading, lines = lay_out(_COLUMNS, [_cells(row, current) for row in themes], width)
    rows = tuple(
        Row(f"theme:{row.name}", (line, *_say_fault(row, width)))
        for row, line in zip(themes, lines, strict=True)
    )
    where = ink(("Your own: one .toml file each in ", "dim"), folder)
    bottom = ((), *wrap(where, width))
    keys = "Enter keep  Esc as before"
    return PaneView("Themes", top=(heading,), rows=rows, bottom=bottom, keys=keys)


def _cells(row: "ThemeRow", current: str) -> tuple[Part, ...]:
    mark = ("► ", "accent") if row.name == current else "  "
    name: Part = (row.title or row.name, "bold" if row.is_usable else "dim")
    broken = "" if row.is_usable else ("× ", "error")
    return (ink(mark, broken, name), (row.source, "dim"), (row.description, "dim"))


def _say_fault(row: "ThemeRow", width: int) -> tuple[Line, ...]:
    if not row.fault:
        return ()
    mark = ("× ", "error") if not row.is_usable else ("▲ ", "warning")
    lines = wrap(ink(mark, (row.fault, "dim")), max(2, width - 4))
    return tuple(ink("    ", line) for line in lines)
