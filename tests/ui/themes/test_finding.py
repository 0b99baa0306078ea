"""Finding themes: the user's win, broken ones fall back, nothing hangs, little is read at start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from envbench.model.errors import UsageError
from envbench.ui.themes.finding import (
    DEFAULT_THEME,
    MAX_FILE_BYTES,
    ThemeFolders,
    choose_theme,
    default_name,
    find_folders,
    load_theme,
)
from envbench.ui.themes.listing import describe_themes, list_themes
from envbench.ui.themes.standard import STANDARD
from envbench.ui.themes.theme_file import BUILT_IN

BUILT_IN_FOLDER = find_folders(Path("/nowhere/config.toml")).built_in
MINE = (BUILT_IN_FOLDER / "ember.toml").read_text(encoding="utf-8").replace('"ember"', '"mine"')


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "themes").mkdir()
    return find_folders(tmp_path / "config.toml")


def write(folders: ThemeFolders, name: str, text: str = MINE) -> Path:
    path = folders.user / f"{name}.toml"
    path.write_text(text.replace('"mine"', f'"{name}"'), encoding="utf-8")
    return path


def test_themes_lie_with_envbench_and_beside_the_settings(folders, tmp_path):
    assert folders.user == tmp_path / "themes"
    assert (folders.built_in / f"{DEFAULT_THEME}.toml").is_file()


def test_a_built_in_theme(folders):
    theme = load_theme("ember", folders)
    assert (theme.name, theme.source) == ("ember", BUILT_IN)
    assert choose_theme("ember", folders) == (theme, ())


def test_a_theme_of_the_user(folders):
    path = write(folders, "mine")
    assert load_theme("mine", folders).source == str(path)


def test_a_theme_of_the_user_replaces_a_built_in_one(folders):
    write(folders, DEFAULT_THEME)
    assert load_theme(DEFAULT_THEME, folders).title == "Ember"
    assert choose_theme("", folders)[0].title == "Ember"
    (row,) = [row for row in describe_themes(folders) if row.name == DEFAULT_THEME]
    assert row.source == "yours, replaces the built-in one"


def test_without_a_name_it_is_the_default_one(folders):
    assert choose_theme("", folders) == (STANDARD, ())


def test_an_unknown_name_says_what_there_is(folders):
    theme, faults = choose_theme("embr", folders)
    assert theme is STANDARD
    assert str(faults[0]).startswith("there is no theme 'embr' (did you mean ember? There are ")
    assert str(faults[1]) == "the theme envbench-dark is used instead"
    with pytest.raises(UsageError) as caught:
        load_theme("embr", folders)
    assert caught.value.why == "there is no theme 'embr'"


@pytest.mark.parametrize(
    "name", ["../ember", "/etc/passwd", "a\x00b", "\x1b[2J", "x" * 5000, "Ember", "ember.toml", " "]
)
def test_a_name_never_leads_out_of_the_folders(folders, name):
    theme, faults = choose_theme(name, folders)
    assert theme is STANDARD
    assert "there is no theme" in str(faults[0])
    assert all(str(fault).isprintable() and len(str(fault)) < 500 for fault in faults)


def test_a_broken_theme_falls_back_with_the_reason(folders):
    path = write(folders, "mine", MINE.replace("#f0ab62", "amber"))
    theme, faults = choose_theme("mine", folders)
    assert theme is STANDARD
    assert str(faults[0]).startswith(f"{path}:14: colors.accent: 'amber' is no colour")
    with pytest.raises(UsageError) as caught:
        load_theme("mine", folders)
    assert caught.value.where == f"{path}:14"
    assert caught.value.hint == "write #rrggbb, such as #78b4e0"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.mkdir(), "directory"),
        (os.mkfifo, "a named pipe"),
        (lambda path: path.symlink_to("nowhere"), "no such file"),
        (lambda path: path.symlink_to(path), "form a loop"),
        (lambda path: path.symlink_to("/dev/zero"), "a character device"),
        (lambda path: path.write_bytes(b"#" * (MAX_FILE_BYTES + 1)), "larger than"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "UTF-16"),
        (lambda path: path.write_bytes(b"\0"), "NUL byte"),
    ],
)
def test_what_is_no_text_file_falls_back_with_the_reason(folders, make, reason):
    make(folders.user / "mine.toml")
    theme, faults = choose_theme("mine", folders)
    assert theme is STANDARD
    assert reason in str(faults[0])
    rows = {row.name: row for row in describe_themes(folders)}
    assert not rows["mine"].is_usable
    assert reason in rows["mine"].fault


def test_a_folder_that_is_none_does_no_harm(tmp_path):
    for user in (tmp_path / "absent", tmp_path / "file" / "themes", tmp_path / "file"):
        (tmp_path / "file").touch()
        assert choose_theme("ember", ThemeFolders(BUILT_IN_FOLDER, user))[0].name == "ember"
    nothing = ThemeFolders(tmp_path / "absent", tmp_path / "absent")
    assert list_themes(nothing) == ((STANDARD,), ())
    assert choose_theme("ember", nothing)[0] is STANDARD


def test_the_list_has_all_and_says_what_is_wrong(folders):
    write(folders, "mine")
    write(folders, "pale", MINE.replace("#e6d9c8", "#5a5048"))
    write(folders, "broken", "name = 1")
    (folders.user / "My \x1b[31mTheme.toml").write_text(MINE)
    (folders.user / "notes.txt").write_text("not looked at")
    themes, faults = list_themes(folders)
    names = [theme.name for theme in themes]
    assert names[0] == DEFAULT_THEME
    assert {"mine", "pale", "sixteen"} < set(names)
    assert "broken" not in names
    assert all(str(fault).isprintable() for fault in faults)
    rows = {row.name: row for row in describe_themes(folders)}
    assert rows["mine"].source == "yours"
    assert rows["mine"].fault == ""
    assert rows["ember"].source == BUILT_IN
    assert "contrast on the background is" in rows["pale"].fault
    assert rows["pale"].is_usable
    assert not rows["broken"].is_usable
    assert "rename the file" in rows["My Theme"].fault


def test_a_theme_that_lies_about_being_dark_is_warned_of(folders):
    write(folders, "mine", MINE.replace("dark = true", "dark = false"))
    (row,) = [row for row in describe_themes(folders) if row.name == "mine"]
    assert "the background is darker than the text (write dark = true)" in row.fault


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, DEFAULT_THEME),
        ({"TERM": "linux"}, "sixteen"),
        ({"TERM": "vt100"}, "sixteen"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, DEFAULT_THEME),
        ({"NO_COLOR": "1", "TERM": "xterm-256color"}, "sixteen"),
        ({}, DEFAULT_THEME),
    ],
)
def test_the_theme_of_users_who_chose_none(environ, expected):
    assert default_name(environ) == expected


def test_the_default_theme_is_had_without_reading_or_parsing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from envbench.ui.themes.finding import *;"
        f"choose_theme('', find_folders(Path({str(tmp_path)!r}) / 'config.toml'));"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"tomllib", "difflib", "secrets", "textual", "envbench.files"}.intersection(loaded)
