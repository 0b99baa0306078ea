"""A small app with all the terminal manners: what the tests of signals, bytes and links drive.

Arguments: words that switch things on; see `main`.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from envbench.ui.terminal.clipboard import copy_text
from envbench.ui.terminal.driver import TerminalDriver, choose_stream
from envbench.ui.terminal.glyphs import choose_glyphs
from envbench.ui.terminal.last_words import install_last_words
from envbench.ui.terminal.notifications import notify_terminal
from envbench.ui.terminal.output_filter import install_filter
from envbench.ui.terminal.refusal import REFUSED, explain_refusal
from envbench.ui.terminal.signals import run_app
from envbench.ui.terminal.suspending import run_suspended

HOSTILE = "evil\x1b]52;c;T1dORUQ=\x07\x1b[2J\x9b31m\u202e\udc80\x1b]0;owned\x07 end"


class MannersApp(App[None]):
    """Counts keys; each letter does one thing to the terminal."""

    CSS = "Static { border: round white; height: 3; }"
    BINDINGS: ClassVar = [
        Binding("q", "quit"),
        Binding("x", "count"),
        Binding("ctrl+z", "suspend_process"),
        Binding("e", "fail"),
        Binding("b", "block"),
        Binding("t", "hold_thread"),
        Binding("c", "copy"),
        Binding("n", "ring"),
        Binding("v", "edit"),
        Binding("h", "hostile"),
    ]
    count = 0
    children = 0

    def compose(self):
        yield Static(Content(f"keys 0 {HOSTILE if 'hostile' in sys.argv else ''}"), id="count")
        yield Static("► ● ○ ▲ ▼ ◄ … ─ │ █ é", id="marks")
        if "input" in sys.argv:
            yield Input()

    def say(self, text):
        self.query_one("#count", Static).update(Content(text))

    def action_count(self):
        self.count += 1
        self.say(f"keys {self.count}")

    def action_fail(self):
        token = "hunter2-very-secret"  # noqa: F841 - must not be printed with the failure
        raise RuntimeError(f"a failure of the app \x1b[2J{HOSTILE}")

    def action_block(self):
        self.say("blocking")
        self.set_timer(0.1, self.spin)

    def spin(self):
        Path("blocked").touch()
        while True:
            time.sleep(0.05)

    def action_hold_thread(self):
        asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
        self.say("thread held")

    def action_copy(self):
        self.say(copy_text(self, "copied text", "the text", folder=Path("state")))

    def action_ring(self):
        notify_terminal(self, f"job {HOSTILE}", "both")
        self.say("rang")

    async def action_edit(self):
        self.children += 1
        script = f"echo in child {self.children}; read line; exit 3"
        code = await run_suspended(self, ["/bin/sh", "-c", script])
        self.say(f"child {self.children} ended {code}")

    def action_hostile(self):
        self.title = HOSTILE
        self.notify(HOSTILE, markup=False)
        self.say(f"hostile shown {HOSTILE}")


def main():
    refusal = explain_refusal(
        os.environ, stdin_isatty=sys.stdin.isatty(), stdout_isatty=sys.stdout.isatty()
    )
    if refusal:
        sys.stderr.write(refusal)
        return REFUSED
    app = MannersApp(driver_class=TerminalDriver)
    install_filter(app, choose_glyphs("auto", choose_stream().encoding))
    install_last_words(app, Path("state"))
    return run_app(app, grace_s=1.5)


if __name__ == "__main__":
    sys.exit(main())
