"""Looking at views as text, and the one law that all of them keep: nothing is too wide."""

from envbench.ui.ink import plain, width_of
from envbench.ui.pane_view import PaneView

WIDTHS = (20, 27, 33, 60, 118, 200)


def lines_of(view: PaneView) -> list[str]:
    """Give all lines of a view from above, as they are drawn."""
    rows = [line for row in view.rows for line in row.lines] if view.rows else view.empty
    return [plain(line).rstrip() for line in (*view.top, *rows, *view.bottom)]


def text_of(view: PaneView) -> str:
    """Give a view as one text in which broken lines are joined."""
    return " ".join(" ".join(lines_of(view)).split())


def assert_fits(view: PaneView, width: int) -> None:
    """Make sure that no line is wider than the pane, and that every row is named once."""
    rows = [line for row in view.rows for line in row.lines]
    for line in (*view.top, *rows, *view.empty, *view.bottom):
        assert width_of(line) <= width, (width, plain(line))
    keys = [row.key for row in view.rows]
    assert len(keys) == len(set(keys))
