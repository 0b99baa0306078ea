"""Turns lines of a log into rows of a screen; pure."""

from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.ink import Line, Piece, measure
from envbench.ui.widgets.log_view.cells import count_rows, find_window, flatten, wrap_text

if TYPE_CHECKING:
    from envbench.workbench.logs import ShownLine

GUTTER_FROM = 8
"""Narrower views have no gutter."""
BAR_FROM = 20
"""Narrower views have no scroll bar."""
MATCH_MARK = "►"
_MARKS: dict[str, tuple[str, str]] = {"error": ("×", "error"), "warning": ("▲", "warning")}
_ROLES: dict[str, str] = {
    "error": "error",
    "warning": "warning",
    "info": "text",
    "debug": "dim",
    "cut": "faint",
    "plain": "text",
}
_THUMB = "█"
_MARKING = frozenset(("cursor", "accent"))
"""Roles that may show on blanks too."""


class Look(NamedTuple):
    """How lines are drawn."""

    width: int
    """Of the whole view in cells."""
    wrap: bool = False
    left: int = 0
    """Columns that are scrolled off at the left; 0 when wrapped."""
    times: bool = True
    """Times that lead lines are shown."""

    @property
    def has_gutter(self) -> bool:
        """Whether marks have a column of their own."""
        return self.width >= GUTTER_FROM

    @property
    def text_width(self) -> int:
        """Cells for the text of a line."""
        return max(1, self.width - self.has_gutter - (self.width >= BAR_FROM))


class Match(NamedTuple):
    """What was found in a line."""

    spans: tuple[tuple[int, int], ...]
    """Where in the shown text, in characters; may be empty for a line found by its level."""
    is_current: bool = False


class ScreenRow(NamedTuple):
    """One row as it is painted; equal rows look the same."""

    line: Line
    is_current: bool = False


def rows_of(line: "ShownLine", look: Look) -> int:
    """Count the rows that a line takes."""
    if not look.wrap:
        return 1
    text, _ = flatten(_shown_text(line, look))
    return count_rows(text, look.text_width)


def width_of(line: "ShownLine", look: Look) -> int:
    """Give the cells that a line would take in one row."""
    return measure(flatten(_shown_text(line, look))[0])


def draw_line(
    line: "ShownLine", look: Look, match: Match | None = None, *, is_current: bool = False
) -> list[ScreenRow]:
    """Draw a line: one row, or as many as it takes when wrapped."""
    skipped = 0 if look.times else line.time_length
    styled = _style(line, skipped, match)
    cuts = sorted({0, *(offset for start, end, _ in styled for offset in (start, end))})
    text, moved = flatten(line.text[skipped:], tuple(cuts))
    places = dict(zip(cuts, moved, strict=True))
    spans = [(places[start], places[end], role) for start, end, role in styled]
    gutter = _draw_gutter(line, look, match)
    if not look.wrap:
        start, end, blanks = find_window(text, look.left, look.text_width)
        pieces = [*gutter, Piece(" " * blanks), *_cut_pieces(text, spans, start, end)]
        return [ScreenRow(_fill(pieces, look), is_current)]
    rows: list[ScreenRow] = []
    for start, end in wrap_text(text, look.text_width):
        pieces = [*gutter, *_cut_pieces(text, spans, start, end)]
        rows.append(ScreenRow(_fill(pieces, look), is_current))
        gutter = (Piece(" "),) if look.has_gutter else ()
    return rows


def add_bar(rows: list[ScreenRow], width: int, top: float, share: float) -> list[ScreenRow]:
    """Put a scroll bar at the right edge.

    Args:
        rows: All rows of the view, filled up to the bar.
        width: Of the view in cells.
        top: How far down it is scrolled, 0 to 1.
        share: How much of everything is seen, 0 to 1.
    """
    if width < BAR_FROM or share >= 1:
        return rows
    height = len(rows)
    thumb = min(height, max(1, round(height * share)))
    first = round((height - thumb) * min(1.0, max(0.0, top)))
    barred: list[ScreenRow] = []
    for number, row in enumerate(rows):
        thumb_here = first <= number < first + thumb
        barred.append(row._replace(line=(*row.line, Piece(_THUMB, "faint"))) if thumb_here else row)
    return barred


def find_spans(text: str, pattern: str, *, ignore_case: bool) -> tuple[tuple[int, int], ...]:
    """Find a literal pattern in a shown line: all its places, a hundred at most."""
    where, what = (text.lower(), pattern.lower()) if ignore_case else (text, pattern)
    if not what or len(where) != len(text):
        return ()
    spans: list[tuple[int, int]] = []
    place = where.find(what)
    while place >= 0 and len(spans) < 100:
        spans.append((place, place + len(what)))
        place = where.find(what, place + len(what))
    return tuple(spans)


def _shown_text(line: "ShownLine", look: Look) -> str:
    return line.text if look.times else line.text[line.time_length :]


def _style(line: "ShownLine", skipped: int, match: Match | None) -> list[tuple[int, int, str]]:
    """Give the roles of the parts of a line, in order and without gaps."""
    length = len(line.text) - skipped
    base = _ROLES[line.level]
    time_length = min(length, max(0, line.time_length - skipped))
    parts: list[tuple[int, int, str]] = [(0, time_length, "dim"), (time_length, length, base)]
    if match is None:
        return [part for part in parts if part[1] > part[0]]
    role: str = "cursor" if match.is_current else "accent"
    for start, end in match.spans:
        parts = _overlay(parts, max(0, start - skipped), min(length, end - skipped), role)
    return [part for part in parts if part[1] > part[0]]


def _overlay(
    parts: list[tuple[int, int, str]], start: int, end: int, role: str
) -> list[tuple[int, int, str]]:
    """Give a stretch another role; what it covers goes."""
    if end <= start:
        return parts
    before = [(a, min(b, start), r) for a, b, r in parts if a < start]
    after = [(max(a, end), b, r) for a, b, r in parts if b > end]
    return [*before, (start, end, role), *after]


def _cut_pieces(text: str, spans: list[tuple[int, int, str]], start: int, end: int) -> list[Piece]:
    pieces = [
        Piece(text[max(a, start) : min(b, end)], role)
        for a, b, role in spans
        if a < end and b > start
    ]
    return [piece for piece in pieces if piece.text]


def _fill(pieces: list[Piece], look: Look) -> Line:
    """Join neighbours of one role, and fill up to the bar: each change of style costs 40 bytes."""
    joined: list[Piece] = []
    used = 0
    for piece in pieces:
        if not piece.text:
            continue
        used += measure(piece.text)
        if joined and joined[-1].role == piece.role:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.role)
        else:
            joined.append(piece)
    missing = look.has_gutter + look.text_width - used
    if missing > 0 and joined and joined[-1].role not in _MARKING:
        joined[-1] = Piece(joined[-1].text + " " * missing, joined[-1].role)
    elif missing > 0:
        joined.append(Piece(" " * missing))
    return tuple(joined)


def _draw_gutter(line: "ShownLine", look: Look, match: Match | None) -> tuple[Piece, ...]:
    if not look.has_gutter:
        return ()
    if match is not None and match.is_current:
        return (Piece(MATCH_MARK, "accent"),)
    mark, role = _MARKS.get(line.level, (" ", "text"))
    if mark == " " and match is not None:
        return (Piece("►", "dim"),)
    return (Piece(mark, role),)
