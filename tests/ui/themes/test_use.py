"""Themes on an app: right from the first paint, changed at once, never by a broken file."""

import os
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Static

from envbench.ui.themes.finding import DEFAULT_THEME, find_folders
from envbench.ui.themes.use import begin_with_theme, use_theme
from tests.ui.waiting import wait_for

EMBER = find_folders(Path("/nowhere/config.toml")).built_in / "ember.toml"


class Plain(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("x")


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        (None, {}, DEFAULT_THEME),
        ('theme = "ember"', {}, "ember"),
        ("offline = true\ntheme='fjord' # cold\n[pip]\nno_index = true", {}, "fjord"),
        ('[pip]\ntheme = "ember"', {}, DEFAULT_THEME),
        ('theme = "ember"', {"ENVBENCH_THEME": "parchment"}, "parchment"),
        ('# theme = "ember"', {"TERM": "linux"}, "sixteen"),
        ("", {"NO_COLOR": "1"}, "sixteen"),
        ('theme = "\xff"', {}, DEFAULT_THEME),
    ],
)
def test_the_first_theme_is_that_of_the_settings(tmp_path, settings, environ, expected):
    config = tmp_path / "config.toml"
    if settings is not None:
        config.write_text(settings, encoding="latin-1")
    app = Plain()
    assert begin_with_theme(app, environ, config) == ""
    assert app.theme == expected


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to(path)])
def test_no_settings_file_keeps_the_screen_waiting(tmp_path, make):
    make(tmp_path / "config.toml")
    app = Plain()
    assert begin_with_theme(app, {}, tmp_path / "config.toml") == ""
    assert app.theme == DEFAULT_THEME


@pytest.mark.parametrize(
    ("name", "reason"), [("embr", "did you mean ember?"), ("\x1b[2J../x", "there is no theme")]
)
def test_the_reason_is_said_when_it_cannot_be_had(tmp_path, name, reason):
    app = Plain()
    said = begin_with_theme(app, {"ENVBENCH_THEME": name}, tmp_path / "config.toml")
    assert reason in said
    assert said.isprintable()
    assert app.theme == DEFAULT_THEME


async def test_a_running_app_changes_at_once_and_not_by_a_broken_file(tmp_path):
    folders = find_folders(tmp_path / "config.toml")
    folders.user.mkdir()
    text = EMBER.read_text(encoding="utf-8").replace('"ember"', '"mine"')
    mine = folders.user / "mine.toml"
    app = Plain()
    begin_with_theme(app, {}, tmp_path / "config.toml")
    async with app.run_test() as pilot:

        async def sees(colour: str) -> None:
            back = Color.parse(colour)
            await wait_for(pilot, lambda: app.screen.styles.background == back)

        await sees("#14171b")
        mine.write_text(text, encoding="utf-8")
        assert use_theme(app, "mine", folders) == ""
        await sees("#1b1715")
        mine.write_text(text.replace("#1b1715", "#0b0705"), encoding="utf-8")
        assert use_theme(app, "mine", folders) == ""
        await sees("#0b0705")
        mine.write_text(text.replace("#1b1715", "black"), encoding="utf-8")
        assert "colors.background: 'black' is no colour" in use_theme(app, "mine", folders)
        await sees("#0b0705")
        mine.write_text(text.replace("#e6d9c8", "#5a5048"), encoding="utf-8")
        assert "contrast on the background is" in use_theme(app, "mine", folders)
        assert use_theme(app, "", folders) == ""
        await wait_for(pilot, lambda: app.theme in {DEFAULT_THEME, "sixteen"})
