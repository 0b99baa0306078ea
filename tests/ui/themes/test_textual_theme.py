"""A theme in a running app: it is registered, shown, and styles of rows follow it."""

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import DataTable, Input, OptionList, Static, TextArea

from envbench.ui.ink import ROLES
from envbench.ui.ink_styles import InkStyles
from envbench.ui.themes.finding import find_folders
from envbench.ui.themes.listing import list_themes
from envbench.ui.themes.textual_theme import to_textual
from tests.ui.waiting import wait_for


@pytest.fixture(scope="module")
def themes(tmp_path_factory):
    return list_themes(find_folders(tmp_path_factory.mktemp("home") / "config.toml"))[0]


class Sample(App[None]):
    CSS = "#row { background: $background; color: $ink-dim; border: solid $border-blurred; }"

    def __init__(self, themes) -> None:
        super().__init__()
        for theme in themes:
            self.register_theme(to_textual(theme))
        self.theme = themes[0].name

    def compose(self) -> ComposeResult:
        yield Static("row", id="row")
        yield OptionList("a", "b")
        yield Input("x")
        yield TextArea("x")
        yield DataTable()


async def test_every_theme_is_shown_by_a_running_app(themes):
    app = Sample(themes)
    async with app.run_test() as pilot:
        for theme in themes:
            app.theme = theme.name
            background = Color.parse(theme.colors["background"])
            await wait_for(pilot, lambda back=background: app.screen.styles.background == back)
            styles = InkStyles.of(app.query_one("#row"))
            ink = theme.ink_colours()
            for role in set(ROLES) - {"cursor"}:
                assert styles.plain[role].color == Color.parse(ink[role]).rich_color
                if not theme.ansi and not theme.ink.get("cursor-text"):
                    assert styles.focused[role].color == styles.plain[role].color
            assert app.query_one("#row").styles.color == Color.parse(ink["dim"])
            assert app.native_ansi_color == theme.ansi


async def test_the_terminals_own_colours_mark_the_row_of_a_list_without_colour_too(themes):
    app = Sample(themes)
    async with app.run_test() as pilot:
        app.theme = "sixteen"
        await wait_for(pilot, lambda: app.native_ansi_color and app.screen.styles.background.ansi)
        options = app.query_one(OptionList)
        for focused in (True, False):
            app.set_focus(options if focused else None)
            await wait_for(pilot, lambda want=focused: options.has_focus == want)
            style = options.get_visual_style("option-list--option-highlighted")
            assert style.underline
            assert bool(style.bold) == focused
