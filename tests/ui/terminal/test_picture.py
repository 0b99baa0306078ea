"""Whatever is drawn in whatever pieces: the terminal shows what Textual's own bytes would show."""

import io
import itertools

import pyte
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from envbench.ui.terminal.looks import PLAIN, Looks, split_codes
from envbench.ui.terminal.picture import DrawnUpdate, Picture

COLUMNS, ROWS = 24, 5
SIZE = (COLUMNS, ROWS)

STYLES = [
    None,
    Style.parse("red on #101010"),
    Style.parse("bold red on #101010"),
    Style.parse("#aabbcc on #101010"),
    Style.parse("white on blue"),
    Style.parse("reverse"),
    Style.parse("underline #aabbcc"),
    Style.parse("bold"),
    Style.parse("on #000000"),
]
CONSOLE = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")

texts = st.text(alphabet="ab ─│►é…  ", max_size=10) | st.sampled_from(["日本", "a日b", "  "])
segments = st.tuples(texts, st.sampled_from(STYLES)).map(lambda pair: Segment(*pair))
lines = st.lists(segments, max_size=6).map(lambda parts: fit(Strip(parts), COLUMNS))
pictures = st.lists(lines, min_size=ROWS, max_size=ROWS)
regions = st.builds(
    lambda x, y, w, h: Region(x, y, min(w, COLUMNS - x), min(h, ROWS - y)),
    st.integers(0, COLUMNS - 1),
    st.integers(0, ROWS - 1),
    st.integers(1, COLUMNS),
    st.integers(1, ROWS),
)


def fit(strip: Strip, width: int) -> Strip:
    return strip.adjust_cell_length(width)


def make_partial(picture: list[Strip], region: Region) -> ChopsUpdate:
    """Make an update of one region, cut at its edges as the compositor does."""
    cuts = sorted({0, region.x, region.right, COLUMNS})
    chops, ends, spans = [], [], []
    for y, strip in enumerate(picture):
        inside = region.y <= y < region.bottom
        chops.append(
            {
                start: strip.crop(start, end)
                if inside and region.x <= start < region.right
                else None
                for start, end in itertools.pairwise(cuts)
            }
        )
        ends.append(cuts[1:])
        if inside:
            spans.append((y, region.x, region.right))
    return ChopsUpdate(chops, spans, ends)


def show(screen: pyte.Screen) -> list[list[tuple]]:
    """Give what is seen: the ink of a blank is not."""
    seen = []
    for y in range(ROWS):
        row = []
        for x in range(COLUMNS):
            cell = screen.buffer[y][x]
            look = (cell.bg, cell.underscore, cell.reverse)
            ink = (
                ()
                if cell.data == " " and not (cell.reverse or cell.underscore)
                else (cell.fg, cell.bold)
            )
            row.append((cell.data, look, ink))
        seen.append(row)
    return seen


class Both:
    """Two terminals: one is written to as Textual would, the other what a `Picture` gives."""

    def __init__(self, console: Console) -> None:
        self.console, self.picture = console, Picture()
        self.theirs, self.ours = pyte.Screen(*SIZE), pyte.Screen(*SIZE)
        self.streams = [pyte.Stream(self.theirs), pyte.Stream(self.ours)]
        self.sent = 0

    def draw(self, make) -> str:
        self.streams[0].feed(make().render_segments(self.console).replace("\n", ""))
        sequence = self.picture.draw(make(), self.console, SIZE)
        self.streams[1].feed(sequence)
        assert show(self.ours) == show(self.theirs)
        return sequence


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(pictures, st.lists(st.tuples(pictures, regions | st.none(), st.booleans()), max_size=4))
def test_the_terminal_shows_what_textual_would_have_written(first, steps):
    both = Both(CONSOLE)
    both.draw(lambda: layout(first))
    for picture, region, is_forgotten in steps:
        if is_forgotten:
            both.picture.forget()
        if region is None or is_forgotten:
            both.draw(lambda p=picture: layout(p))
        else:
            both.draw(lambda p=picture, r=region: make_partial(p, r))


def layout(picture: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[strip] for strip in picture], Region(0, 0, *SIZE))


def plain(*rows: str) -> list[Strip]:
    filled = (*rows, *[""] * (ROWS - len(rows)))
    return [fit(Strip([Segment(row, STYLES[1])]), COLUMNS) for row in filled]


def test_what_is_there_is_not_written_again():
    both = Both(CONSOLE)
    assert both.draw(lambda: layout(plain("one", "two")))
    assert both.draw(lambda: layout(plain("one", "two"))) == ""
    assert both.draw(lambda: make_partial(plain("one", "two"), Region(1, 0, 8, 2))) == ""


def test_only_the_cells_that_differ_are_written():
    both = Both(CONSOLE)
    both.draw(lambda: layout(plain("key 1", "two")))
    sequence = both.draw(lambda: layout(plain("key 2", "two")))
    assert sequence == "\x1b[1;5H\x1b[31;48;2;16;16;16m2\x1b[39;49m"


@pytest.mark.parametrize("colors", ["256", "standard"])
def test_terminals_with_fewer_colours_get_their_own(colors):
    console = Console(file=io.StringIO(), force_terminal=True, color_system=colors)
    # A style of its own: styles remember the codes of the first terminal that they were drawn on.
    style = Style(color="#aabbcc", bgcolor="#101010")
    strip = fit(Strip([Segment("one", style)]), COLUMNS)
    empty = Strip([Segment(" " * COLUMNS)])
    Both(console).draw(lambda: layout([strip, empty, empty, empty, empty]))


def test_a_wide_character_makes_its_row_unknown():
    both = Both(CONSOLE)
    both.draw(lambda: layout(plain("日本 one", "two")))
    again = both.draw(lambda: layout(plain("日本 one", "two")))
    assert "日本 one" in again
    assert "two" not in again


def test_after_forgetting_all_is_written():
    both = Both(CONSOLE)
    first = both.draw(lambda: layout(plain("one")))
    both.picture.forget()
    assert both.draw(lambda: layout(plain("one"))) == first


def test_another_size_is_written_whole():
    picture, console = Picture(), CONSOLE
    picture.draw(layout(plain("one")), console, SIZE)
    assert "one" in picture.draw(layout(plain("one")), console, (COLUMNS + 1, ROWS))


def test_updates_of_other_kinds_are_left_alone():
    picture, console = Picture(), CONSOLE
    assert picture.draw(InlineUpdate([]), console, SIZE) is None
    assert DrawnUpdate("x").render_segments(console) == "x"


def test_links_are_written_as_they_are():
    style = Style.parse("red link http://example.org")
    rows = [fit(Strip([Segment("one", style)]), COLUMNS), *plain()[1:]]
    both = Both(CONSOLE)
    sequence = both.picture.draw(layout(rows), both.console, SIZE)
    assert "http://example.org" in sequence


@pytest.mark.parametrize(
    ("codes", "parts"),
    [
        ("", ("", "", "")),
        ("1;31;44", ("1", "31", "44")),
        ("3;4;38;2;1;2;3;48;5;7", ("3;4", "38;2;1;2;3", "48;5;7")),
        ("97;107", ("", "97", "107")),
        ("39;49", ("", "39", "49")),
        ("21;53", ("21;53", "", "")),
        ("9", ("9", "", "")),
    ],
)
def test_codes_are_split(codes, parts):
    assert split_codes(codes) == parts


def test_looks_are_few_however_many_styles_there_are():
    looks = Looks()
    colors = CONSOLE._color_system
    numbers = {
        looks.find(Style.parse("red") + Style.from_meta({"at": n}), colors) for n in range(5000)
    }
    assert len(numbers) == 1
    assert looks.find(None, colors) == PLAIN
    assert looks.go(PLAIN, PLAIN) == ""
