"""The small list of offers over the text: what stands in it, and where it stands."""

from typing import NamedTuple

from envbench.ui.ink import Line, Role, cut, ink, measure, pad, tame
from envbench.ui.widgets.spec_editor.completion import MOST_ROWS, Completion, Offers

MOST_WIDTH = 64
_FRAME = 4
"""Cells beside the texts: two edges, the mark of the chosen one, and a blank."""
_GAP = 2


class PopupPlace(NamedTuple):
    """Where the list stands within the editor, in cells."""

    x: int
    y: int
    width: int
    rows: int


def place_popup(offers: Offers, *, x: int, y: int, width: int, height: int) -> PopupPlace | None:
    """Find a place under the line of the cursor, or else over it.

    Args:
        offers: What is offered.
        x: Cell under which the list should begin.
        y: Row of the cursor.
        width: Of the editor.
        height: Of the part of the editor that the list may cover, from row 0.

    Returns:
        None when there is no room for a row.
    """
    if not 0 <= y < height:
        return None
    below, above = height - y - 1, y
    wanted = min(MOST_ROWS, len(offers.items))
    rows = min(wanted, below if below >= min(wanted, above) else above)
    size = min(width, MOST_WIDTH, _FRAME + _text_width(offers))
    if rows < 1 or size < _FRAME + 3:
        return None
    top = y + 1 if below >= min(wanted, above) else y - rows
    return PopupPlace(max(0, min(x - 2, width - size)), top, size, rows)


def popup_rows(offers: Offers, place: PopupPlace) -> tuple[Line, ...]:
    """Draw the list, each row exactly as wide as its place."""
    seen = offers.seen(place.rows)
    labels = _label_width(offers, place.width - _FRAME)
    rows = []
    for number, (index, item) in enumerate(seen):
        hidden_above = number == 0 and index > 0
        hidden_below = number == len(seen) - 1 and index < len(offers.items) - 1
        edge = "▲" if hidden_above else "▼" if hidden_below else "│"
        body = pad(_body(item, labels, chosen=index == offers.index), place.width - 3)
        # Nothing is chosen at first: Tab takes the first one, and Enter stays Enter.
        mark = "►" if index == offers.index else "○" if index == max(0, offers.index) else " "
        rows.append(ink(("│", Role.FAINT), (mark, Role.ACCENT), body, (edge, Role.FAINT)))
    return tuple(rows)


def _body(item: Completion, labels: int, *, chosen: bool) -> Line:
    label = cut(ink((item.label, Role.CURSOR if chosen else Role.TEXT)), labels)
    return (*pad(label, labels + _GAP), *ink((item.detail, Role.DIM))) if item.detail else label


def _text_width(offers: Offers) -> int:
    details = max(measure(tame(item.detail)) for item in offers.items)
    return _label_width(offers, MOST_WIDTH) + (_GAP + details if details else 0)


def _label_width(offers: Offers, most: int) -> int:
    return max(1, min(most, max(measure(tame(item.label)) for item in offers.items)))
