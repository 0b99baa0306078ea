"""Roles become styles: by colour, by attribute where there are no colours, and fast."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.color import Color
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES
from textual.widget import Widget

from envbench.ui.ink import ROLES, Piece, ink
from envbench.ui.ink_styles import InkStyles, make_styles, to_strip
from envbench.ui.themes.ink_colours import ink_variables

DARK = (
    ("foreground", "#d5d8dd"),
    ("background", "#14161a"),
    ("accent", "#78b4e0"),
    ("error", "#f0787a"),
    ("ink-cursor-row", "#203040"),
)
ANSI = (("foreground", "ansi_default"), ("background", "ansi_default"), ("error", "ansi_red"))
BLACK, TERMINAL = Color.parse("#14161a"), Color.parse("ansi_default")
LINE = ink(("● ", "ok"), ("ai_dev_env", "bold"), " g4 ", ("drift", "warning"), ("2 h", "dim"))
STATES = [(False, False), (True, False), (True, True)]


def look(strip: Strip) -> set[str]:
    return {str(segment.style) for segment in strip}


@pytest.mark.parametrize(("cursor", "focused"), STATES)
@pytest.mark.parametrize("styles", [make_styles(DARK, BLACK), make_styles(ANSI, TERMINAL)])
def test_a_strip_has_exactly_the_width_and_a_style_everywhere(styles, cursor, focused):
    for width in (0, 1, 7, 24, 25, 80):
        strip = to_strip(LINE, width, styles, cursor=cursor, focused=focused)
        assert strip.cell_length == width == sum(cell_len(part.text) for part in strip)
        assert all(part.style is not None for part in strip)
    assert to_strip(LINE, -3, styles).cell_length == 0 == to_strip((), -1, styles).cell_length


@given(st.lists(st.builds(Piece, st.text(), st.sampled_from((*ROLES, "odd")))), st.integers(0, 30))
def test_any_text_gives_the_width_and_no_control(pieces, width):
    strip = to_strip(tuple(pieces), width, make_styles(DARK, BLACK))
    assert sum(cell_len(part.text) for part in strip) == width
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in strip.text)


def test_colours_come_from_the_theme_and_the_background_from_the_widget():
    styles = make_styles(DARK, Color.parse("#202020"))
    assert str(styles.plain["error"]) == "#f0787a on #202020"
    assert str(styles.focused["error"]) == "#f0787a on #203040"
    assert str(styles.plain["cursor"]) == "#202020 on #78b4e0"
    assert str(styles.rich("error")) == "#f0787a"
    assert str(styles.rich("no such role")) == "#d5d8dd"


def test_one_colour_for_the_whole_cursor_row_where_the_theme_wants_it():
    styles = make_styles((*DARK, ("ink-cursor-text", "#000000")), BLACK)
    assert str(styles.focused["error"]) == "#000000 on #203040"
    usual = make_styles((*DARK, ("ink-cursor-text", "#d5d8dd")), BLACK)
    assert str(usual.focused["error"]) == "#f0787a on #203040"
    assert str(styles.blurred["error"]).startswith("#f0787a")


@pytest.mark.parametrize(
    "styles",
    [
        make_styles(ANSI, TERMINAL),
        make_styles(ANSI, TERMINAL, no_color=True),
        make_styles(DARK, BLACK, no_color=True),
    ],
)
def test_attributes_alone_tell_the_cursor_row_and_the_focus(styles):
    def attributes(cursor: bool, focused: bool) -> set[tuple[bool, ...]]:
        strip = to_strip(ink("text", ("x", "error")), 20, styles, cursor=cursor, focused=focused)
        return {(bool(p.style.reverse), bool(p.style.underline)) for p in strip if p.style}

    assert attributes(False, False) == {(False, False)}
    assert attributes(True, False) == {(False, True)}
    assert attributes(True, True) == {(True, False)}
    assert styles.plain["cursor"].reverse
    assert not styles.focused["cursor"].reverse


def test_no_colour_is_left_when_the_user_wants_none():
    styles = make_styles(ANSI, TERMINAL, no_color=True)
    colours = {style.color.name for style in styles.plain.values() if style.color}
    assert colours == {"default"}
    assert make_styles(ANSI, TERMINAL).plain["error"].color.number == 1


def test_styles_are_made_once_per_theme():
    assert make_styles(DARK, BLACK) is make_styles(DARK, BLACK)


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_of_textual_can_be_drawn(name):
    variables = BUILTIN_THEMES[name].to_color_system().generate()
    styles = make_styles(tuple(variables.items()), Color.parse(variables["background"]))
    assert set(styles.plain) == set(styles.focused) == set(styles.blurred) == set(ROLES)
    assert all(Color.parse(value) for value in ink_variables(variables).values())


class Rows(Widget):
    """Draws one row with the styles of its theme."""

    COMPONENT_CLASSES = InkStyles.COMPONENT_CLASSES

    def render_line(self, y: int) -> Strip:
        return to_strip(ink(("x", "error")), self.size.width, InkStyles.of(self))


class OneRow(App[None]):
    CSS = "Rows { background: #010203; height: 1; } Screen { color: $ink-dim; }"

    def compose(self) -> ComposeResult:
        yield Rows()

    def get_css_variables(self) -> dict[str, str]:
        found = super().get_css_variables()
        return {**ink_variables(found), **found}


async def test_a_widget_follows_the_theme_of_its_app():
    app = OneRow()
    async with app.run_test() as pilot:
        rows = app.query_one(Rows)
        await pilot.pause()
        assert "on #010203" in str(InkStyles.of(rows).plain["error"])
        before = InkStyles.of(rows).plain["error"].color
        app.theme = "nord"
        await pilot.pause()
        assert InkStyles.of(rows).plain["error"].color != before
        app.theme = "ansi-dark"
        await pilot.pause()
        assert InkStyles.of(rows).plain["error"].bold


@pytest.mark.bench
def test_cost_of_a_row(capsys):
    styles = make_styles(DARK, BLACK)
    begin = time.perf_counter()
    for _ in range(10_000):
        to_strip(LINE, 120, styles, cursor=True, focused=True)
    with capsys.disabled():
        print(f"a row: {(time.perf_counter() - begin) * 100:.1f} us")
