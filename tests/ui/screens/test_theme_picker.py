# ruff: noqa: RUF001 - the marks are those of the screen
"""Choosing colours while looking at them."""

import pytest
from textual.app import App, ComposeResult

from envbench.ui.screens.theme_picker import ThemePicker, describe_picker
from envbench.ui.themes.listing import ThemeRow
from envbench.ui.themes.use import use_theme
from envbench.ui.widgets.row_pane import RowPane
from tests.ui.panels.showing import WIDTHS, assert_fits, text_of
from tests.ui.waiting import screen_text, wait_for

STANDARD = ThemeRow("workbench", "Workbench", "calm greys", "built-in", "", True)
BROKEN = ThemeRow("mine", "mine", "", "yours", "mine.toml: accent: no colour", False)
FAINT = ThemeRow("pale", "Pale", "light", "yours", "dim text is hard to read", True)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_too_wide(width):
    assert_fits(describe_picker((STANDARD, BROKEN, FAINT), "/home/me/themes", "pale", width), width)


def test_broken_themes_say_what_is_wrong_with_them():
    shown = text_of(describe_picker((STANDARD, BROKEN, FAINT), "/home/me/themes", "pale", 96))
    assert "× mine yours × mine.toml: accent: no colour" in shown
    assert "► Pale" in shown
    assert "▲ dim text is hard to read" in shown
    assert "one .toml file each in /home/me/themes" in shown


class PickerApp(App[None]):
    """An app with a theme of ours, and the promises that the picker needs."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.begun: list[str] = []

    def compose(self) -> ComposeResult:
        yield RowPane(id="behind")

    def on_mount(self) -> None:
        use_theme(self, "")

    def tell(self, text: str, severity: str = "info") -> None:
        self.said.append(text)

    def begin(self, name, work) -> None:
        self.begun.append(f"{name} {work.cr_frame.f_locals['name']}")
        work.close()


@pytest.fixture
def themes(tmp_path, monkeypatch):
    """A configuration of one's own with a broken theme in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "ENVBENCH_THEME"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "config" / "envbench" / "themes"
    folder.mkdir(parents=True)
    (folder / "zz-broken.toml").write_text("accent = 'no colour'\n")
    return folder


async def open_picker(pilot):
    app = pilot.app
    picker = ThemePicker(app.theme)
    await app.push_screen(picker)
    await wait_for(pilot, lambda: picker.pane.selected == f"theme:{app.theme}")
    return picker


async def test_the_theme_under_the_cursor_is_put_on_and_esc_goes_back(themes):
    async with PickerApp().run_test(size=(100, 30)) as pilot:
        before = pilot.app.theme
        await open_picker(pilot)
        await pilot.press("down")
        await wait_for(pilot, lambda: pilot.app.theme != before)
        await pilot.press("escape")
        await wait_for(pilot, lambda: not isinstance(pilot.app.screen, ThemePicker))
        assert pilot.app.theme == before
        assert pilot.app.begun == []


async def test_enter_keeps_the_theme(themes):
    async with PickerApp().run_test(size=(100, 30)) as pilot:
        picker = await open_picker(pilot)
        await pilot.press("down")
        chosen = picker.pane.selected.removeprefix("theme:")
        await pilot.press("enter")
        await wait_for(pilot, lambda: pilot.app.begun)
        assert pilot.app.begun == [f"theme {chosen}"]


async def test_a_broken_theme_is_listed_with_its_fault_and_cannot_be_kept(themes):
    async with PickerApp().run_test(size=(100, 30)) as pilot:
        before = pilot.app.theme
        picker = await open_picker(pilot)
        await pilot.press("end")
        await wait_for(pilot, lambda: picker.pane.selected == "theme:zz-broken")
        assert "× zz-broken" in screen_text(pilot.app)
        # The folder may be too long for one line.
        shown = "".join(screen_text(pilot.app).replace("│", " ").split())
        assert str(themes) in shown
        await pilot.press("enter")
        await wait_for(pilot, lambda: pilot.app.said)
        assert "zz-broken cannot be used" in pilot.app.said[0]
        assert isinstance(pilot.app.screen, ThemePicker)
        await pilot.press("escape")
        await wait_for(pilot, lambda: not isinstance(pilot.app.screen, ThemePicker))
        assert pilot.app.theme == before
