"""Pours a log of 200 lines a second (`lines=N`), with the governor (`governed`) or as Textual does.

Key `x` counts; `q` quits. `gpus` adds eight rows that change each second. The first line shows the link.
"""

import os
import sys
import time
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Log, Static

from envbench.ui.terminal.driver import TerminalDriver
from envbench.ui.terminal.facts import describe_terminal
from envbench.ui.terminal.link import LinkGovernor, LinkState
from envbench.ui.terminal.signals import run_app

WORDS = [word.partition("=") for word in sys.argv[1:]]
OPTIONS = {name: value for name, _, value in WORDS}
LINES_PER_S = int(OPTIONS.get("lines", "200"))


class PouringApp(App[None]):
    CSS = "Static { height: 1; } Log { height: 1fr; }"
    BINDINGS: ClassVar = [Binding("q", "quit"), Binding("x", "count")]
    count = 0
    lines = 0
    shown = 0
    last_paint_s = 0.0

    def compose(self):
        yield Static("link ?", id="link")
        yield Static("keys 0", id="count")
        yield Static("", id="strip")
        if "gpus" in OPTIONS:
            yield from (Static(f"gpu {n}", id=f"gpu{n}") for n in range(8))
        yield Log(max_lines=2000)

    def on_mount(self):
        facts = describe_terminal(os.environ)
        self.governor = LinkGovernor(self, facts, on_change=self.show_link)
        if "governed" in OPTIONS:
            self.governor.attach()
        self.start_s = time.monotonic()
        if "idle" not in OPTIONS:
            self.set_interval(0.05, self.pour)
        if "gpus" in OPTIONS:
            self.set_interval(1.0, self.tick)

    def show_link(self, state: LinkState):
        text = f"link {state.latency_ms} ms {state.mode} log {state.log_interval_s} {state.reason}"
        self.query_one("#link", Static).update(Content(text), layout=False)

    def pour(self):
        now = time.monotonic()
        state = self.governor.state
        if now - self.last_paint_s < state.log_interval_s or not self.governor.allows_pour():
            return
        self.last_paint_s = now
        due = int((now - self.start_s) * LINES_PER_S)
        first, self.shown = max(self.shown, due - 500), due
        lines = [
            f"{n:08d} link pkg-{n % 977}-{n * 7919 % 1000}.conda sha256 ok"
            for n in range(first, due)
        ]
        if state.mode == "strip":
            self.query_one("#strip", Static).update(
                Content(lines[-1] if lines else ""), layout=False
            )
        else:
            self.query_one(Log).write_lines(lines)

    def tick(self):
        for n in range(8):
            self.query_one(f"#gpu{n}", Static).update(
                Content(f"gpu {n} {time.monotonic() % 100:5.1f}%")
            )

    def action_count(self):
        self.count += 1
        self.query_one("#count", Static).update(Content(f"keys {self.count}"), layout=False)


if __name__ == "__main__":
    driver = TerminalDriver if "governed" in OPTIONS or "driver" in OPTIONS else None
    sys.exit(run_app(PouringApp(driver_class=driver)))
