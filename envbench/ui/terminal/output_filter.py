"""The last border: no text of a segment reaches the terminal but printable characters.

Text is cleaned where it enters the program. This filter stands behind all that, where lines of
cells leave: whatever a name, a log or an error smuggled this far is shown as U+FFFD, one for one
in cells, and can neither act on the terminal nor re-order a line.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from textual.filter import LineFilter

from envbench.ui.terminal.glyphs import UNKNOWN, GlyphSet, to_ascii

if TYPE_CHECKING:
    from rich.style import Style
    from textual.app import App
    from textual.color import Color

REPLACEMENT: Final = "\ufffd"
_PLAIN_LINK: Final = re.compile(r"[!-~]{1,2000}\Z")
_FILLERS: Final = re.compile("[\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
"""Characters that Python calls printable and fonts show as nothing."""


class OutputFilter(LineFilter):
    """Replaces what is not printable; in ASCII mode every glyph as well."""

    def __init__(self, glyphs: GlyphSet = "unicode") -> None:
        super().__init__()
        self.glyphs = glyphs
        """Which characters the terminal can show."""

    def apply(self, segments: list[Segment], background: "Color") -> list[Segment]:
        """Return the segments with harmless texts; styles stay, but for links that are not plain."""
        del background
        plain_only = self.glyphs == "ascii"
        return [
            segment if _is_harmless(segment, plain_only) else self._tame(segment)
            for segment in segments
        ]

    def _tame(self, segment: Segment) -> Segment:
        text = make_printable(segment.text, self.glyphs)
        return Segment(text, _tame_style(segment.style), None)


def make_printable(text: str, glyphs: GlyphSet = "unicode") -> str:
    """Replace what a terminal would act upon, one for one in cells.

    Args:
        text: Anything, escape sequences and lone surrogates included.
        glyphs: With `ascii` the result is ASCII.
    """
    if _is_printable(text):
        return text if glyphs == "unicode" else to_ascii(text)
    mark = REPLACEMENT if glyphs == "unicode" else UNKNOWN
    tame = "".join([c if _is_printable(c) else _replace(c, mark) for c in text])
    if glyphs == "ascii":
        tame = to_ascii(tame)
    cells = cell_len(text)
    return tame if cell_len(tame) == cells else set_cell_size(tame, cells)


def install_filter(app: "App[Any]", glyphs: GlyphSet = "unicode") -> OutputFilter:
    """Make the filter the last one of an app.

    Textual has no public way to add a line filter; `App._filters` is the list that it builds in
    its constructor and reads for every line (`App.get_line_filters`). A test goes through every
    kind of widget, so that a Textual that no longer reads it is noticed.
    """
    border = OutputFilter(glyphs)
    app._filters.append(border)  # noqa: SLF001 - see above
    return border


def _is_harmless(segment: Segment, plain_only: bool) -> bool:
    text, style, control = segment
    return (
        control is None
        and _is_printable(text)
        and (not plain_only or text.isascii())
        and (style is None or style.link is None)
    )


def _is_printable(text: str) -> bool:
    return text.isprintable() and (text.isascii() or _FILLERS.search(text) is None)


def _replace(character: str, mark: str) -> str:
    """Return what stands for a character, in as many cells as it was counted for.

    Python calls spaces other than U+0020 unprintable; they become plain ones.
    """
    cells = get_character_cell_size(character)
    return (" " if character.isspace() else mark) * cells


def _tame_style(style: "Style | None") -> "Style | None":
    """Take away a link that holds more than plain characters: it is written as it is."""
    if style is None or style.link is None or _PLAIN_LINK.match(style.link):
        return style
    return style.update_link(None)
