"""The pure parts of the log viewer: cells, rows, places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from envbench.ui.widgets.log_view.cells import count_rows, find_window, flatten, wrap_text
from envbench.ui.widgets.log_view.hits import HitList
from envbench.ui.widgets.log_view.place import Place
from envbench.ui.widgets.log_view.rows import Look, Match, draw_line, find_spans, rows_of
from envbench.workbench.logs import LogHits, LogQuery, ShownLine

texts = st.text(st.sampled_from("ab \t漢é\u0301😀x"), max_size=60)


@given(texts, st.integers(0, 40), st.integers(1, 40))
def test_a_window_shows_just_its_columns(text: str, left: int, width: int) -> None:
    text, _ = flatten(text)
    cells = "".join(c + "\0" * (cell_len(c) - 1) for c in text if cell_len(c))
    start, end, blanks = find_window(text, left, width)
    seen = " " * blanks + "".join(c for c in text[start:end] if cell_len(c))
    expected = cells[left : left + width]
    if expected.startswith("\0"):
        expected = " " + expected[1:]
    if left + width < len(cells) and cells[left + width] == "\0":
        expected = expected[:-1]
    assert seen == expected.replace("\0", "")
    assert cell_len(seen) <= width


@given(texts, st.integers(2, 20))
def test_wrapped_rows_are_the_whole_text_and_fit(text: str, width: int) -> None:
    text, _ = flatten(text)
    rows = wrap_text(text, width)
    assert "".join(text[a:b] for a, b in rows) == text
    assert all(cell_len(text[a:b]) <= width for a, b in rows)
    assert len(rows) == count_rows(text, width) >= 1


@given(texts, st.data())
def test_tabs_end_at_stops_and_places_move_with_them(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    flat, (moved,) = flatten(text, (place,))
    assert "\t" not in flat
    assert flat[:moved] == flatten(text[:place])[0]
    head, tab, _ = text.partition("\t")
    if tab:
        assert cell_len(flatten(head + tab)[0]) % 8 == 0


line_rows = st.lists(st.integers(1, 5), max_size=30)
moves = st.lists(
    st.one_of(st.integers(-60, 60), st.just("end"), st.integers(0, 9).map(lambda n: ("grow", n)))
)


@given(line_rows, st.integers(1, 12), moves)
def test_a_place_never_leaves_the_log(rows: list[int], height: int, moves: list[object]) -> None:
    rows = list(rows)
    place = Place()
    for move in moves:
        match move:
            case int():
                place.scroll(move, len(rows), height, rows.__getitem__)
            case "end":
                place.follow = True
            case (_, int() as count):
                rows += [1 + count % 3] * count
        place.settle(len(rows), height, rows.__getitem__)
        assert 0 <= place.top <= len(rows)
        before = sum(rows[: place.top]) + place.sub
        assert before + height <= max(height, sum(rows))
        if place.follow:
            assert before == max(0, sum(rows) - height)


@given(st.integers(1, 50), st.integers(1, 10), st.integers(-30, 30))
def test_scrolling_moves_by_rows(count: int, height: int, delta: int) -> None:
    sizes = [1 + n % 4 for n in range(count)]
    place = Place()
    place.go_to(count // 2)
    place.settle(count, height, sizes.__getitem__)
    before = sum(sizes[: place.top]) + place.sub
    place.scroll(delta, count, height, sizes.__getitem__)
    after = sum(sizes[: place.top]) + place.sub
    assert after == max(0, min(before + delta, sum(sizes) - height, max(before + delta, 0)))


def shown(text: str, level: str = "plain", time_length: int = 0) -> ShownLine:
    return ShownLine(0, text, level, time_length)  # type: ignore[arg-type]


def test_matches_are_marked_across_tabs_and_times() -> None:
    line = shown("12:00:00 a\tneedle b", time_length=9)
    match = Match(((11, 17),), is_current=True)
    (row,) = draw_line(line, Look(40), match)
    assert [tuple(piece) for piece in row.line] == [
        *(("►", "accent"), ("12:00:00 ", "dim"), ("a" + " " * 6, "text")),
        *(("needle", "cursor"), (" b" + " " * 14, "text")),
    ]
    (row,) = draw_line(line, Look(40, times=False), match)
    assert [piece.text for piece in row.line][1:3] == ["a" + " " * 7, "needle"]
    (row,) = draw_line(line, Look(12, left=16), match)
    assert [piece.text for piece in row.line] == ["►", "needle", " b   "]


@given(texts, st.integers(1, 60), st.booleans(), st.integers(0, 9))
def test_every_row_fills_the_width_up_to_the_bar(
    text: str, width: int, wrap: bool, left: int
) -> None:
    look = Look(width, wrap, 0 if wrap else left)
    for row in draw_line(shown(text), look, Match(((1, 3),))):
        cells = sum(cell_len(piece.text) for piece in row.line)
        # A wide character in a view of one cell cannot be helped; the strip cuts it.
        assert cells == width - (width >= 20) or width == 1


@given(texts.filter(lambda text: "\t" not in text), st.integers(1, 40))
def test_rows_that_are_drawn_are_those_that_are_counted(text: str, width: int) -> None:
    look = Look(width, wrap=True)
    assert len(draw_line(shown(text), look)) == rows_of(shown(text), look)


@pytest.mark.parametrize(
    ("text", "pattern", "ignore_case", "spans"),
    [
        ("aaa", "a", False, ((0, 1), (1, 2), (2, 3))),
        ("AbAB", "ab", True, ((0, 2), (2, 4))),
        ("AbAB", "ab", False, ()),
        ("İx", "x", True, ()),
        ("x", "", True, ()),
    ],
)
def test_spans(text: str, pattern: str, ignore_case: bool, spans: object) -> None:
    assert find_spans(text, pattern, ignore_case=ignore_case) == spans


def test_hits_come_in_batches_and_once() -> None:
    hits = HitList(LogQuery("x"))
    hits.add(LogHits((1, 5), (0, 0), (1, 1), 10, 2, done=False))
    hits.add(LogHits((5, 9), (0, 3), (1, 1), 20, 3, done=True))
    assert list(hits.lines) == [1, 5, 9]
    assert (hits.at(5), hits.at(6), hits.find(6), hits.done) == (1, None, 2, True)
