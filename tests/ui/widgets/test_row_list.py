"""The laws of a list with a cursor, a window and a filter."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from envbench.ui.ink import ink
from envbench.ui.pane_view import Row, text_row
from envbench.ui.widgets.row_list import RowList


@st.composite
def row_tuples(draw: st.DrawFn) -> tuple[Row, ...]:
    keys = draw(st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=8))
    rows = []
    for key in keys:
        height = draw(st.integers(1, 3))
        lines = tuple(ink(f"{key} line {n}") for n in range(height))
        rows.append(Row(key, lines, draw(st.booleans())))
    return tuple(rows)


class Lists(RuleBasedStateMachine):
    """Whatever is done to a list, its cursor is on a row that is shown, and in the window."""

    @initialize(rows=row_tuples())
    def begin(self, rows: tuple[Row, ...]) -> None:
        self.list = RowList()
        self.list.replace(rows)

    @rule(rows=row_tuples())
    def replace(self, rows: tuple[Row, ...]) -> None:
        before = self.list.row
        aimed = self.list._aimed
        self.list.replace(rows)
        keys = {row.key for row in self.list.shown if row.selectable}
        if before is not None and before.key in keys and aimed not in keys:
            assert self.list.key == before.key

    @rule(pattern=st.sampled_from(["", "a", "B", "line", "line 1", "zzz"]))
    def filter(self, pattern: str) -> None:
        self.list.filter(pattern)
        assert all(pattern.casefold() in row.plain.casefold() for row in self.list.shown)

    @rule(steps=st.integers(-12, 12))
    def move(self, steps: int) -> None:
        before = self.list.position[0]
        moved = self.list.move(steps)
        here, total = self.list.position
        assert here == (max(1, min(total, before + steps)) if total else 0)
        assert moved == (here != before)

    @rule(key=st.sampled_from("abcdefghij"))
    def move_to(self, key: str) -> None:
        self.list.move_to(key)

    @rule(key=st.sampled_from("abcdefghij"))
    def aim(self, key: str) -> None:
        self.list.aim(key)

    @rule(line=st.integers(-3, 30))
    def click(self, line: int) -> None:
        self.list.move_to_line(line)

    @rule(lines=st.integers(-9, 9), height=st.integers(0, 12))
    def scroll(self, lines: int, height: int) -> None:
        self.list.scroll(lines, height)
        assert 0 <= self.list.top <= max(0, len(self.list.lines) - height)

    @rule(height=st.integers(0, 12))
    def reveal(self, height: int) -> None:
        self.list.reveal(height)
        assert 0 <= self.list.top <= max(0, len(self.list.lines) - height)
        if self.list.row is None or height == 0:
            return
        own = [
            n
            for n, (index, _) in enumerate(self.list.lines)
            if self.list.shown[index] is self.list.row
        ]
        assert self.list.top <= own[0] < self.list.top + height
        if len(own) <= height:
            assert own[-1] < self.list.top + height

    @invariant()
    def the_cursor_is_on_a_row_that_is_shown(self) -> None:
        row = self.list.row
        selectable = [each for each in self.list.shown if each.selectable]
        assert (row is None) == (not selectable)
        assert row is None or (row in selectable and row.key == self.list.key)


TestLists = Lists.TestCase


def test_a_cursor_whose_row_goes_stays_near():
    shown = RowList()
    shown.replace(tuple(text_row(key, key) for key in "abcd"))
    shown.move_to("c")
    shown.replace(tuple(text_row(key, key) for key in "abd"))
    assert shown.key == "d"
    shown.replace(tuple(text_row(key, key) for key in "ab"))
    assert shown.key == "b"


def test_what_is_said_below_the_last_row_comes_into_sight_with_it():
    shown = RowList()
    said = Row("said", tuple(ink(str(n)) for n in range(3)), selectable=False)
    shown.replace((*(text_row(str(n), str(n)) for n in range(20)), said))
    shown.move(50)
    shown.reveal(5)
    assert shown.key == "19" and shown.top == 18
    # What stands over the only row is as much worth as what stands below it.
    only = RowList()
    head = Row("head", (ink("Heading"),), selectable=False)
    only.replace((head, text_row("a", "a"), said))
    only.move(50)
    only.reveal(3)
    assert only.top == 0
    # The row itself stays in sight where not everything has room.
    shown.reveal(2)
    assert shown.top == 19


def test_a_text_in_the_place_of_a_list_is_read_from_its_beginning():
    shown = RowList()
    shown.replace(tuple(text_row(str(n), str(n)) for n in range(20)))
    shown.move(15)
    shown.reveal(5)
    said = tuple(Row(f"said:{n}", (ink(str(n)),), selectable=False) for n in range(20))
    shown.replace(said)
    shown.reveal(5)
    assert shown.top == 0
    shown.scroll(3, 5)
    shown.replace(said)
    assert shown.top == 3


def test_the_cursor_comes_back_when_the_filter_goes():
    shown = RowList()
    shown.replace(tuple(text_row(key, key) for key in "abc"))
    shown.move_to("b")
    shown.filter("nothing has this")
    assert shown.row is None
    shown.filter("")
    assert shown.key == "b"


def test_headings_come_into_sight_with_the_first_row():
    shown = RowList()
    head = Row("head", (ink("Heading"),), selectable=False)
    shown.replace((head, *(text_row(str(n), str(n)) for n in range(20))))
    shown.move(50)
    shown.reveal(5)
    assert shown.top == 16
    shown.move(-50)
    shown.reveal(5)
    assert shown.top == 0


@given(st.text(max_size=5), row_tuples())
def test_a_filter_never_leaves_explanations(pattern: str, rows: tuple[Row, ...]):
    shown = RowList()
    shown.replace(rows)
    shown.filter(pattern)
    assert not pattern or all(row.selectable for row in shown.shown)
