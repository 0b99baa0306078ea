"""Run in a terminal by the bench: the log viewer by itself, or next to nothing to compare it with."""

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widget import Widget


class Counting(Widget, can_focus=True):
    """Paints one row for each key."""

    keys = 0

    def render_line(self, y: int) -> Strip:
        from rich.segment import Segment

        return Strip([Segment(f"keys {self.keys}" if y == 0 else "")])

    def on_key(self) -> None:
        self.keys += 1
        self.refresh()


class EmptyApp(App[None]):
    """Counts keys."""

    def compose(self) -> ComposeResult:
        yield Counting()

    def on_mount(self) -> None:
        self.query_one(Counting).focus()


class LogApp(App[None]):
    """Shows one log."""

    def compose(self) -> ComposeResult:
        from envbench.ui.widgets.log_view.view import LogView

        yield LogView()

    def on_mount(self) -> None:
        from envbench.ui.widgets.log_view.view import LogView
        from envbench.workbench.logs import open_log

        view = self.query_one(LogView)
        view.focus()
        view.show(open_log(Path(sys.argv[1])))


if __name__ == "__main__":
    (LogApp if len(sys.argv) > 1 else EmptyApp)().run()
