"""Changes its layout many times in a row, behind the governor: in the end all must be there."""

import os
import sys
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from envbench.ui.terminal.driver import TerminalDriver
from envbench.ui.terminal.facts import describe_terminal
from envbench.ui.terminal.link import LinkGovernor
from envbench.ui.terminal.signals import run_app


class Dialog(ModalScreen[None]):
    CSS = "Dialog { align: center middle; } #box { width: 30; height: 5; border: round white; }"

    def compose(self):
        yield Static("a dialog", id="box")


class GrowingApp(App[None]):
    CSS = """
    #side { dock: left; width: 20; }
    .-narrow #side { width: 10; }
    #rows { height: 1fr; }
    #rows Static { height: 1; }
    """
    BINDINGS: ClassVar = [Binding("q", "quit")]
    step = 0

    def compose(self):
        yield Static("side " * 40, id="side")
        yield Vertical(id="rows")

    def on_mount(self):
        if "governed" in sys.argv:
            self.governor = LinkGovernor(self, describe_terminal(os.environ))
            self.governor.attach()
        self.timer = self.set_interval(0.04, self.change)

    async def change(self):
        self.step += 1
        rows = self.screen_stack[0].query_one("#rows")
        text = f"row {self.step} " + "x" * (self.step * 37 % 60)
        await rows.mount(Static(Content(text), id=f"row{self.step}"))
        self.screen_stack[0].toggle_class("-narrow")
        if self.step % 3 == 0:
            await rows.query_one(f"#row{self.step - 1}").remove()
        if self.step % 10 == 4:
            self.push_screen(Dialog())
        if self.step % 10 == 8:
            self.pop_screen()
        if self.step == 40:
            self.timer.stop()
            rows.query_one("#row1", Static).update(Content("all done"))


if __name__ == "__main__":
    sys.exit(run_app(GrowingApp(driver_class=TerminalDriver)))
