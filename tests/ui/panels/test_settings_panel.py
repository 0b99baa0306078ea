# ruff: noqa: RUF001 - the marks are those of the screen
from dataclasses import replace

import pytest

from envbench.model.problem import Severity
from envbench.settings.values import SettingProblem
from envbench.ui.panels.settings_panel import describe_settings
from envbench.ui.state import SETTINGS, Fact, ScreenState
from envbench.workbench.preferences import SettingRow
from tests.ui.panels.showing import WIDTHS, assert_fits, lines_of, text_of

FILE = "/home/me/.config/envbench/config.toml"
THEME = SettingRow(
    key="theme", value="paper", source=FILE, meaning="colours of the screen",
    kind="the name of a theme", variable="ENVBENCH_THEME",
)  # fmt: skip
LINK = SettingRow(
    key="link", value="slow", source="ENVBENCH_LINK", meaning="how often the screen is drawn anew",
    kind="auto, fast or slow", variable="ENVBENCH_LINK",
)  # fmt: skip
INDEX = SettingRow(
    key="pip.index_url", value="null", source="default", meaning="the index", kind="a URL",
    variable="ENVBENCH_PIP_INDEX_URL", problem="must be text",
)  # fmt: skip
CONDA = SettingRow(key="conda.channels", value="conda-forge", source="/home/me/.condarc")
ROWS = (THEME, LINK, INDEX, CONDA)
WRONG = SettingProblem(FILE, "tehme", "no such key; did you mean theme?", line=3)
STATE = ScreenState(directory="/p", settings=Fact(ROWS))


def chosen(key, state=STATE):
    return replace(state, selected={SETTINGS: f"setting:{key}"})


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("key", ["", *(row.key for row in ROWS)])
def test_nothing_is_too_wide(width, key):
    assert_fits(describe_settings(replace(chosen(key), setting_problems=(WRONG,)), width), width)


def test_every_setting_with_its_value_and_source():
    heading, *lines = lines_of(describe_settings(STATE, 118))
    assert heading.split() == ["setting", "value", "from", "what", "it", "means"]
    assert lines[0].split()[:3] == ["theme", "paper", "config.toml"]
    assert lines[2].split()[:4] == ["pip.index_url", "▲", "-", "default"]
    assert [row.key for row in describe_settings(STATE, 118).rows] == [
        f"setting:{row.key}" for row in ROWS
    ]


def test_what_is_wrong_in_the_files_stands_above_all():
    error = SettingProblem(FILE, "", "this is no valid TOML", severity=Severity.ERROR)
    shown = describe_settings(replace(STATE, setting_problems=(WRONG, error)), 118)
    assert shown.badge == "2 wrong"
    _, first, second, *_ = lines_of(shown)
    assert first == f"▲ {FILE}:3: tehme: no such key; did you mean theme?"
    assert second == f"× {FILE}: this is no valid TOML"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("theme", "(ENVBENCH_THEME would override it)"),
        ("link", "(it counts before the settings file)"),
        ("pip.index_url", "▲ must be text; the default counts"),
        ("conda.channels", "(not envbench's own: change it there)"),
    ],
)
def test_the_one_under_the_cursor_is_explained(key, said):
    assert said in text_of(describe_settings(chosen(key), 118))


def test_before_without_and_with_an_old_answer():
    reading = ScreenState(directory="/p", settings=Fact(working="reading the settings"))
    assert text_of(describe_settings(reading, 60)) == "reading the settings"
    failed = ScreenState(directory="/p", settings=Fact(fault="no answer"))
    assert text_of(describe_settings(failed, 60)) == "× no answer"
    old = describe_settings(replace(STATE, settings=Fact(ROWS, fault="no answer")), 60)
    assert old.badge == "old"
    assert "× no answer" in text_of(old)
