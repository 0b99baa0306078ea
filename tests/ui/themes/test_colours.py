"""Arithmetic of colours, against figures known from elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color

from envbench.ui.themes.colours import contrast, mix, parse_hex

hexes = st.from_regex(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#14171b", (20, 23, 27)),
        ("#FfF", (255, 255, 255)),
        ("#12345", None),
        ("red", None),
        ("#12345678", None),
        ("", None),
        ("#١٢٣", None),
    ],
)
def test_parse_hex(text, expected):
    assert parse_hex(text) == expected


@given(hexes)
def test_parse_hex_reads_what_textual_reads(text):
    assert parse_hex(text) == Color.parse(text).rgb


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast(first, second, ratio):
    assert contrast(first, second) == contrast(second, first) == pytest.approx(ratio, abs=0.01)


def test_contrast_refuses_other_colours():
    with pytest.raises(ValueError, match="hex"):
        contrast("ansi_red", "#ffffff")


@given(hexes, hexes)
def test_mix_goes_from_one_to_the_other(first, second):
    assert parse_hex(mix(first, second, 0)) == parse_hex(first)
    assert parse_hex(mix(first, second, 1)) == parse_hex(second)
    assert mix("ansi_red", second, 0.5) == "ansi_red"
