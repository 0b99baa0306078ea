"""Tables and long lines: one line a row in a pipe, never wider than the terminal on one."""

from hypothesis import given
from hypothesis import strategies as st

from envbench.cli.table import fold, lay_out

TABLE = [
    ["name", "kind", "path", "fault"],
    ["torch", "envbench", "/home/someone/.local/share/envbench/envs/torch", ""],
    ["x", "conda", "/opt/x", ""],
]


def test_a_pipe_gets_every_row_on_a_line_of_its_own():
    lines = lay_out(TABLE, None)
    assert len(lines) == len(TABLE)
    assert lines[0].split() == TABLE[0]
    assert lines[1].split() == TABLE[1][:3]


def test_a_terminal_gets_cells_continued_below_themselves():
    lines = lay_out(TABLE, 40)
    assert max(map(len, lines)) <= 40
    column = lines[0].index("path")
    assert "".join(line[column:] for line in lines[1:-1]) == TABLE[1][2]
    assert "fault" not in lines[0]


def test_columns_that_people_copy_stay_whole():
    assert any("envs/torch" in line for line in lay_out(TABLE, 40, ["path"]))


def test_a_table_without_rows_shows_its_headers():
    assert lay_out([["job", "state"]], 80) == ["job  state"]


CELL = st.text(alphabet="ab/-. ", max_size=60).map(lambda text: " ".join(text.split()))


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5), width=st.integers(34, 120)
)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(rows, width):
    table = [["first", "second", "third"], *map(list, rows)]
    lines = lay_out(table, width)
    assert all(len(line) <= width for line in lines)
    told = "".join("".join(lines).split())
    assert sorted(told) == sorted(
        letter
        for number, header in enumerate(table[0])
        if number == 0 or any(row[number] for row in rows)
        for cell in [header, *(row[number] for row in rows)]
        for letter in cell
        if letter != " "
    )


def test_long_lines_are_folded_between_words():
    assert fold("a.yml:1:2: error one two", 16, "    ") == "a.yml:1:2: error\n    one two"
    assert fold("a.yml:1:2: error one two", None, "    ") == "a.yml:1:2: error one two"
