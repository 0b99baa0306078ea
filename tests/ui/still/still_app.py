"""The real screen, standing still: it shows the states that it is given, and begins nothing.

No desk, no child processes, no clock: whatever is drawn follows from the state alone.
"""

import contextlib
import inspect
import time
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from envbench.ui.app import EnvbenchApp
from envbench.ui.panels import places
from envbench.ui.panels.job_log import JobLog
from envbench.ui.panels.spec_place import SpecPlace
from envbench.ui.state import EDITOR, LOG, SPEC, OpenSpec, ScreenState
from tests.ui.real_app import set_private_environ
from tests.ui.still.sample_project import FOLDER, NOW
from tests.ui.waiting import screen_text, wait_for

CLOCK = SimpleNamespace(
    time=lambda: NOW,
    localtime=time.gmtime,
    strftime=lambda form, moment=None: time.strftime(form, moment or time.gmtime(NOW)),
)
"""What takes the place of the module `time` in panes: it is always `NOW`, and UTC."""
_FROM_OUTSIDE = ("NO_COLOR", "ENVBENCH_THEME", "TMUX", "STY", "TEXTUAL_DRIVER", "FORCE_COLOR")


class StillApp(EnvbenchApp):
    """Shows states; what panes ask for is not done, and its name is kept."""

    CSS_PATH = Path(inspect.getfile(EnvbenchApp)).with_name("bench.tcss")

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__(FOLDER)
        self._border.glyphs = "unicode"
        self.wanted: list[str] = []
        """Names of the work that was not begun."""
        self.is_ready = False
        self._loaded: OpenSpec | None = None

    async def _begin_flows(self) -> None:
        await self.bench_screen.bring(SPEC)
        self.is_ready = True

    @property
    def desk(self) -> Any:
        """Nobody may ask it."""
        raise AssertionError("a still screen asks nothing")

    def begin(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        """Let it be."""
        work.close()
        self.wanted.append(name)

    def later(self, seconds: float, name: str, work: Coroutine[Any, Any, object]) -> None:
        """Let it be."""
        del seconds
        self.begin(name, work)

    @property
    def code(self) -> Any:
        """The editor."""
        return self.bench_screen.query_one(SpecPlace).code

    async def show_state(self, state: ScreenState) -> None:
        """Put a state upon the screen, its place into the centre and its text into the editor."""
        self.state = state
        await self.bench_screen.bring(state.place)
        self._load(state.spec)
        self.bench_screen.show(state)
        if state.focus == EDITOR:
            self.editor.take_keys()
        elif state.focus in {name for side in places.SIDES.values() for name in side}:
            self.focus_pane(state.focus)

    def _load(self, spec: OpenSpec | None) -> None:
        if spec is None or spec is self._loaded:
            return
        self._loaded = spec
        version = self.editor.load(spec.text, spec.path)
        self.editor.show_problems(spec.problems, version)


class Still:
    """A still screen, and what tests do to it."""

    def __init__(self, app: StillApp, pilot: Pilot[Any]) -> None:
        """Take an app that runs."""
        self.app, self.pilot = app, pilot

    async def show(self, state: ScreenState) -> str:
        """Show a state; give the text of the screen once nothing moves."""
        await self.app.show_state(state)
        await self.until(lambda: not state.focus or self.app.state.focus == state.focus)
        await self.settle()
        return self.text

    async def open(self, overlay: Screen[Any] | str) -> None:
        """Open a screen over the bench, one of its lists by name."""
        if isinstance(overlay, str):
            self.app.show_screen(overlay)
        else:
            await self.app.push_screen(overlay)
        await self.until(lambda: len(self.app.screen_stack) == 2)
        for line in self.app.screen.query(Input):
            line.cursor_blink = False
        await self.settle()

    async def close(self) -> None:
        """Close it."""
        await self.app.pop_screen()
        await self.until(lambda: len(self.app.screen_stack) == 1)

    async def settle(self) -> None:
        """Wait until the colours of the editor are there, and two looks see the same."""
        await self.until(lambda: self.app.code._colours is not None)
        before = None
        while before != (now := self.look()):
            before = now
            await self.pilot.pause(0.05)

    def look(self) -> list[Any]:
        """Give the cells of the screen, line by line."""
        return self.app.screen._compositor.render_strips()

    @property
    def text(self) -> str:
        """What the screen says."""
        return screen_text(self.app)

    async def until(self, condition: Any, timeout_s: float = 20.0) -> None:
        """Wait for a condition."""
        await wait_for(self.pilot, condition, timeout_s)

    async def until_log_says(self, text: str) -> None:
        """Wait until a log that is seen has come to a line."""
        await self.until(lambda: text in self.text)

    @property
    def log(self) -> JobLog:
        """The log in the centre."""
        return self.app.bench_screen.query_one(f"#{LOG} JobLog", JobLog)


def calm(monkeypatch: pytest.MonkeyPatch, root: Any, *, theme: str = "envbench-dark") -> None:
    """Stop the clock of the panes, and let nothing of the user's or of the shell's be seen.

    Args:
        monkeypatch: Takes all of it back.
        root: An empty folder, for what is the user's.
        theme: To begin with.
    """
    import sys

    for _, source in (*places.PLACES.items(), *places.SIDES["left"].items(), *places.SIDES["right"].items()):  # fmt: skip
        __import__(source.partition(":")[0])
    import envbench.ui.panels.log_strip  # noqa: F401 - it comes with the first job

    for name in _FROM_OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    set_private_environ(monkeypatch, root)
    monkeypatch.setenv("ENVBENCH_THEME", theme)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name, module in tuple(sys.modules.items()):
        if name.startswith("envbench.ui.panels.") and getattr(module, "time", None) is time:
            monkeypatch.setattr(module, "time", CLOCK)


@contextlib.asynccontextmanager
async def hold_still(size: tuple[int, int] = (120, 40)) -> AsyncIterator[Still]:
    """Run a still screen of a size."""
    app = StillApp()
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: app.is_ready)
        yield Still(app, pilot)
