"""The last border: every way in which Textual renders text goes through it, and nothing gets by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import (
    DataTable,
    Header,
    Input,
    Log,
    OptionList,
    RichLog,
    Static,
    TabbedContent,
    TabPane,
    TextArea,
    Tree,
)

from envbench.ui.terminal.output_filter import REPLACEMENT, install_filter, make_printable

BAD = "A\x1b]52;c;Q\x07B\x9b2J\u202eC\udc80\u200bD\x07\x7f\u2066E"
BLACK = Color(0, 0, 0)
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x00\x07\x1b\x7f\x85\x9b\u202e\u2066\u200b\u200d\ufeff\u115f\ud800\udc80\u3000é漢…│"
        ),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("numpy 1.26", "numpy 1.26"),
        ("\x1b[2Jx", "[2Jx"),
        ("a\udc80b", f"a{REPLACEMENT}b"),
        ("soft\u00adhyphen", f"soft{REPLACEMENT}hyphen"),
        ("a\u202eb", "ab"),
        ("a\u00a0b", "a b"),
        ("漢字 é", "漢字 é"),
    ],
)
def test_only_what_a_terminal_would_act_upon_is_replaced(text, shown):
    assert make_printable(text) == shown


def test_ascii_mode_keeps_the_cells():
    assert make_printable("► ● ○ ▲ ▼ ◄ … ─ │ █ é 漢\udc80", "ascii") == "> * o ! v < ~ - | # e ???"


@given(HOSTILE)
def test_whatever_comes_it_is_printable_and_as_wide(text):
    for glyphs in ("unicode", "ascii"):
        shown = make_printable(text, glyphs)
        assert shown.isprintable()
        assert cell_len(shown) == cell_len(text)
        assert make_printable(shown, glyphs) == shown
        if glyphs == "ascii":
            assert shown.isascii()


@given(st.lists(HOSTILE, max_size=5))
def test_segments_keep_their_styles_and_lose_control_codes(texts):
    border = install_filter(App())
    style = Style(bold=True)
    segments = border.apply([Segment(text, style) for text in texts], BLACK)
    assert [segment.style for segment in segments] == [style] * len(texts)
    assert all(segment.text.isprintable() and not segment.control for segment in segments)


def test_a_link_that_is_not_plain_is_taken_away():
    border = install_filter(App())
    bad, good = Style(link="http://x/\x1b]0;owned\x07"), Style(link="https://example.org/a?b=1")
    out = border.apply([Segment("a", bad), Segment("b", good)], BLACK)
    assert out[0].style.link is None
    assert out[1].style.link == "https://example.org/a?b=1"


class EverythingApp(App[None]):
    """Shows hostile text in every way that Textual has."""

    CSS = """
    #box { border: round white; height: 8; }
    TabbedContent { height: 6; }
    DataTable, Tree, OptionList, RichLog, Log, TextArea { height: 4; }
    """
    TITLE = f"title{BAD}"
    TOOLTIP_DELAY = 0.01

    def compose(self):
        yield Header()
        static = Static(Content(f"static{BAD}"), id="static")
        static.tooltip = Content(f"tooltip{BAD}")
        with Vertical(id="box") as box:
            yield Static(Text(f"text{BAD}"))
            yield static
        box.border_title = Content(f"bordertitle{BAD}")
        box.border_subtitle = Content(f"bordersub{BAD}")
        yield DataTable()
        yield Tree(Text(f"tree{BAD}"))
        yield OptionList(Content(f"option{BAD}"))
        yield TextArea(f"area{BAD}")
        yield Input(f"input{BAD}", placeholder=BAD)
        yield Log()
        yield RichLog()
        with TabbedContent():
            yield TabPane(Content(f"tab{BAD}"), Static(Content(BAD)))

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_column(Text(f"column{BAD}"))
        table.add_row(Text(f"cell{BAD}"), label=Text(f"label{BAD}"))
        self.query_one(Log).write_line(f"log{BAD}")
        self.query_one(RichLog).write(Text(f"richlog{BAD}"))
        self.notify(f"toast{BAD}", title=f"toasttitle{BAD}", markup=False, timeout=60)


def written_lines(app):
    return [
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()
    ]


async def wait_until(pilot, condition):
    for _ in range(200):
        if condition():
            return
        await pilot.pause(0.01)
    shown = "\n".join(written_lines(pilot.app))
    raise AssertionError(shown + f"\nmissing: {[w for w in WAYS if w not in shown]}")


WAYS = [
    *("static", "text", "bordertitle", "bordersub", "column", "label", "cell", "tree", "option"),
    *("area", "input", "log", "richlog", "tab", "toast", "toasttitle", "title", "tooltip"),
]


@pytest.mark.parametrize("glyphs", ["unicode", "ascii"])
async def test_all_that_textual_renders_goes_through_it(glyphs):
    app = EverythingApp()
    install_filter(app, glyphs)
    async with app.run_test(size=(100, 70), notifications=True, tooltips=True) as pilot:
        await pilot.hover("#static")
        await wait_until(pilot, lambda: all(w in "".join(written_lines(app)) for w in WAYS))
        lines = written_lines(app)
    assert all(line.isprintable() for line in lines), [x for x in lines if not x.isprintable()]
    assert len({cell_len(line) for line in lines}) == 1
    if glyphs == "ascii":
        assert all(line.isascii() for line in lines)


class CountingFilter(LineFilter):
    """Remembers the texts that passed."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def apply(self, segments, background):
        self.seen += [segment.text for segment in segments]
        return segments


async def test_textual_still_reads_the_list_that_the_filter_is_added_to():
    app = EverythingApp()
    counting = CountingFilter()
    app._filters.append(counting)
    async with app.run_test(size=(100, 70)) as pilot:
        await wait_until(pilot, lambda: any("static" in text for text in counting.seen))
