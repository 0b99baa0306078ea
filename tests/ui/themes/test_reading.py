"""Theme files: every mistake is named with line, key and remedy, and nothing crashes."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.ui.themes.finding import MAX_FILE_BYTES
from envbench.ui.themes.reading import MAX_FAULTS, read_theme
from envbench.ui.themes.textual_theme import to_textual

GOOD = """\
schema = "envbench.theme/1"
name = "mine"
title = "Mine"
dark = true

[colors]
foreground = "#ffffff"
background = "#000000"
accent = "#66aaff"
success = "#66ff88"
warning = "#ffcc44"
error = "#ff7766"
"""
ANSI = re.sub(r'"#\w+"', '"ansi_cyan"', GOOD.replace("dark = true", "dark = true\nansi = true"))


def faults_of(text: str) -> list[str]:
    return [str(fault) for fault in read_theme(text, "mine", "mine.toml").faults]


def test_a_good_theme_has_no_faults():
    theme, faults = read_theme(GOOD, "mine", "mine.toml")
    assert not faults
    assert (theme.name, theme.title, theme.dark, theme.ansi) == ("mine", "Mine", True, False)
    assert theme.colors["accent"] == "#66aaff"
    assert theme.ink_colours()["ok"] == "#66ff88"
    assert theme.source == "mine.toml"


def test_roles_and_variables_can_be_said():
    theme, faults = read_theme(
        GOOD + '[ink]\ndim = "#999"\n[variables]\nborder = "#ff0000aa"\nlink-style = "bold dim"\n',
        "mine",
        "mine.toml",
    )
    assert not faults
    assert theme.ink_colours()["dim"] == "#999"
    assert theme.variables == {"border": "#ff0000aa", "link-style": "bold dim"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('accent = "#66aaff"', 'acccent = "#66aaff"', "mine.toml:9: colors.acccent: no such key, so it is ignored (did you mean accent?)"),
        ('accent = "#66aaff"', "", "mine.toml:6: colors.accent: missing (add it under [colors])"),
        ("#66aaff", "blue", "mine.toml:9: colors.accent: 'blue' is no colour (write #rrggbb, such as #78b4e0)"),
        ("#66aaff", "ansi_blue", "mine.toml:9: colors.accent: 'ansi_blue' is no colour (write #rrggbb; the terminal's own colours need `ansi = true` in a theme)"),
        ('"#66aaff"', "7", "mine.toml:9: colors.accent: a number is no colour (colours are texts in quotes: '#78b4e0')"),
        ('"#66aaff"', "[1]", "mine.toml:9: colors.accent: a list is no colour (colours are texts in quotes: '#78b4e0')"),
        ('"#66aaff"', "1979-05-27", "mine.toml:9: colors.accent: a date is no colour (colours are texts in quotes: '#78b4e0')"),
        ("#66aaff", "\\u001b]52;c;x\\u0007\\u001b[31mred", "mine.toml:9: colors.accent: 'red' is no colour (write #rrggbb, such as #78b4e0)"),
        ("#66aaff", "[@click=app.quit]x[/]", "mine.toml:9: colors.accent: '[@click=app.quit]x[/]' is no colour (write #rrggbb, such as #78b4e0)"),
        ('"#66aaff"', '"#66aaff', "mine.toml:9: this is no valid TOML: illegal character '\\n' (texts stand in quotes: accent = '#78b4e0')"),
        ('dark = true', 'dark = "yes"', "mine.toml:4: dark: must be true or false, without quotes (write dark = true or dark = false at the top)"),
        ("dark = true\n", "", "mine.toml: dark: missing (write dark = true or dark = false at the top)"),
        ('"mine"', '"other"', "mine.toml:2: name: the file is called mine.toml but names itself other (rename the file to other.toml, or write name = 'mine')"),
        ('"mine"', '"../x"', "mine.toml:2: name: '../x' is no name (use small letters, digits and -)"),
        ("theme/1", "theme/2", "mine.toml:1: schema: this is not a theme of a kind that is read here (write schema = 'envbench.theme/1' in the first line)"),
        ('title = "Mine"\n', "", "mine.toml: title: missing (add title = '...' at the top)"),
        ('"Mine"', '"a\\nb"', "mine.toml:3: title: must be one line of text of at most 60 characters"),
        ('title = "Mine"', 'titel = "Mine"', "mine.toml:3: titel: no such key, so it is ignored (did you mean title?)"),
        ("[colors]", "[[colors]]", "mine.toml:6: colors: must be a table (begin it with a line [colors])"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_line_key_and_remedy(old, new, expected):
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    assert expected in [fault.replace("[colors:", "[") for fault in faults_of(text)]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ('[ink]\ndimm = "#999"', "mine.toml:14: ink.dimm: no such key, so it is ignored (did you mean dim?)"),
        ('[variables]\nbordr = "#999"', "mine.toml:14: variables.bordr: no such key, so it is ignored (did you mean border?)"),
        ('[variables]\nborder = "bold"', "mine.toml:14: variables.border: 'bold' does not fit (write #rrggbb, #rrggbbaa or transparent)"),
        ('[variables]\nlink-style = "#fff"', "mine.toml:14: variables.link-style: '#fff' does not fit (write none, or some of bold dim italic underline strike reverse)"),
        ('[variables]\nink-dim = "#fff"', "mine.toml:14: variables.ink-dim: '#fff' does not fit (colours of roles stand under [ink]: write dim there)"),
        ('[variables]\nprimary = "#fff"', "mine.toml:14: variables.primary: '#fff' does not fit (it is one of the main colours: write it under [colors])"),
        ('[variables]\nborder = 1', "mine.toml:14: variables.border: a number does not fit (write #rrggbb, #rrggbbaa or transparent)"),
        ('[variables]\n"a;}" = "#fff"', "mine.toml:14: variables.a;}: '#fff' does not fit (names of variables are small letters, digits and -)"),
    ],
)  # fmt: skip
def test_mistakes_in_the_other_tables(addition, expected):
    assert faults_of(f"{GOOD}{addition}\n") == [expected]


def test_an_empty_file_lacks_everything_and_says_each_thing_once():
    said = faults_of("")
    assert len(said) == len(set(said)) == 10
    assert said[0] == "mine.toml: schema: missing (add schema = '...' at the top)"


def test_a_theme_with_only_warnings_can_be_used():
    theme, faults = read_theme('more = "x"\n' + GOOD, "mine", "mine.toml")
    assert theme is not None
    assert [fault.is_error for fault in faults] == [False]


def test_the_terminals_own_colours():
    theme, faults = read_theme(ANSI, "mine", "mine.toml")
    assert theme.ansi
    assert not faults
    (fault,) = faults_of(ANSI + '[ink]\ncursor-row = "ansi_red"\n')
    assert "ink.cursor-row: no such key" in fault
    (fault,) = faults_of(ANSI.replace('"ansi_cyan"', '"#ffffff"', 1))
    assert "'#ffffff' is no colour (write one of ansi_default, ansi_black" in fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 15_000,
        "a = " + "[" * 7_000,
        "a = " + "9" * 16_000,
        "a." * 8_000 + "b = 1",
        "[" + " " * 16_000,
        '"' + "\\" * 16_000,
        " " * 16_000,
        "\n".join(f"k{i} = {i}" for i in range(1400)),
        GOOD + "[variables]\n" + "\n".join(f'v{i} = "#fff"' for i in range(1200)),
        GOOD + "[variables]\n" + "\n".join(f'"\x1b[{i}m" = "#fff"' for i in range(100)),
        GOOD.replace('"Mine"', '"' + "x" * 15_000 + '"'),
        GOOD.replace('"mine"', '"' + "x" * 15_000 + '"'),
        GOOD.replace('"#66aaff"', '"#' + "a" * 15_000 + '"'),
    ],
    ids=lambda text: repr(text[-20:]),
)
def test_hostile_files_give_few_clean_messages_soon(text):
    assert len(text) <= MAX_FILE_BYTES * 1.1
    begin = time.process_time()
    theme, faults = read_theme(text, "mine", "mine.toml")
    assert time.process_time() - begin < 3
    assert faults
    assert len(faults) <= MAX_FAULTS + 1
    assert all(str(fault).isprintable() and len(str(fault)) < 600 for fault in faults)
    assert (theme is None) == any(fault.is_error for fault in faults)


values = st.one_of(
    st.sampled_from(
        ['"#fff"', '"#12345678"', '"ansi_red"', "1", "true", "[]", '""', "{a = 1}", "nan"]
    ),
    st.text(max_size=8).map(repr),
)
lines = st.one_of(
    st.sampled_from(["[colors]", "[ink]", "[variables]", "[[ink]]", "# note", "dark = false", "ansi = true"]),
    st.builds("{} = {}".format, st.sampled_from(["accent", "dim", "border", "name", "x", '"é"', "ink.dim"]), values),
)  # fmt: skip


@given(st.lists(lines, max_size=8).map("\n".join) | st.text(max_size=80))
def test_whatever_follows_a_theme_it_is_read_or_refused_and_then_can_be_shown(addition):
    theme, faults = read_theme(f"{GOOD}{addition}\n", "mine", "mine.toml")
    assert (theme is None) == any(fault.is_error for fault in faults)
    if theme is not None:
        assert to_textual(theme).to_color_system().generate()


@given(st.integers(0, len(GOOD)), st.integers(0, 20), st.text(max_size=5))
def test_a_damaged_theme_is_read_or_refused(start, length, instead):
    text = GOOD[:start] + instead + GOOD[start + length :]
    theme, faults = read_theme(text, "mine", "mine.toml")
    assert (theme is None) == any(fault.is_error for fault in faults)
