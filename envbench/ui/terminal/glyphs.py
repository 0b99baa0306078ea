"""Glyphs for terminals without UTF-8: every mark and line as one ASCII character a cell.

The table covers the marks of this program and what Textual draws (borders, scrollbars, tabs,
trees, bars); accented letters lose their accents; what is left becomes `?`. The number of cells
never changes, so that no layout moves.
"""

import unicodedata
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from envbench.ui.terminal.facts import is_utf8

GlyphSet: TypeAlias = Literal["unicode", "ascii"]

_GROUPS: Final = {
    "-": "─━┄┅┈┉╌╍═╴╶╸╺╼╾‐‑‒–—―−▬‾▔▀⎺⎻⎼⎽¯",
    "|": "│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▌▋▊▐▕❘❙¦⎸⎹",
    "_": "▁▂▃▄",
    "#": "█▇▆▅▉▓■▮▪◼⬛",
    ".": "░·․∙⋅",
    ":": "▒",
    "/": "╱⁄∕",
    "\\": "╲∖",
    "X": "╳☒✗✘❌",
    "x": "×✕✖",
    ">": "►▶▸▷▹→⇒›»❯‣⮞⇥",
    "<": "◄◀◂◁◃←⇐‹«❮⮜⌫",
    "^": "↑⇑△⇧˄⌃",
    "!": "▲⚠",
    "v": "▼▾▽▿↓⇓˅⌄✓✔",
    "*": "●•◉⬤★✦∗⋆",
    "o": "○◦◯⭘◌☉°",
    "~": "…⋯≈∼↕↔⇅",
    "=": "≡☰",
    "[": "⟦【",
    "]": "⟧】",
    "'": "‘’′´",
    '"': "“”″",
    "`": "ˋ",
    ",": "‚",
    " ": "\u00a0\u2002\u2003\u2007\u2009\u202f",
    "u": "µ",
    "+": "±✚",
    "e": "€",
    "@": "⌂",
    "%": "‰",
    "N": "№",
    "$": "⏎↵␣",
}
_CHANGE, _ASCII_CHANGE = " \N{RIGHTWARDS ARROW} ", "-> "
"""Between two versions a lone `>` would be taken for a part of the second: `1.2 > =1.3`."""
_TABLE: Final = {glyph: mark for mark, glyphs in _GROUPS.items() for glyph in glyphs}
_BOX_DRAWING: Final = range(0x2500, 0x2580)
_BLOCKS: Final = range(0x2580, 0x25A0)
_BRAILLE: Final = range(0x2800, 0x2900)
UNKNOWN: Final = "?"


def choose_glyphs(setting: str, encoding: str | None) -> GlyphSet:
    """Choose the glyphs.

    Args:
        setting: `unicode`, `ascii`, or `auto`.
        encoding: What the terminal's stream is encoded with (`sys.stdout.encoding`).
    """
    if setting == "ascii":
        return "ascii"
    if setting == "unicode":
        return "unicode"
    return "unicode" if encoding is not None and is_utf8(encoding) else "ascii"


def to_ascii(text: str) -> str:
    """Turn text into ASCII that takes as many cells; the text holds no control characters."""
    if text.isascii():
        return text
    return "".join(map(_to_ascii, text.replace(_CHANGE, _ASCII_CHANGE)))


@lru_cache(4096)
def _to_ascii(glyph: str) -> str:
    if glyph.isascii():
        return glyph
    width = _count_cells(glyph)
    return (_find_mark(glyph) * width)[:width]


def _find_mark(glyph: str) -> str:
    if mark := _TABLE.get(glyph):
        return mark
    code = ord(glyph)
    if code in _BOX_DRAWING:
        return "+"
    if code in _BLOCKS:
        return "#"
    if code in _BRAILLE:
        return " .:#"[min(3, (code - _BRAILLE.start).bit_count() // 2 + (code != _BRAILLE.start))]
    plain = unicodedata.normalize("NFKD", glyph)[0]
    return plain if plain.isascii() and plain.isprintable() else UNKNOWN


def _count_cells(glyph: str) -> int:
    from rich.cells import get_character_cell_size

    return get_character_cell_size(glyph)
