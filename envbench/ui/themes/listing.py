"""Lists all themes, for the picker: what each is called, whose it is, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from envbench.model.cleaning import clean
from envbench.ui.themes.checking import check_contrast
from envbench.ui.themes.finding import ThemeFolders, names_in, read_named
from envbench.ui.themes.standard import STANDARD
from envbench.ui.themes.theme_file import BUILT_IN, ThemeFault, ThemeFile, is_theme_name

YOURS = "yours"
YOURS_INSTEAD = "yours, replaces the built-in one"


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme in a list to choose from."""

    name: str
    title: str
    """Equal to the name when the file cannot be read."""
    description: str
    source: str
    """`built-in`, `yours`, or `yours, replaces the built-in one`."""
    fault: str
    """The first reason why it cannot be used or is hard to read; empty when all is well."""
    is_usable: bool


def list_themes(
    folders: ThemeFolders,
) -> tuple[tuple[ThemeFile, ...], tuple[ThemeFault, ...]]:
    """Read all themes, with the contrast of the user's own checked.

    Returns:
        The usable ones, built-in ones first, and whatever is wrong with any.
    """
    themes: list[ThemeFile] = []
    faults: list[ThemeFault] = []
    for _, theme, found in _read_all(folders):
        faults += found
        if theme is not None:
            themes.append(theme)
    return tuple(themes), tuple(faults)


def describe_themes(folders: ThemeFolders) -> tuple[ThemeRow, ...]:
    """Give one row for every theme file, those with errors included; the default one first."""
    built_in, mine = set(names_in(folders.built_in)), set(names_in(folders.user))
    rows = []
    for name, theme, faults in _read_all(folders):
        source = BUILT_IN
        if name not in built_in and name != STANDARD.name:
            source = YOURS
        elif name in mine:
            source = YOURS_INSTEAD
        title, description = (theme.title, theme.description) if theme else (name, "")
        fault = str(faults[0]) if faults else ""
        rows.append(ThemeRow(name, title, description, source, fault, theme is not None))
    return tuple(rows)


def _read_all(
    folders: ThemeFolders,
) -> Iterator[tuple[str, ThemeFile | None, tuple[ThemeFault, ...]]]:
    names = (STANDARD.name, *names_in(folders.built_in), *names_in(folders.user))
    for name in dict.fromkeys(names):
        if not is_theme_name(name):
            where = clean(str(folders.user / f"{name}.toml"), limit=300)
            fault = ThemeFault(where, "", "this is no name for a theme", _RENAME)
            yield clean(name, limit=60), None, (fault,)
            continue
        theme, faults = read_named(name, folders)
        if theme is not None and theme.source != BUILT_IN:
            faults = (*faults, *check_contrast(theme))
        yield name, theme, faults


_RENAME = "rename the file: small letters, digits and -, such as my-theme.toml"
