"""Finds themes: those that come with envbench, and the user's own, which win over them."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from envbench.model.errors import UsageError
from envbench.settings.resources import find_resources
from envbench.ui.themes.standard import STANDARD
from envbench.ui.themes.theme_file import BUILT_IN, ThemeFault, ThemeFile, is_theme_name

DEFAULT_THEME = STANDARD.name
TERMINAL_THEME = "sixteen"
"""The one that uses the terminal's own colours."""
MAX_FILE_BYTES = 16 * 1024
"""Ten times what a theme needs; TOML of 64 KiB can take its reader some seconds."""
MAX_FILES = 500
"""Entries of one folder that are looked at."""


class ThemeFolders(NamedTuple):
    """Where theme files lie; neither folder has to exist."""

    built_in: Path
    user: Path
    """A theme here replaces a built-in one of the same name."""


def find_folders(config_file: Path) -> ThemeFolders:
    """Say where themes lie: with envbench, and in `themes` beside the settings file."""
    return ThemeFolders(find_resources("themes"), config_file.parent / "themes")


def default_name(environ: Mapping[str, str]) -> str:
    """Say which theme to use when the user chose none.

    Greys that a terminal of 16 colours cannot show are no help, nor are colours that are not
    wanted: such users get the terminal's own.
    """
    if "NO_COLOR" in environ:
        return TERMINAL_THEME
    term = environ.get("TERM", "")
    poor = term in {"linux", "xterm", "screen", "tmux", "rxvt", "ansi"} or term.startswith("vt")
    return TERMINAL_THEME if poor and not environ.get("COLORTERM") else DEFAULT_THEME


def choose_theme(name: str, folders: ThemeFolders) -> tuple[ThemeFile, tuple[ThemeFault, ...]]:
    """Give a theme to start with, whatever state its file is in.

    Reads the file of this theme only, and none for the default one.

    Returns:
        The theme, or the default one with the reason why it is not the one asked for.
    """
    theme, faults = read_named(name or DEFAULT_THEME, folders)
    if theme is not None:
        return theme, faults
    instead = ThemeFault("", "", f"the theme {STANDARD.name} is used instead", is_error=False)
    return STANDARD, (*faults, instead)


def load_theme(name: str, folders: ThemeFolders) -> ThemeFile:
    """Give a theme that the user asks for.

    Raises:
        UsageError: There is none of this name, or its file has errors.
    """
    theme, faults = read_named(name, folders)
    if theme is not None:
        return theme
    first, *others = faults
    what = f"the theme {first.key} is not right" if first.key else "the theme cannot be used"
    why = "\n".join((first.why, *(str(fault) for fault in others if fault.is_error)))
    raise UsageError(what, where=first.where, why=why, hint=first.hint)


def read_named(name: str, folders: ThemeFolders) -> tuple[ThemeFile | None, tuple[ThemeFault, ...]]:
    """Read one theme; None with at least one error when it cannot be used."""
    file_name = f"{name}.toml"
    if is_theme_name(name):
        if _lies_there(folders.user / file_name):
            return _read_file(folders.user / file_name, name, is_built_in=False)
        if name == STANDARD.name:
            return STANDARD, ()
        if _lies_there(folders.built_in / file_name):
            return _read_file(folders.built_in / file_name, name, is_built_in=True)
    return None, (_unknown(name, folders),)


def names_in(folder: Path) -> list[str]:
    """Give the names of the theme files in a folder, whether or not they may be called so."""
    try:
        entries = islice(folder.iterdir(), MAX_FILES)
        return sorted(path.stem for path in entries if path.suffix == ".toml")
    except OSError:
        return []


def _lies_there(path: Path) -> bool:
    """Tell whether there is something of this name, a link into the void included."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # Reading it will say why not.
    return True


def _read_file(
    path: Path, name: str, *, is_built_in: bool
) -> tuple[ThemeFile | None, tuple[ThemeFault, ...]]:
    # The default theme needs none of this, and it would cost the start some milliseconds.
    from envbench.files import read_text_file
    from envbench.model.cleaning import clean
    from envbench.ui.themes.reading import read_theme

    shown = clean(str(path), limit=300)
    try:
        text = read_text_file(path, limit_bytes=MAX_FILE_BYTES, what="theme").text
    except UsageError as fault:
        return None, (ThemeFault(fault.where, "", fault.why, fault.hint),)
    theme, faults = read_theme(text, name, shown)
    if theme is not None and is_built_in:
        theme = theme._replace(source=BUILT_IN)
    return theme, faults


def _unknown(name: str, folders: ThemeFolders) -> ThemeFault:
    from difflib import get_close_matches

    from envbench.model.cleaning import clean

    found = {STANDARD.name, *names_in(folders.built_in), *names_in(folders.user)}
    there = sorted(filter(is_theme_name, found))
    near = get_close_matches(name[:100], there, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    shown = clean(name, limit=60)
    return ThemeFault(
        "", "", f"there is no theme {shown!r}", f"{hint}There are {', '.join(there[:20])}"
    )
