"""The cursor of a list stays on its thing, and waits for things that are not there yet."""

from envbench.ui.pane_view import FIRST_ROW, Row, text_row
from envbench.ui.widgets.row_list import RowList


def rows(keys: str) -> tuple[Row, ...]:
    return tuple(text_row(key, key) for key in keys)


def test_the_cursor_waits_for_the_row_it_was_sent_to():
    shown = RowList()
    shown.aim("c")
    shown.replace(rows("ab"))
    assert shown.key == "a"
    shown.replace(rows("abc"))
    assert shown.key == "c"
    assert shown.aim("b") and shown.key == "b"


def test_whoever_moves_the_cursor_takes_back_where_it_was_sent():
    shown = RowList()
    shown.replace(rows("abc"))
    assert not shown.aim("x") and shown.key == "a"
    assert shown.move(1) and shown.key == "b"
    shown.replace(rows("xabc"))
    assert shown.key == "b"


def test_the_cursor_can_be_sent_to_whatever_comes_first():
    shown = RowList()
    heading = text_row("h", "h")._replace(selectable=False)
    shown.replace((heading, *rows("abc")))
    shown.move(2)
    assert shown.aim(FIRST_ROW) and shown.key == "a"
    # It was meant for the rows of that moment, not for those that come before them later.
    shown.replace((heading, *rows("xabc")))
    assert shown.key == "a"
