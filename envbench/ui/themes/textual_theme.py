"""Turns a theme into one of Textual's: calm defaults for what Textual's own widgets draw."""

from functools import cache

from textual.theme import Theme

from envbench.ui.themes.colours import mix
from envbench.ui.themes.ink_colours import CURSOR_ROW, CURSOR_ROW_BLURRED, CURSOR_TEXT, PREFIX
from envbench.ui.themes.theme_file import ThemeFile


def to_textual(theme: ThemeFile) -> Theme:
    """Make the theme that `App.register_theme` takes; its name stays the same.

    Style sheets know the colours of roles as `$ink-text`, `$ink-dim`, `$ink-cursor-row` and so on.
    """
    colors = dict(theme.colors)
    ink = theme.ink_colours()
    ink[CURSOR_TEXT] = ink[CURSOR_TEXT] or ink["text"]
    calm = _calm_ansi(ink) if theme.ansi else _calm(ink, colors)
    return Theme(
        name=theme.name,
        primary=colors.get("primary", colors["accent"]),
        secondary=colors.get("secondary", colors["accent"]),
        warning=colors["warning"],
        error=colors["error"],
        success=colors["success"],
        accent=colors["accent"],
        foreground=colors["foreground"],
        background=colors["background"],
        surface=colors.get("surface", colors["background"]),
        panel=colors.get("panel", colors.get("surface", colors["background"])),
        boost=colors.get("boost"),
        dark=theme.dark,
        ansi=theme.ansi,
        variables={
            **calm,
            **{PREFIX + key: value for key, value in ink.items()},
            **theme.variables,
        },
    )


@cache
def variable_names() -> frozenset[str]:
    """Give the names that may stand under `[variables]`."""
    return frozenset(Theme(name="any", primary="#808080").to_color_system().generate())


def _calm(ink: dict[str, str], colors: dict[str, str]) -> dict[str, str]:
    text, back = ink["text"], colors["background"]
    bar, track = mix(back, text, 0.25), back
    return {
        "text-muted": ink["dim"],
        "text-disabled": ink["faint"],
        "foreground-muted": ink["dim"],
        "foreground-disabled": ink["faint"],
        "border": ink["accent"],
        "border-blurred": mix(back, text, 0.28),
        "block-cursor-background": ink[CURSOR_ROW],
        "block-cursor-foreground": ink[CURSOR_TEXT],
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": ink[CURSOR_ROW_BLURRED],
        "block-cursor-blurred-foreground": text,
        "block-hover-background": ink[CURSOR_ROW_BLURRED],
        "input-cursor-background": ink["cursor"],
        "input-cursor-foreground": back,
        "input-selection-background": mix(back, ink["accent"], 0.4),
        "screen-selection-background": mix(back, ink["accent"], 0.4),
        "footer-background": colors.get("surface", back),
        "footer-key-foreground": ink["accent"],
        "scrollbar": bar,
        "scrollbar-hover": mix(back, text, 0.35),
        "scrollbar-active": ink["accent"],
        "scrollbar-background": track,
        "scrollbar-background-hover": track,
        "scrollbar-background-active": track,
        "scrollbar-corner-color": track,
        "button-color-foreground": back,
    }


def _calm_ansi(ink: dict[str, str]) -> dict[str, str]:
    """Whatever a colour says is said by an attribute too, for those who switch colours off.

    Textual drops `reverse` from the parts of its own widgets; bold and underline stay.
    """
    default = "ansi_default"
    return {
        # Textual's own style sheets ask for these, and it gives them to no such theme.
        "ansi-background": default,
        "ansi-foreground": default,
        "foreground-disabled": default,
        "surface-active": default,
        "border": ink["accent"],
        "border-blurred": default,
        "block-cursor-background": ink["accent"],
        "block-cursor-foreground": "ansi_black",
        "block-cursor-text-style": "bold underline",
        "block-cursor-blurred-background": default,
        "block-cursor-blurred-foreground": default,
        "block-cursor-blurred-text-style": "underline",
        "block-hover-background": default,
        "input-cursor-background": default,
        "input-cursor-foreground": default,
        "input-cursor-text-style": "reverse",
        "input-selection-background": ink["accent"],
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": ink["accent"],
        "screen-selection-foreground": "ansi_black",
        "footer-key-foreground": ink["accent"],
        "scrollbar": ink["accent"],
        "scrollbar-hover": ink["accent"],
        "scrollbar-active": ink["accent"],
        "scrollbar-background": default,
        "scrollbar-background-hover": default,
        "scrollbar-background-active": default,
        "scrollbar-corner-color": default,
    }
