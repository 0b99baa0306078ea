"""What the terminal shows, cell by cell, so that only cells that changed are written.

Textual writes whole regions: after each layout whatever moved or might have changed. Most of those
cells are there already. Here the cells that were written are remembered, and of each update only
what differs goes out, with short ways between colours. A row that holds anything whose width
terminals do not agree on is written as Textual would, and nothing of it is taken for known.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from envbench.ui.terminal.looks import PLAIN, UNKNOWN, Looks

if TYPE_CHECKING:
    from rich.console import Console
    from textual.strip import Strip

_ONE_CELL: Final = re.compile(
    "[ -~\xa1-\xac\xae-\xff\u2013-\u2026\u2190-\u2193─-╿▀-▟■□▲►▼◄○●]*"
).fullmatch
"""Characters that are one cell wide in every terminal in which the screen's own frames are."""
_GAP: Final = 4
"""Cells that stay are written again when there are so few that going over them is not shorter."""


class Picture:
    """The cells of a terminal as far as they are known."""

    def __init__(self) -> None:
        """Know nothing."""
        self._looks = Looks()
        self._texts: list[list[str]] = []
        self._styles: list[list[int]] = []
        self._width = 0
        self._is_forgotten = True

    def forget(self) -> None:
        """Take nothing for known: the terminal was cleared, resized or lent; from any thread."""
        self._is_forgotten = True

    def draw(
        self, update: CompositorUpdate, console: "Console", size: tuple[int, int]
    ) -> str | None:
        """Take an update; give what must be written for it.

        Args:
            update: What Textual would write.
            console: Knows the colours of the terminal.
            size: Columns and rows of the terminal.

        Returns:
            The sequence, empty when all is there; None for an update of another kind.
        """
        pieces = _find_pieces(update)
        if pieces is None:
            self.forget()
            return None
        self._fit(*size)
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        out: list[str] = []
        look = PLAIN
        for x, y, strip in pieces:
            if y < len(self._texts):
                look = self._draw_piece(x, y, strip, console, colors, out, look)
        out.append(self._looks.go(look, PLAIN))
        return "".join(out)

    def _fit(self, columns: int, rows: int) -> None:
        if not self._is_forgotten and columns == self._width and rows == len(self._texts):
            return
        self._is_forgotten = False
        self._width = columns
        self._texts = [[""] * columns for _ in range(rows)]
        self._styles = [[UNKNOWN] * columns for _ in range(rows)]

    def _draw_piece(
        self,
        x: int,
        y: int,
        strip: "Strip",
        console: "Console",
        colors: ColorSystem,
        out: list[str],
        look: int,
    ) -> int:
        texts: list[str] = []
        styles: list[int] = []
        for text, style, _ in strip:
            if not _ONE_CELL(text) or (style is not None and style.link):
                # It may push what stands right of it: nothing of the row is sure from now on.
                self._styles[y] = [UNKNOWN] * self._width
                out += (self._looks.go(look, PLAIN), _move_to(x, y), strip.render(console))
                return PLAIN
            texts += text
            find = self._looks.find_blank if text.isspace() else self._looks.find
            styles += [find(style, colors)] * len(text)
        if x + len(texts) > self._width:
            del texts[self._width - x :], styles[self._width - x :]
        return self._draw_cells(x, y, texts, styles, out, look)

    def _draw_cells(
        self, x: int, y: int, texts: list[str], styles: list[int], out: list[str], look: int
    ) -> int:
        end = x + len(texts)
        old_texts, old_styles = self._texts[y][x:end], self._styles[y][x:end]
        if old_texts == texts and old_styles == styles:
            return look
        self._texts[y][x:end], self._styles[y][x:end] = texts, styles
        differs = [
            t != s or a != b
            for t, s, a, b in zip(old_texts, texts, old_styles, styles, strict=True)
        ]
        for start, stop in _find_runs(differs):
            out.append(_move_to(x + start, y))
            for at in range(start, stop):
                if styles[at] != look:
                    out.append(self._looks.go(look, styles[at]))
                    look = styles[at]
                out.append(texts[at])
        return look


def _find_pieces(update: CompositorUpdate) -> "Iterator[tuple[int, int, Strip]] | None":
    """Give the pieces of an update with the column and row where each begins."""
    if isinstance(update, LayoutUpdate):
        return _pieces_of_layout(update)
    if isinstance(update, ChopsUpdate):
        return _pieces_of_chops(update)
    return None


def _pieces_of_layout(update: LayoutUpdate) -> "Iterator[tuple[int, int, Strip]]":
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def _pieces_of_chops(update: ChopsUpdate) -> "Iterator[tuple[int, int, Strip]]":
    for y, first, end in update.spans:
        for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < end and stop > first:
                yield x, y, strip if stop <= end else strip.crop(0, end - x)


def _find_runs(differs: Iterable[bool]) -> Iterator[tuple[int, int]]:
    """Give the runs of cells to write, joined where the gap between them is small."""
    start = stop = -1
    for at, is_other in enumerate(differs):
        if not is_other:
            continue
        if start >= 0 and at - stop > _GAP:
            yield start, stop
            start = at
        elif start < 0:
            start = at
        stop = at + 1
    if start >= 0:
        yield start, stop


def _move_to(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


class DrawnUpdate(CompositorUpdate):
    """An update whose sequence is known."""

    def __init__(self, sequence: str) -> None:
        """Take the sequence."""
        self.sequence = sequence

    def __rich_console__(self, console: "Console", options: Any) -> Any:
        """Give nothing to whoever draws it otherwise."""
        return ()

    def render_segments(self, console: "Console") -> str:
        """Give the sequence."""
        del console
        return self.sequence
