"""Which keys a theme file has, and what may stand in each."""

import re
from typing import Final

from envbench.ui.ink import ROLES
from envbench.ui.themes.colours import parse_hex
from envbench.ui.themes.ink_colours import INK_KEYS

SCHEMA: Final = "envbench.theme/1"
TABLES: Final = ("colors", "ink", "variables")
TOP_KEYS: Final = ("schema", "name", "title", "description", "dark", "ansi", *TABLES)
REQUIRED_COLORS: Final = (
    "foreground",
    "background",
    "accent",
    "success",
    "warning",
    "error",
)
COLORS: Final = (*REQUIRED_COLORS, "primary", "secondary", "surface", "panel", "boost")
ANSI_INK: Final = tuple(role for role in ROLES if role != "cursor")
"""Cursors of themes of the terminal's own colours are drawn by reversing."""

_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_NAMES: Final = (
    "ansi_default",
    *(f"ansi_{hue}" for hue in _HUES),
    *(f"ansi_bright_{hue}" for hue in _HUES),
)
_VARIABLE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_COLOUR_VALUE = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|transparent")
_STYLE = "bold|dim|italic|underline|strike|reverse"
_STYLE_VALUE = re.compile(rf"none|(?:{_STYLE})(?: (?:{_STYLE}))*")


def ink_keys(*, ansi: bool) -> tuple[str, ...]:
    """Give the keys that may stand under `[ink]`."""
    return ANSI_INK if ansi else INK_KEYS


def refuse_color(text: str, *, ansi: bool) -> str:
    """Say what to write in the place of a text that is no colour; empty when it is one."""
    if ansi:
        return "" if text in ANSI_NAMES else f"write one of {', '.join(ANSI_NAMES)}"
    if parse_hex(text):
        return ""
    if text in ANSI_NAMES:
        return "write #rrggbb; the terminal's own colours need `ansi = true` in a theme"
    return "write #rrggbb, such as #78b4e0"


def refuse_variable(name: str, value: str, *, ansi: bool) -> str:
    """Say what to write in the place of a bad variable; empty when it is a good one."""
    if not _VARIABLE.fullmatch(name):
        return "names of variables are small letters, digits and -"
    if name.startswith("ink-"):
        return f"colours of roles stand under [ink]: write {name[4:]} there"
    if name in COLORS:
        return "it is one of the main colours: write it under [colors]"
    # Textual's style sheets fail to parse, and the app to start, with a word in the wrong place.
    if "-style" in name:
        fits = _STYLE_VALUE.fullmatch(value)
        return "" if fits else "write none, or some of bold dim italic underline strike reverse"
    if _COLOUR_VALUE.fullmatch(value) or (ansi and value in ANSI_NAMES):
        return ""
    return "write #rrggbb, #rrggbbaa or transparent"
