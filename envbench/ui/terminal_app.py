"""The part of the app that deals with the terminal: driver, link, colours, glyphs, clipboard."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from envbench.settings.paths import find_config_file
from envbench.ui.terminal.driver import TerminalDriver, choose_stream
from envbench.ui.terminal.facts import describe_terminal
from envbench.ui.terminal.glyphs import choose_glyphs
from envbench.ui.terminal.lean_display import draw_less, forget_picture
from envbench.ui.terminal.link import LinkGovernor
from envbench.ui.terminal.output_filter import install_filter
from envbench.ui.textual_mends import let_widgets_go
from envbench.ui.themes.use import begin_with_theme

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

    from envbench.ui.terminal.link import LinkState


class TerminalApp(App[int]):
    """A Textual app with good manners in a terminal far away."""

    def __init__(self) -> None:
        """Choose driver, glyphs and theme by what the environment says; nothing is written yet."""
        # Textual takes NO_COLOR out of the variables; then it greys colours instead of leaving them.
        environ = dict(os.environ)
        super().__init__(
            # A server for browsers brings a driver of its own.
            driver_class=None if "TEXTUAL_DRIVER" in environ else TerminalDriver,
            ansi_color=True if "NO_COLOR" in environ else None,
        )
        let_widgets_go()
        self._encoding = getattr(choose_stream(), "encoding", None)
        facts = describe_terminal(environ, self._encoding)
        self.governor = LinkGovernor(self, facts, on_change=self.take_link)
        self._border = install_filter(self, choose_glyphs("auto", self._encoding))
        self.theme_fault = begin_with_theme(self, environ, find_config_file(environ, Path.home()))
        """Why it is not the theme that was asked for; empty when it is."""

    def take_link(self, link: "LinkState") -> None:
        """Hear how fast the link is."""

    def use_glyphs(self, wish: str) -> None:
        """Draw with `unicode` or `ascii`, or as the terminal's encoding allows (`auto`)."""
        glyphs = choose_glyphs(wish, self._encoding)
        if glyphs != self._border.glyphs:
            self._border.glyphs = glyphs
            self.refresh_css()

    def use_rates(self, wish: str) -> None:
        """Paint as on a `fast` or a `slow` link, or as it is measured."""
        self.governor.choose("slow" if wish == "slow" else "fast" if wish == "fast" else "auto")

    def draw_again(self) -> None:
        """Write the whole screen anew, whatever the terminal shows."""
        forget_picture(self)
        self.screen.refresh()

    async def suspend_for(self, command: Sequence[str]) -> int:
        """Give the terminal to another program until it ends; its exit code."""
        from envbench.ui.terminal.suspending import run_suspended

        return await run_suspended(self, command)

    def on_mount(self) -> None:
        """Begin to measure the link."""
        self.governor.attach()

    def on_resize(self) -> None:
        """Take nothing of the picture for known: terminals move it when their window changes."""
        forget_picture(self)

    def _display(self, screen: "Screen[Any]", renderable: "RenderableType | None") -> None:
        """Write only what the terminal does not show yet."""
        super()._display(screen, draw_less(self, renderable))
