"""Lines of pieces: exact widths whatever the text, and nothing a terminal would act upon."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from envbench.ui.ink import (
    ROLES,
    Piece,
    Role,
    cut,
    ink,
    join,
    measure,
    pad,
    plain,
    spread,
    tame,
    width_of,
    wrap,
)

ODD = [
    "a", "numpy", " ", "漢", "字", "é", "e\u0301", "\u0301", "\u0e33", "😀", "👩\u200d💻", "❤\ufe0f",
    "\ufe0f", "\ufe0e", "\u200d", "\u200b", "\u202e", "\x1b[31m", "\x1b]52;c;x\x07", "\t", "\n",
    "\r", "\x00", "\x7f", "\x9b", "\ud800", "\u00a0", "\u3000", "\uff21", "…", "│", "[/b]", "🇩🇪",
    "\u1100\u1161", "\u0600", "\U000e0041", "☁", "⌚",
]  # fmt: skip
odd_text = st.lists(st.sampled_from(ODD), max_size=12).map("".join) | st.text(max_size=20)
odd_line = st.lists(st.tuples(odd_text, st.sampled_from(ROLES)), max_size=5).map(
    lambda parts: ink(*parts)
)
raw_line = st.lists(st.builds(Piece, odd_text, st.sampled_from(ROLES)), max_size=5).map(tuple)
any_line = odd_line | raw_line
width = st.integers(-2, 40)


def test_parts_of_a_line_are_texts_pairs_pieces_and_lines():
    assert ink("a", ("b", Role.DIM), Piece("c", Role.OK), ink("d", "e"), "", ("", Role.OK), ()) == (
        ("a", "text"),
        ("b", "dim"),
        ("c", "ok"),
        ("d", "text"),
        ("e", "text"),
    )
    assert plain(ink("a", ("b", Role.DIM))) == "ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy 1.26.*", "numpy 1.26.*"),
        ("a\tb", "a b"),
        ("a\x1b[2Jb\r\nc", "abc"),
        ("\x1b]52;c;ZXZpbA==\x07x", "x"),
        ("❤\ufe0f", "❤"),
        ("a\u202eb", "a\ufffdb"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("漢字 é", "漢字 é"),
    ],
)
def test_text_is_tamed_and_stays_literal(text, expected):
    assert plain(ink(text)) == expected


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("pytorch", 7, "pytorch"),
        ("pytorch", 6, "pytor…"),
        ("pytorch", 1, "…"),
        ("pytorch", 0, ""),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢… "),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_cut(text, size, expected):
    assert plain(cut(ink(text), size)) == expected


def test_the_ellipsis_takes_the_role_of_what_it_cuts_and_needs_something_behind():
    line = ink("ab", ("cd", Role.ERROR))
    assert cut(line, 3) == (("ab", "text"), ("…", "error"))
    assert cut(line, 2) == (("a…", "text"),)
    assert cut(line, 4) == line
    assert cut((*ink("abcd"), Piece("\u0301")), 4)[0] == ("abcd", "text")


@pytest.mark.parametrize(
    ("align", "expected"), [("left", "ab   "), ("right", "   ab"), ("centre", " ab  ")]
)
def test_pad(align, expected):
    assert plain(pad(ink("ab"), 5, align)) == expected


def test_spread_keeps_the_right_side_whole():
    assert plain(spread(ink("name"), ink("62%"), 10)) == "name   62%"
    assert plain(spread(ink("a long name"), ink("62%"), 10)) == "a lon… 62%"
    assert plain(spread(ink("name"), ink("62%"), 3)) == "62%"
    assert plain(spread(ink("name"), ink("62%"), 2)) == "6…"
    assert plain(spread(ink("name"), (), 6)) == "name  "


def test_join_leaves_empty_lines_out():
    lines = [ink("a"), (), ink(("b", Role.OK))]
    assert join((", ", Role.DIM), lines) == (("a", "text"), (", ", "dim"), ("b", "ok"))


def test_wrap_breaks_at_blanks():
    rows = wrap(ink("no package torch in ", ("pytorch", Role.BOLD), " here"), 12)
    assert [plain(row) for row in rows] == ["no package", "torch in", "pytorch here"]
    assert rows[2] == (("pytorch", "bold"), (" here", "text"))
    assert [plain(row) for row in wrap(ink("abcdefgh"), 3)] == ["abc", "def", "gh"]
    assert wrap((), 10) == ((),)


@given(any_line, width)
def test_cut_never_exceeds_the_width_and_fills_it_when_it_cuts(line, size):
    result = cut(line, size)
    expected = min(width_of(line), max(size, 0))
    assert width_of(result) == expected
    assert width_of(line) > size or plain(result) == plain(line) or size <= 0


@given(any_line, width, st.sampled_from(["left", "right", "centre"]))
def test_pad_gives_exactly_the_width(line, size, align):
    assert width_of(pad(line, size, align)) == max(size, 0)


@given(any_line, any_line, width)
def test_spread_gives_exactly_the_width(left, right, size):
    assert width_of(spread(left, right, size)) == max(size, 0)


@given(any_line, st.integers(2, 30))
def test_wrap_fits_and_loses_only_blanks(line, size):
    rows = wrap(line, size)
    assert all(width_of(row) <= size for row in rows)
    joined = "".join(plain(row) for row in rows).replace(" ", "")
    assert joined == "".join(tame(piece.text) for piece in line).replace(" ", "")


@given(odd_line)
def test_the_width_of_a_line_is_what_rich_measures_of_its_text(line):
    assert width_of(line) == cell_len(plain(line)) == sum(cell_len(c) for c in plain(line))


@given(odd_text)
def test_tamed_text_is_stable_and_holds_no_control(text):
    tamed = tame(text)
    assert tame(tamed) == tamed
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in tamed)
    assert measure(text) == cell_len(tamed)


def test_ink_loads_neither_textual_nor_rich():
    code = "import sys, envbench.ui.ink as i; i.cut(i.ink('abc'), 2); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"textual", "rich", "dataclasses", "unicodedata"}.intersection(loaded)
