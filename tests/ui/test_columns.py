"""Tables keep their width, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import plain, width_of

TEXTS = st.text(alphabet="ab c→日本é0123", max_size=14)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Column], list[list[str]]]:
    columns = [
        Column(
            draw(st.sampled_from(["", "name", "size GB", "版"])),
            draw(st.sampled_from(["left", "right"])),
            least=draw(st.integers(1, 8)),
            most=draw(st.integers(1, 30)),
            gives=draw(st.integers(0, 3)),
            drops=draw(st.integers(0, 3)),
        )
        for _ in range(draw(st.integers(1, 6)))
    ]
    cells = draw(
        st.lists(st.lists(TEXTS, min_size=len(columns), max_size=len(columns)), max_size=6)
    )
    return columns, cells


@given(tables(), st.integers(1, 120), st.sampled_from(["", "  "]))
def test_no_line_is_wider_than_the_table_and_all_are_even(table, width, indent):
    columns, cells = table
    heading, rows = lay_out(columns, cells, width, indent=indent)
    assert len(rows) == len(cells)
    widths = {width_of(line) for line in (heading, *rows)}
    assert len(widths) == 1
    assert widths.pop() <= width


def test_figures_stand_to_the_right():
    columns = [Column("name"), Column("GB", "right", least=5)]
    heading, rows = lay_out(columns, [["a", "1"], ["bb", "23"]], 40)
    assert plain(heading) == "name     GB"
    assert [plain(row) for row in rows] == ["a         1", "bb       23"]


def test_the_column_that_gives_way_is_narrowed_first_and_never_below_its_least():
    columns = [Column("name"), Column("about", least=5, gives=1)]
    heading, (row,) = lay_out(columns, [["python", "a language for all things"]], 20)
    assert plain(row) == "python  a language …"
    _, (row,) = lay_out(columns, [["python", "a language for all things"]], 13)
    assert plain(row) == "python  a la…"
    assert plain(heading).startswith("name")


@pytest.mark.parametrize(("width", "shown"), [(30, "ab  cd  ef"), (9, "ab  cd"), (5, "ab")])
def test_columns_are_left_out_in_the_order_they_say(width, shown):
    columns = [Column("", least=2), Column("", least=2, drops=1), Column("", least=2, drops=2)]
    _, (row,) = lay_out(columns, [["ab", "cd", "ef"]], width)
    assert plain(row) == shown


def test_the_last_column_that_stays_is_cut_at_the_edge():
    _, (row,) = lay_out([Column("n", least=8)], [["something"]], 4)
    assert plain(row) == "som…"
