"""Which colour each role has: said by a theme, or derived from its main colours."""

from collections.abc import Mapping
from typing import Final

from envbench.ui.ink import ROLES
from envbench.ui.themes.colours import mix

CURSOR_ROW: Final = "cursor-row"
"""Background of the row under the cursor in the pane that has the keys."""
CURSOR_ROW_BLURRED: Final = "cursor-row-blurred"
"""The same in any other pane."""
CURSOR_TEXT: Final = "cursor-text"
"""Colour of all text in the cursor row; empty when every role keeps its own colour there."""

INK_KEYS: Final[tuple[str, ...]] = (*ROLES, CURSOR_ROW, CURSOR_ROW_BLURRED, CURSOR_TEXT)
PREFIX: Final = "ink-"
"""Of the names under which style sheets know these colours: `$ink-dim`."""


def derive_ink(colours: Mapping[str, str]) -> dict[str, str]:
    """Give a colour to every role.

    Args:
        colours: Named as themes name them: `foreground`, `background`, `accent`, `error`, and so
            on. Only those two have to be there.
    """
    text, back = colours["foreground"], colours["background"]
    accent = colours.get("accent") or colours.get("primary") or text
    return {
        "text": text,
        "dim": mix(text, back, 0.35),
        "faint": mix(text, back, 0.55),
        "bold": text,
        "accent": accent,
        "ok": colours.get("success") or text,
        "warning": colours.get("warning") or text,
        "error": colours.get("error") or text,
        "info": colours.get("secondary") or accent,
        "cursor": accent,
        CURSOR_ROW: mix(back, colours.get("primary") or accent, 0.25),
        CURSOR_ROW_BLURRED: mix(back, text, 0.1),
        CURSOR_TEXT: "",
    }


def ink_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Give the variables `ink-...` of a theme that was not made for them.

    For `App.get_css_variables`, so that style sheets work with every theme of Textual:
    `{**ink_variables(found), **found}`.

    Args:
        variables: The variables of the theme as Textual generates them.
    """
    derived = derive_ink(variables)
    derived[CURSOR_TEXT] = derived[CURSOR_TEXT] or derived["text"]
    return {PREFIX + key: value for key, value in derived.items()}
