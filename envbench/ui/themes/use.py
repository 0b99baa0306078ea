"""Puts a theme on the app: at its start, and when the user chooses another."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App

from envbench.settings.glance import glance_at
from envbench.ui.themes.finding import (
    TERMINAL_THEME,
    ThemeFolders,
    choose_theme,
    default_name,
    find_folders,
    read_named,
)
from envbench.ui.themes.textual_theme import to_textual
from envbench.ui.themes.theme_file import ThemeFile


def begin_with_theme(app: App[Any], environ: Mapping[str, str], config_file: Path) -> str:
    """Put a theme on the app before its first paint.

    Spares the user a change of colours when the settings arrive, which are read after that paint.

    Args:
        app: Not running yet.
        environ: The environment variables, from before Textual takes NO_COLOR out of them.
        config_file: The settings file, which need not exist.

    Returns:
        Why it is the default theme and not the one asked for; empty when all is well.
    """
    name = glance_at(config_file, environ).get("theme") or default_name(environ)
    theme, faults = choose_theme(name, find_folders(config_file))
    _put_on(app, theme)
    return str(faults[0]) if faults and faults[0].is_error else ""


def use_theme(app: App[Any], name: str, folders: ThemeFolders | None = None) -> str:
    """Change the theme of a running app; a broken one changes nothing.

    Reads the file again, so that choosing a theme anew shows what was edited meanwhile.

    Args:
        app: The app.
        name: Of the theme; empty takes the one of users who chose none.
        folders: Where themes lie; found by the environment variables when None.

    Returns:
        Why the theme is not used, or how it is hard to read; empty when all is well.
    """
    from envbench.ui.themes.checking import check_contrast

    folders = folders or _find_folders()
    wanted = TERMINAL_THEME if app.no_color else default_name(os.environ)
    theme, faults = read_named(name or wanted, folders)
    if theme is None:
        return str(faults[0])
    _put_on(app, theme)
    faults = (*faults, *check_contrast(theme))
    return str(faults[0]) if faults else ""


def _put_on(app: App[Any], theme: ThemeFile) -> None:
    app.register_theme(to_textual(theme))
    if app.theme == theme.name:
        app.mutate_reactive(App.theme)
    else:
        app.theme = theme.name


def _find_folders() -> ThemeFolders:
    from envbench.settings.paths import find_config_file

    return find_folders(find_config_file(os.environ, Path.home()))
