"""Text with roles: what panels hand to the widget that draws rows.

A panel says what a text *means*, the theme decides how that looks. Text is literal, never markup.
`ink` is where text enters a line; it leaves nothing in it that could move the terminal's cursor,
so that the width of a line is the sum of the widths of its characters.

Nothing of Textual is imported here: pure functions of panels stay testable without a screen.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, Literal, NamedTuple, TypeAlias

Align: TypeAlias = Literal["left", "right", "centre"]


class Role:
    """The meanings that a piece of text can have."""

    TEXT: Final = "text"
    """What is read."""
    DIM: Final = "dim"
    """Times, units, labels: read second."""
    FAINT: Final = "faint"
    """Decoration and what is off: must not be needed to understand the row."""
    BOLD: Final = "bold"
    """Names."""
    ACCENT: Final = "accent"
    """Keys to press, the current choice, links between panes."""
    OK: Final = "ok"
    WARNING: Final = "warning"
    ERROR: Final = "error"
    INFO: Final = "info"
    """A remark that is neither good nor bad."""
    CURSOR: Final = "cursor"
    """A cell under a text cursor, or a piece shown as if selected."""


ROLES: Final[tuple[str, ...]] = (
    Role.TEXT,
    Role.DIM,
    Role.FAINT,
    Role.BOLD,
    Role.ACCENT,
    Role.OK,
    Role.WARNING,
    Role.ERROR,
    Role.INFO,
    Role.CURSOR,
)
ELLIPSIS: Final = "…"
_SELECTORS: Final = {0xFE0E: None, 0xFE0F: None}
"""Emoji and text presentation: they widen a character in some terminals and not in others."""


class Piece(NamedTuple):
    """A run of text in one role. Made by `ink`, which makes outside text harmless."""

    text: str
    role: str = Role.TEXT
    """One of `ROLES`; another is drawn as `text`."""


Line: TypeAlias = tuple[Piece, ...]
Part: TypeAlias = str | tuple[str, str] | Line


def ink(*parts: Part) -> Line:
    """Make a line.

    Args:
        parts: Text in the role `text`, a text with its role, a piece, or a line made before. What
            a terminal would act upon is taken out; empty texts are left out.
    """
    pieces: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            text = tame(part)
            if text:
                pieces.append(Piece(text))
        elif part and isinstance(part[0], str):
            text = tame(part[0])
            if text:
                pieces.append(Piece(text, part[1]))
        else:
            pieces.extend(part)
    return tuple(pieces)


def tame(text: str) -> str:
    """Make a text safe and of predictable width: a tab is one blank, no control is left."""
    if text.isascii():
        if text.isprintable():
            return text
    elif text.isprintable() and "\ufe0f" not in text and "\ufe0e" not in text:
        return text
    from envbench.model.cleaning import clean  # only odd text pays for it

    cleaned = clean(text, limit=max(4000, len(text)))
    return cleaned.replace("\t", " ").translate(_SELECTORS)


def width_of(line: Line) -> int:
    """Give the width of a line in terminal cells."""
    return sum([measure(piece[0]) for piece in line])


def measure(text: str) -> int:
    """Give the width of a text in terminal cells, as it will be drawn."""
    if text.isascii() and text.isprintable():
        return len(text)
    from rich.cells import cell_len  # panels without wide text never load it

    return cell_len(tame(text))


def plain(line: Line) -> str:
    """Give the text of a line."""
    return "".join([piece[0] for piece in line])


def cut(line: Line, width: int) -> Line:
    """Shorten a line that is too wide; it ends in `…` then and has exactly the width.

    Args:
        line: The line.
        width: In cells; nothing is left of a line when it is 0 or less.
    """
    if width <= 0:
        return ()
    kept: list[Piece] = []
    left = width
    for index, piece in enumerate(line):
        taken = measure(piece[0])
        if taken > left or (taken == left and width_of(line[index + 1 :])):
            return (*kept, _end_within(piece, left))
        kept.append(piece)
        left -= taken
    return tuple(kept)


def pad(line: Line, width: int, align: Align = "left") -> Line:
    """Give a line exactly a width: blanks are added, or it is cut.

    Args:
        line: The line.
        width: In cells.
        align: Where the text stands.
    """
    missing = width - width_of(line)
    if missing < 0:
        return cut(line, width)
    if missing == 0:
        return line
    before = {"left": 0, "right": missing, "centre": missing // 2}[align]
    return (*_blanks(before), *line, *_blanks(missing - before))


def join(separator: Part, lines: Iterable[Line]) -> Line:
    """Put lines behind each other with a separator between; empty lines are left out."""
    between = ink(separator)
    pieces: list[Piece] = []
    for line in lines:
        if line:
            pieces.extend((*between, *line) if pieces else line)
    return tuple(pieces)


def spread(left: Line, right: Line, width: int) -> Line:
    """Put one line at the left edge and one at the right edge, with at least a blank between.

    The right one (figures, states) stays whole as long as it can; the left one gives way.

    Args:
        left: Begins at the left edge.
        right: Ends at the right edge.
        width: Of the whole in cells; the result has exactly this width.
    """
    right = cut(right, width)
    room = width - width_of(right)
    if not right or room <= 0:
        return right or pad(left, width)
    return (*pad(left, room - 1), Piece(" "), *right)


def wrap(line: Line, width: int) -> tuple[Line, ...]:
    """Break a line at blanks so that every row fits; words that are too long are broken.

    A word never spans pieces here: a row may also end where one piece meets the next.

    Args:
        line: The line.
        width: In cells, at least 2.
    """
    rows: list[list[Piece]] = [[]]
    left = width
    for word in _words(line):
        for part in _chop(word, width):
            size = measure(part[0])
            if size > left and rows[-1]:
                rows.append([])
                left = width
            if part[0] == " " and not rows[-1]:
                continue
            rows[-1].append(part)
            left -= size
    return tuple(_merge(row) for row in rows)


def _end_within(piece: Piece, width: int) -> Piece:
    """Cut a piece, so that it has the width (at least 1) with an ellipsis at its end."""
    head, used = _take(tame(piece[0]), width - 1)
    return Piece(head + ELLIPSIS + " " * (width - 1 - used), piece[1])


def _take(text: str, width: int) -> tuple[str, int]:
    """Take as many characters as fit, with the marks upon them, and say how wide they are."""
    if text.isascii():
        return text[:width], min(len(text), width)
    from rich.cells import get_character_cell_size  # see `measure`

    used = 0
    for index, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > width:
            return text[:index], used
        used += size
    return text, used


def _blanks(count: int) -> Line:
    return (Piece(" " * count),) if count > 0 else ()


def _words(line: Line) -> Iterator[Piece]:
    for text, role in line:
        for index, word in enumerate(text.split(" ")):
            if index:
                yield Piece(" ", role)
            if word:
                yield Piece(word, role)


def _chop(piece: Piece, width: int) -> Iterator[Piece]:
    text = tame(piece[0])
    while measure(text) > width:
        head, _ = _take(text, width)
        head = head or text[0]
        yield Piece(head, piece[1])
        text = text[len(head) :]
    if text:
        yield Piece(text, piece[1])


def _merge(row: list[Piece]) -> Line:
    """Drop the blanks at the end and join neighbours of one role."""
    while row and row[-1][0] == " ":
        row.pop()
    groups = groupby(row, key=lambda piece: piece[1])
    return tuple(Piece("".join([piece[0] for piece in group]), role) for role, group in groups)
