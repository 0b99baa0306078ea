"""`clean`: by example, by law, and in bounded time."""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envbench.model.cleaning import clean, describe_characters, last_overwrite

HOSTILE = [
    "\x1b", "[", "]", "P", "X", "^", "_", "\\", "\x07", "\x9b", "\x9d", "\x9c", "\x90", "\x98",
    "\x9e", "\x9f", "\x85", "m", "0", "31", ";", ":", "?", " ", "(", "B", "c", "\r", "\n", "\t",
    "\x00", "\x08", "\x0b", "\x0c", "\x7f", "a", "numpy", "\u202e", "\u2066", "\u200b", "\ufeff",
    "\u2028", "\U000e0041", "\ud800", "\udfff", "\u0301", "\u20dd", "e", "ж", "漢", "😀", "[/oops]",
]  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
INVISIBLE = re.compile(
    "[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
hostile_text = st.lists(st.sampled_from(HOSTILE), max_size=60).map("".join) | st.text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy 1.26.*", "numpy 1.26.*"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b[2Jb\x1b[6nc", "abc"),
        ("\x1b]52;c;ZXZpbA==\x07numpy", "numpy"),
        ("\x1b]0;title\x1b\\numpy", "numpy"),
        ("\x1b]8;;https://evil/\x1b\\text\x1b]8;;\x1b\\", "text"),
        ("\x9d0;title\x9cnumpy", "numpy"),
        ("\x9b31mred", "red"),
        ("\x1bPq#0;2\x1b\\x\x1b_apc\x1b\\y\x1b^pm\x1b\\z\x1bXsos\x1b\\!", "xyz!"),
        ("\x1b(Bplain\x1bc", "plain"),
        ("x\x00\x07\x08\x7f\x85y", "xy"),
        ("tab\tstays", "tab\tstays"),
        ("cr\rgone", "crgone"),
        ("\x1b[31", ""),
        ("a\x1b", "a"),
        ("nu\u202empy", "nu\ufffdmpy"),
        ("a\U000e0041b\ufeffc\u200bd\u2028e", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("[@click=app.quit]numpy[/]", "[@click=app.quit]numpy[/]"),
        ("Größe 漢字 😀 ж", "Größe 漢字 😀 ж"),
    ],
)
def test_hostile_row_01_sequences_and_controls_go(text, expected):
    assert clean(text) == expected


def test_hostile_row_02_unterminated_string_eats_its_own_line_only():
    assert clean("one\x1b]0;never ends\ntwo", multiline=True) == "one\ntwo"
    assert clean("one\x90never ends\ntwo\x9dneither\nthree", multiline=True) == "one\ntwo\nthree"


def test_newlines_stay_in_multiline_only():
    assert clean("a\r\nb\n", multiline=True) == "a\nb\n"
    assert clean("a\r\nb\n") == "ab"


def test_hostile_row_03_progress_keeps_what_the_terminal_shows_last():
    assert clean("  1%\r 50%\r100%", progress=True) == "100%"
    assert clean("a\rb\r\nc\rd\n", progress=True, multiline=True) == "b\nd\n"
    assert last_overwrite("50%\r") == "50%"


def test_combining_marks_are_cut():
    assert clean("e" + "\u0301" * 50 + "x") == "e" + "\u0301" * 8 + "x"
    assert clean("漢" * 30) == "漢" * 30
    zalgo = clean("e" + ("\u0301" * 8 + "\x1b[31m") * 5 + "x", keep_sgr=True)
    assert zalgo.count("\u0301") == 8


def test_colours_stay_on_request_and_are_closed():
    text = "\x1b[1;31mred\x1b[2J\x1b]52;c;x\x07\x9b32mgreen"
    assert clean(text, keep_sgr=True) == "\x1b[1;31mred\x1b[32mgreen\x1b[0m"
    assert clean("\x1b[31mred\x1b[0m", keep_sgr=True) == "\x1b[31mred\x1b[0m"
    assert clean("\x1b[>4;2m\x1b[?1m", keep_sgr=True) == ""


def test_hostile_row_03_limit_counts_what_is_left_out():
    text = clean("x" * 1000, limit=50)
    left = int(re.search(r"\(\+(\d+)\)$", text)[1])
    assert len(text) == 50
    assert text.count("x") + left == 1000
    coloured = clean("\x1b[31m" + "x" * 1000, limit=50, keep_sgr=True)
    assert coloured == "\x1b[31m" + text + "\x1b[0m"
    assert clean("abcdef", limit=3) == "abc"


@given(
    hostile_text,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([3, 7, 8, 12, 40, 4000]),
)
@settings(max_examples=600)
def test_laws(text, multiline, keep_sgr, progress, limit):
    keep = {"multiline": multiline, "keep_sgr": keep_sgr, "progress": progress, "limit": limit}
    cleaned = clean(text, **keep)
    assert clean(cleaned, **keep) == cleaned
    bare = re.sub(r"\x1b\[[0-9;:]{0,64}m", "", cleaned) if keep_sgr else cleaned
    assert not CONTROL.search(bare)
    assert not INVISIBLE.search(bare)
    assert multiline or "\n" not in bare
    assert len(bare) <= max(limit, 0)


def test_hostile_row_01_and_02_no_control_character_in_200_000_hostile_ones():
    generator = random.Random(7)
    text = "".join(generator.choices(HOSTILE, k=200_000))
    for kept in (clean(text, limit=10**9), clean(text, limit=10**9, multiline=True)):
        assert not CONTROL.search(kept)
        assert not INVISIBLE.search(kept)
        assert "\x1b" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[" + "1;" * 500_000,
        "\x1b[" * 500_000,
        "\x1b]" * 500_000,
        "\x1b]" + "a" * 1_000_000,
        "\x1b" + " " * 1_000_000,
        "\x9d\x1b" * 500_000,
        "e" + "\u0301" * 1_000_000,
        "\u0301" * 8 + ("a" + "\u0301" * 8) * 110_000,
        "\x1b[31m\u0301" * 160_000,
        "\r" * 1_000_000,
    ],
    ids=range(10),
)
def test_a_megabyte_is_cleaned_in_bounded_time(text):
    started = time.process_time()
    clean(text, keep_sgr=True)
    clean(text, multiline=True, progress=True)
    assert time.process_time() - started < 8.0


@pytest.mark.parametrize("odd", "\u202e\u2066\u200b\u200f\ufeff\u2028\u00ad\U000e0041\ud800")
def test_hostile_row_04_invisible_characters_are_shown_as_such(odd):
    assert clean(f"nu{odd}mpy") == "nu\ufffdmpy"


def test_hostile_row_04_odd_characters_are_named():
    assert describe_characters("numpy-1.2_3") == ""
    assert (
        describe_characters("n\u0443mpy\u200b")
        == "U+0443 CYRILLIC SMALL LETTER U, U+200B ZERO WIDTH SPACE"
    )
    assert describe_characters("\x1b") == "U+001B CONTROL"
