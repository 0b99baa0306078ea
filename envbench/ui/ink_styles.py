"""How a role looks: rich styles made once per theme, and lines drawn with them.

In themes of the terminal's own colours, and when the user wants no colours at all, attributes
tell apart what colours tell elsewhere: the cursor row is reversed, or underlined where the pane
does not have the keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from envbench.ui.ink import ROLES, Line, cut, tame
from envbench.ui.themes.ink_colours import (
    CURSOR_ROW,
    CURSOR_ROW_BLURRED,
    CURSOR_TEXT,
    INK_KEYS,
    PREFIX,
    derive_ink,
)

_ATTRIBUTES: Mapping[str, Mapping[str, bool]] = {
    "dim": {"dim": True},
    "faint": {"dim": True},
    "bold": {"bold": True},
    "accent": {"bold": True},
    "error": {"bold": True},
    "cursor": {"reverse": True},
}
"""What tells roles apart without colours."""
_COLOURED = frozenset(("accent", "ok", "warning", "error", "info"))


@dataclass(frozen=True, slots=True, eq=False)
class InkStyles:
    """The styles of all roles upon one background."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    """None: a component class costs every widget a match at every change of styles."""

    plain: Mapping[str, Style]
    """Role to style, in an ordinary row."""
    blurred: Mapping[str, Style]
    """In the cursor row of a pane that does not have the keys."""
    focused: Mapping[str, Style]
    """In the cursor row of the pane that has them."""

    @classmethod
    def of(cls, widget: Widget) -> "InkStyles":
        """Give the styles for a widget: by the theme of its app, upon its own background.

        Cheap enough for every paint that follows a change, not for every line; keep the result
        until `notify_style_update`.
        """
        app = widget.app
        found = app.theme_variables
        variables = tuple([(name, found[name]) for name in _VARIABLES if name in found])
        return make_styles(variables, widget.visual_style.background, no_color=app.no_color)

    def rich(self, role: str) -> Style:
        """Give the style of a role without a background, for titles and `rich.text.Text`."""
        style = self.plain.get(role, self.plain["text"])
        return style.without_color + Style.from_color(style.color)


@lru_cache(maxsize=32)
def make_styles(
    variables: tuple[tuple[str, str], ...], background: Color, *, no_color: bool = False
) -> InkStyles:
    """Make the styles of a theme.

    Args:
        variables: Names and values, as `App.theme_variables` has them: the main colours, and
            `ink-...` where the theme says them.
        background: What is behind ordinary rows.
        no_color: The user set NO_COLOR.
    """
    given = dict(variables)
    given.setdefault("foreground", "#e0e0e0")
    given.setdefault("background", "#121212")
    colours = derive_ink(given)
    colours.update((key, given[PREFIX + key]) for key in INK_KEYS if PREFIX + key in given)
    if no_color or given["background"].startswith("ansi_"):
        return _by_attributes(colours, background, no_color=no_color)
    return _by_colours(colours, background)


def to_strip(
    line: Line, width: int, styles: InkStyles, *, cursor: bool = False, focused: bool = False
) -> Strip:
    """Draw a line.

    Args:
        line: The line; longer than the width, it is cut with an ellipsis.
        width: Of the strip in cells; the rest of the row is blank.
        styles: Of the widget.
        cursor: Whether the row is the one under the cursor.
        focused: Whether the pane has the keys.
    """
    width = max(width, 0)
    roles = styles.plain if not cursor else styles.focused if focused else styles.blurred
    base = roles["text"]
    segments: list[Segment] = []
    used = 0
    for text, role in line:
        if text.isascii() and text.isprintable():
            used += len(text)
        else:
            text = tame(text)
            used += cell_len(text)
        segments.append(Segment(text, roles.get(role, base)))
    if used > width:
        return to_strip(cut(line, width), width, styles, cursor=cursor, focused=focused)
    if used < width:
        segments.append(Segment(" " * (width - used), base))
    return Strip(segments, width)


_MAIN = (
    "foreground",
    "background",
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
)
_VARIABLES = (*_MAIN, *(PREFIX + key for key in INK_KEYS))


def _by_colours(colours: Mapping[str, str], background: Color) -> InkStyles:
    text = colours[CURSOR_TEXT]
    row, blurred = Color.parse(colours[CURSOR_ROW]), Color.parse(colours[CURSOR_ROW_BLURRED])
    has_own = text not in {"", colours["text"]}
    on_row = {**colours, **dict.fromkeys(ROLES, text)} if has_own else colours
    return InkStyles(
        plain=_colour_roles(colours, background, colours["cursor"]),
        blurred=_colour_roles(colours, blurred, colours["cursor"]),
        focused=_colour_roles(on_row, row, colours["cursor"]),
    )


def _colour_roles(colours: Mapping[str, str], background: Color, cursor: str) -> dict[str, Style]:
    back = background.rich_color
    styles = {role: _style(Color.parse(colours[role]), background) for role in ROLES}
    styles["bold"] += Style(bold=True)
    styles["cursor"] = Style(color=back, bgcolor=Color.parse(cursor).rich_color)
    return styles


def _by_attributes(colours: Mapping[str, str], background: Color, *, no_color: bool) -> InkStyles:
    plain: dict[str, Style] = {}
    focused: dict[str, Style] = {}
    for role in ROLES:
        coloured = role in _COLOURED and not no_color
        colour = Color.parse(colours[role if coloured else "text"])
        attributes: dict[str, Any] = dict(_ATTRIBUTES.get(role, {}))
        plain[role] = _style(colour, background) + Style(**attributes)
        bold = role in {"bold", "accent", "error"}
        focused[role] = _style(Color.parse(colours["text"]), background) + Style(
            reverse=role != "cursor", bold=bold or None
        )
    underlined = {role: style + Style(underline=True) for role, style in plain.items()}
    return InkStyles(plain=plain, blurred=underlined, focused=focused)


def _style(colour: Color, background: Color) -> Style:
    return Style.from_color(colour.rich_color, background.rich_color)
