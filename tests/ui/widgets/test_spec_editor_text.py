"""The text under the editor comes back as it was, and its picture is harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.document._document import Document

from envbench.model.cleaning import clean
from envbench.model.span import LineIndex
from envbench.ui.widgets.spec_editor import visible
from envbench.ui.widgets.spec_editor.exact_document import ExactDocument
from envbench.ui.widgets.spec_editor.flat_view import FlatView
from envbench.ui.widgets.spec_editor.indenting import indent_of, shift_line

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
ODD_TEXT = st.text(
    st.sampled_from(
        "ab-: #\t\r\n\x00\x0b\x0c\x1b\x85\x9b\u2028\u2029\u202e\ufeff\u200b\u0301あ\ud800é\ufe0f"
    ),
    max_size=60,
)
TEXTS = st.one_of(ANY_TEXT, ODD_TEXT)


@given(TEXTS)
def test_a_text_comes_back_byte_for_byte(text: str) -> None:
    document = ExactDocument(text)
    assert document.text == text
    document.replace_range((0, 0), (0, 0), "x")
    document.replace_range((0, 0), (0, 1), "")
    assert document.text == text  # joined from its lines this time
    assert document.line_count == text.count("\n") + 1


def test_a_common_text_area_does_lose_it() -> None:
    for text in ("a\r\nb\n", "a\x0cb", "a\u2028b"):
        assert Document(text).text != text or Document(text).line_count != text.count("\n") + 1


@given(TEXTS, TEXTS, st.data())
def test_a_replacement_is_a_splice_and_can_be_undone(text: str, new: str, data) -> None:
    document = ExactDocument(text)
    places = st.tuples(
        st.integers(0, document.line_count), st.integers(0, max(map(len, document.lines)))
    )
    start, end = sorted((data.draw(places), data.draw(places)))
    a, b = document.offset_of(start), document.offset_of(end)
    assert document.get_text_range(start, end) == text[a:b]
    result = document.replace_range(start, end, new)
    assert document.text == text[:a] + new + text[b:]
    assert result.replaced_text == text[a:b]
    top = document.location_of(a)
    document.replace_range(min(start, top), result.end_location, result.replaced_text)
    assert document.text == text


@given(TEXTS, st.data())
def test_lines_and_columns_are_those_of_problems(text: str, data) -> None:
    document = ExactDocument(text)
    offset = data.draw(st.integers(0, len(text)))
    span = LineIndex(text).span(offset, offset)
    row, column = document.location_of(offset)
    assert row == span.line - 1
    # Between the two characters of a line ending there is no place for a cursor.
    assert column == min(span.column - 1, len(document.lines[row]))
    if text[offset - 1 : offset + 1] != "\r\n":
        assert document.offset_of((row, column)) == offset


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a\nb\r\n\n", "\n"), ("a\r\nb\r\n", "\r\n"), ("a\rb", "\n")]
)
def test_new_lines_end_as_most_lines_do(text: str, newline: str) -> None:
    assert ExactDocument(text).newline == newline


@given(TEXTS)
def test_the_picture_of_a_line_is_harmless_and_has_as_many_characters(text: str) -> None:
    for line in text.split("\n"):
        picture = visible.show(line)
        assert len(picture) == len(line)
        shown = visible.drawn(picture)
        assert clean(shown, limit=10_000) == shown
        assert all(unicodedata.category(c) not in {"Cc", "Cs"} for c in shown)
        assert cell_len(shown) == visible.width(line)


@given(TEXTS, st.integers(0, 70))
def test_cells_and_columns_fit_together(text: str, column: int) -> None:
    line = text.replace("\n", "")
    x = visible.x_of(line, column)
    assert x == cell_len(visible.show(line)[:column])
    back = visible.column_at(line, x)
    assert visible.x_of(line, back) == x
    assert visible.column_at(line, visible.width(line) + 5) == len(line)


def test_what_cannot_be_seen_is_shown() -> None:
    assert visible.show("a\x1b[2Jb") == "a\ufffd[2Jb"
    assert visible.show("\tx") == "→x"
    assert visible.show("nu\u200bmpy") == "nu\ufffdmpy"
    assert visible.show("numpy\ufe0f") == "numpy\ufffd"
    assert visible.drawn(visible.show("⚠\ufe0f")) == "⚠"
    assert visible.show("e" + "\u0301" * 20).count("\ufffd") == 12
    assert visible.show("naïve é あ") == "naïve é あ"


def test_moves_of_the_cursor_are_measured_as_drawn() -> None:
    view = FlatView(ExactDocument("あ\x1bb\nabc"))
    assert view.location_to_offset((0, 2)) == (3, 0)
    assert view.get_target_document_column(0, 3, 0) == 2
    assert view.height == 2


@pytest.mark.parametrize(
    ("line", "by", "shifted"),
    [("a", 1, "  a"), ("  a", -1, "a"), (" a", -1, "a"), ("a", -1, "a"), (" \r", 1, " \r")],
)
def test_lines_are_shifted_by_two(line: str, by: int, shifted: str) -> None:
    assert shift_line(line, by) == shifted


def test_the_indentation_of_a_line() -> None:
    assert indent_of("   - a") == "   "
    assert indent_of("") == ""
