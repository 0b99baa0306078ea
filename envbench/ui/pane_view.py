"""What a pane shows, as plain values: made by pure functions, drawn by `widgets.row_pane`."""

from typing import NamedTuple

from envbench.ui.ink import Line, Part, ink

FIRST_ROW = "first row"
"""In the place of a key: whatever row a cursor can stand on first."""


class Row(NamedTuple):
    """One thing in a list: one line, or a few that belong together."""

    key: str
    """Names the thing; unique in its pane, and the same while the thing is the same."""
    lines: tuple[Line, ...]
    """At least one."""
    selectable: bool = True
    """Headings and explanations cannot be selected."""

    @property
    def plain(self) -> str:
        """The row as text, for filters and for copying."""
        return "\n".join("".join(piece.text for piece in line).rstrip() for line in self.lines)


class PaneView(NamedTuple):
    """Everything that a pane shows."""

    title: str
    """In the top border."""
    badge: str = ""
    """Behind the title: how many, which state."""
    badge_role: str = "dim"
    top: tuple[Line, ...] = ()
    """Lines that stay above the rows: headings of columns, a summary."""
    rows: tuple[Row, ...] = ()
    empty: tuple[Line, ...] = ()
    """Shown when there are no rows: what this is for and which key fills it."""
    bottom: tuple[Line, ...] = ()
    """Lines that stay under the rows, such as what the selected one means."""
    keys: str = ""
    """The keys that matter here, in the bottom border."""


def text_row(key: str, *parts: Part, selectable: bool = True) -> Row:
    """Make a row of one line."""
    return Row(key, (ink(*parts),), selectable)


def note(*parts: Part, key: str = "") -> Row:
    """Make a line that cannot be selected."""
    return Row(key, (ink(*parts),), selectable=False)
