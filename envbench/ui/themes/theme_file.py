"""A theme as its file says it, and what is wrong with such a file.

Named tuples: these load before the first paint, and making a dataclass takes ten times as long.
"""

from collections.abc import Mapping
from typing import NamedTuple

from envbench.ui.themes.ink_colours import derive_ink

BUILT_IN = "built-in"


class ThemeFile(NamedTuple):
    """A valid theme. Colours are `#rrggbb`; those of an `ansi` theme are names, `ansi_red`."""

    name: str
    """As in the setting `theme`: small letters, digits and `-`."""
    title: str
    """For people."""
    description: str
    """One line; may be empty."""
    dark: bool
    """Whether the background is darker than the text."""
    ansi: bool
    """Whether it uses the 16 colours that the user chose for the terminal."""
    colors: Mapping[str, str]
    """The main colours; those that the file leaves out are absent."""
    ink: Mapping[str, str]
    """Colours of roles that are not derived from the main colours."""
    variables: Mapping[str, str]
    """Further variables of Textual's style sheets."""
    source: str = BUILT_IN
    """`built-in`, or the file."""

    def ink_colours(self) -> dict[str, str]:
        """Give the colour of every role and of the cursor rows."""
        return {**derive_ink(self.colors), **self.ink}


class ThemeFault(NamedTuple):
    """One thing that is wrong with a theme."""

    where: str
    """The file, with its line where that is known."""
    key: str
    """Such as `colors.accent`; empty when it concerns the file as a whole."""
    why: str
    """In plain words, without a full stop."""
    hint: str = ""
    """What to do; may be empty."""
    is_error: bool = True
    """Whether the theme cannot be used; a warning leaves it usable."""

    def __str__(self) -> str:
        head = ": ".join(part for part in (self.where, self.key, self.why) if part)
        return f"{head} ({self.hint})" if self.hint else head


def is_theme_name(text: str) -> bool:
    """Tell whether a text may be the name of a theme, and so of a file."""
    plain = text.replace("-", "")
    return (
        len(text) <= 64
        and plain.isascii()
        and plain.isalnum()
        and plain == plain.lower()
        and not text.startswith("-")
    )
