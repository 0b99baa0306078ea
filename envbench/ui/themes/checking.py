"""Checks that a theme can be read by eye: contrast of every role on every background it meets.

Source: WCAG 2.2, success criterion 1.4.3 (4.5:1 for text); decoration needs less.
"""

from collections.abc import Iterator

from envbench.ui.ink import ROLES, Role
from envbench.ui.themes.colours import contrast, parse_hex
from envbench.ui.themes.ink_colours import CURSOR_ROW, CURSOR_ROW_BLURRED, CURSOR_TEXT
from envbench.ui.themes.theme_file import ThemeFault, ThemeFile

ENOUGH = 4.5
ENOUGH_FOR_FAINT = 3.0


def ratios(theme: ThemeFile) -> Iterator[tuple[str, str, float]]:
    """Give role, place and contrast ratio for whatever text the screen may show.

    Args:
        theme: Of true colours; a theme of the terminal's own has no ratios.
    """
    if theme.ansi:
        return
    ink = theme.ink_colours()
    rows = {
        "the background": theme.colors["background"],
        "the cursor row": ink[CURSOR_ROW],
        "the cursor row of another pane": ink[CURSOR_ROW_BLURRED],
    }
    for role in ROLES:
        if role == Role.CURSOR:
            yield role, "its text", contrast(theme.colors["background"], ink[role])
            continue
        for place, background in rows.items():
            colour = ink[CURSOR_TEXT] if place == "the cursor row" else ""
            yield role, place, contrast(colour or ink[role], background)


def check_contrast(theme: ThemeFile) -> tuple[ThemeFault, ...]:
    """Warn of text that is hard to read."""
    faults = []
    for role, place, ratio in ratios(theme):
        enough = ENOUGH_FOR_FAINT if role == Role.FAINT else ENOUGH
        if ratio < enough:
            why = f"contrast on {place} is {ratio:.1f}:1, text needs {enough:g}:1"
            hint = "make the colour lighter" if theme.dark else "make the colour darker"
            faults.append(ThemeFault(theme.source, f"ink.{role}", why, hint, is_error=False))
    return (*faults, *_check_dark(theme))


def _check_dark(theme: ThemeFile) -> Iterator[ThemeFault]:
    back, text = parse_hex(theme.colors["background"]), parse_hex(theme.colors["foreground"])
    if back and text and theme.dark != (sum(back) < sum(text)):
        kind = "darker" if sum(back) < sum(text) else "lighter"
        why = f"the background is {kind} than the text"
        hint = f"write dark = {str(not theme.dark).lower()}"
        yield ThemeFault(theme.source, "dark", why, hint, is_error=False)
