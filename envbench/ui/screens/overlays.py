"""The lists that come over the bench: keys, verbs, themes, messages."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from envbench.ui.app import EnvbenchApp


def make_overlay(name: str, app: "EnvbenchApp") -> Screen[Any]:
    """Make one of the lists.

    Args:
        name: `help`, `palette`, `themes` or `messages`.
        app: The app, for its state.
    """
    if name == "palette":
        from envbench.ui.screens.palette import Palette

        return Palette(app.state)
    if name == "themes":
        from envbench.ui.screens.theme_picker import ThemePicker

        return ThemePicker(app.state.theme)
    if name == "messages":
        from envbench.ui.screens.message_list import MessageList

        return MessageList(app.state)
    from envbench.ui.screens.help import Help

    return Help(app.state)
