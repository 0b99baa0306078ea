"""The default theme, as `themes/envbench-dark.toml` says it.

Kept in Python too: the screen starts with it without reading a file, and can fall back on it when
a file is broken or gone. A test holds the two equal.
"""

from typing import Final

from envbench.ui.themes.theme_file import ThemeFile

STANDARD: Final = ThemeFile(
    name="envbench-dark",
    title="Envbench dark",
    description="Calm: three greys, one blue, and red, yellow, green for what matters.",
    dark=True,
    ansi=False,
    colors={
        "background": "#14171b",
        "surface": "#1b1f24",
        "panel": "#22272d",
        "foreground": "#d7dbe0",
        "primary": "#6fb1e4",
        "secondary": "#8fbfe6",
        "accent": "#6fb1e4",
        "success": "#7fc48a",
        "warning": "#e2b65a",
        "error": "#f27f7f",
    },
    ink={
        "bold": "#f0f2f5",
        "dim": "#a3abb5",
        "faint": "#7f8893",
        "cursor-row": "#25384c",
        "cursor-row-blurred": "#242a31",
    },
    variables={},
)
