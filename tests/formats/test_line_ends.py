"""Line ends through editors, and differences between texts."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envbench.formats.line_ends import LineEnds, find_line_ends, keep_line_ends
from envbench.formats.text_difference import MAX_LINES, describe_difference

LINES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "", "c: d"]), st.sampled_from(["\n", "\r\n", "\r"])),
    max_size=12,
)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", "none"),
        ("a", "none"),
        ("a\nb", "lf"),
        ("a\r\n\r\n", "crlf"),
        ("a\r", "cr"),
        ("a\n\r\n", "mixed"),
        ("a\x0cb\n", "mixed"),
        ("a\u2028", "mixed"),
    ],
)
def test_find_line_ends(text, ends):
    assert find_line_ends(text) is LineEnds(ends)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_an_editor_that_changes_nothing_but_ends_changes_nothing(lines, newline):
    old = "".join(body + end for body, end in lines)
    new = "".join(row + newline for row in old.splitlines())
    assert keep_line_ends(old, new) == old


@example([("a", "\n"), ("a", "\r")], "\n", 3)
@given(LINES, st.text("ab\n", max_size=9), st.integers(0, 40))
def test_what_was_typed_is_what_is_saved(lines, typed, place):
    old = "".join(body + end for body, end in lines)
    plain = "".join(row + "\n" for row in old.splitlines())
    new = plain[:place] + typed + plain[place:]
    kept = keep_line_ends(old, new)
    assert kept.splitlines() == new.splitlines()
    assert kept[-1:] in ("\r", "\n") or not new.endswith("\n")


def test_the_difference_names_the_lines():
    old = "".join(f"line {n}\n" for n in range(1, 101))
    found = describe_difference(old, old.replace("line 50\n", "new\n\n"), "disk", "mine")
    assert found.lines == (
        "--- disk", "+++ mine", "@@ -47,7 +47,8 @@", " line 47", " line 48", " line 49",
        "-line 50", "+new", "+", " line 51", " line 52", " line 53",
    )  # fmt: skip
    assert found.left_off == 0
    added = describe_difference("", "a\n", "disk", "mine")
    assert added.lines == ("--- disk", "+++ mine", "@@ -0,0 +1 @@", "+a")
    assert describe_difference("a\r\n", "a\n", "x", "y").lines == ()


def test_a_difference_is_cleaned_and_bounded():
    old = "".join(f"\x1b[31mold {n}\n" for n in range(20_000))
    new = "".join(f"new {n % 7} {'x' * 500}\n" for n in range(20_000))
    begun = time.monotonic()
    found = describe_difference(old, new, "disk", "mine")
    assert time.monotonic() - begun < 5
    assert len(found.lines) == MAX_LINES
    assert found.left_off > 30_000
    assert all(len(line) <= 300 and "\x1b" not in line for line in found.lines)
