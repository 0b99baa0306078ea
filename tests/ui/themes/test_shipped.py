"""The themes that come with envbench: complete, readable, and told apart by every eye."""

from itertools import combinations
from pathlib import Path

import pytest
import textual.widgets
from textual.css.stylesheet import Stylesheet

from envbench.ui.ink import Role
from envbench.ui.themes.checking import check_contrast, ratios
from envbench.ui.themes.finding import DEFAULT_THEME, MAX_FILE_BYTES, TERMINAL_THEME, find_folders
from envbench.ui.themes.reading import read_theme
from envbench.ui.themes.standard import STANDARD
from envbench.ui.themes.textual_theme import to_textual, variable_names
from envbench.ui.themes.theme_file import BUILT_IN, ThemeFile
from tests.ui.themes.eyes import MATRICES, distance, see

FOLDER = find_folders(Path("/nowhere/config.toml")).built_in
THEMES = {
    path.stem: read_theme(path.read_text(encoding="utf-8"), path.stem, BUILT_IN)
    for path in sorted(FOLDER.glob("*.toml"))
}
TRUE_COLOUR = [name for name, reading in THEMES.items() if not reading.theme.ansi]
SEVERITIES = [Role.OK, Role.WARNING, Role.ERROR]


def parse_style_sheets(variables: dict[str, str]) -> None:
    """Parse the style sheets of all widgets of Textual, as an app would."""
    sheet = Stylesheet(variables=variables)
    seen: set[type] = set()
    for name in textual.widgets.__all__:
        for kind in getattr(textual.widgets, name).__mro__:
            if kind not in seen and (css := kind.__dict__.get("DEFAULT_CSS")):
                seen.add(kind)
                sheet.add_source(css, read_from=(kind.__name__, ""), is_default_css=True)
    sheet.parse()


def test_there_are_enough_and_the_important_ones():
    assert len(THEMES) >= 7
    assert {DEFAULT_THEME, TERMINAL_THEME, "high-contrast", "colour-blind"} < set(THEMES)


@pytest.mark.parametrize("name", THEMES)
def test_each_is_without_fault_and_small(name):
    theme, faults = THEMES[name]
    assert not faults
    assert not check_contrast(theme)
    assert theme.description
    assert (FOLDER / f"{name}.toml").stat().st_size < MAX_FILE_BYTES / 10


def test_the_default_one_in_python_is_the_one_on_disk():
    assert THEMES[DEFAULT_THEME].theme == STANDARD


@pytest.mark.parametrize("name", TRUE_COLOUR)
def test_text_is_readable_on_every_background(name):
    text, faint = (7.0, 7.0) if name == "high-contrast" else (4.5, 3.0)
    for role, place, ratio in ratios(THEMES[name].theme):
        assert ratio >= (faint if role == Role.FAINT else text), f"{role} on {place}: {ratio:.2f}"


@pytest.mark.parametrize("name", TRUE_COLOUR)
def test_the_cursor_row_is_seen(name):
    theme: ThemeFile = THEMES[name].theme
    ink = theme.ink_colours()
    back, row, blurred = theme.colors["background"], ink["cursor-row"], ink["cursor-row-blurred"]
    assert distance(back, row, "normal") > 9
    assert distance(back, blurred, "normal") > 4
    assert distance(row, blurred, "normal") > 4


@pytest.mark.parametrize("eyes", MATRICES)
def test_severities_of_the_colour_blind_theme_differ_in_hue_and_lightness(eyes):
    ink = THEMES["colour-blind"].theme.ink_colours()
    for first, second in combinations(SEVERITIES, 2):
        assert distance(ink[first], ink[second], eyes) > 25
        assert abs(see(ink[first], eyes)[0] - see(ink[second], eyes)[0]) > 8
    for role in SEVERITIES:
        assert distance(ink[role], ink[Role.TEXT], eyes) > 20


@pytest.mark.parametrize("name", TRUE_COLOUR)
def test_severities_differ_for_most_eyes_in_every_theme(name):
    ink = THEMES[name].theme.ink_colours()
    for first, second in combinations((*SEVERITIES, Role.TEXT), 2):
        assert distance(ink[first], ink[second], "normal") > 25


@pytest.mark.parametrize("name", THEMES)
def test_each_can_be_shown(name):
    shown = to_textual(THEMES[name].theme)
    assert shown.name == name
    variables = {**shown.to_color_system().generate(), **shown.variables}
    parse_style_sheets(variables)
    assert variable_names() <= set(variables)
    assert {"ink-dim", "ink-cursor-row", "ink-cursor-text"} < set(variables)


@pytest.mark.parametrize("colour", ["#abc", "#12345678", "transparent"])
@pytest.mark.parametrize("style", ["none", "bold", "dim italic underline strike reverse"])
def test_no_variable_that_is_accepted_keeps_the_app_from_starting(colour, style):
    text = (FOLDER / "ember.toml").read_text(encoding="utf-8")
    base = read_theme(text, "ember", BUILT_IN).theme.colors
    for name in sorted(variable_names() - set(base) - {"panel", "boost"}):
        text += "[variables]\n" if "[variables]" not in text else ""
        text += f'{name} = "{style if "-style" in name else colour}"\n'
    theme, faults = read_theme(text, "ember", BUILT_IN)
    assert not faults
    shown = to_textual(theme)
    parse_style_sheets({**shown.to_color_system().generate(), **shown.variables})
