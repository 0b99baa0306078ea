"""A bench without a screen: it keeps the state, runs the work, and remembers what was said."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from envbench.ui.state import Done, ScreenState, Told


class QuietEditor:
    """An editor in which nobody writes."""

    def hand_over(self) -> None:
        """Nothing was written."""


class RecordingBench:
    """Does what the app does, as far as flows can tell; questions get prepared answers."""

    def __init__(
        self, state: ScreenState | None = None, desk: Any = None, editor: Any = None
    ) -> None:
        self.state = state or ScreenState(directory="/folder")
        self.desk = desk
        self.editor = editor or QuietEditor()
        self.answers: list[bool] = []
        """To `ask`, first come first served; no when there is none left."""
        self.choices: list[str | None] = []
        self.fillings: list[dict[str, str] | None] = []
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.offered: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.hints: list[tuple[str, ...]] = []
        """What was to be known before choosing."""
        self.forms: list[tuple[str, tuple[tuple[str, str, str], ...], tuple[str, ...]]] = []
        self.farewell = ""
        self.copied: list[tuple[str, str]] = []
        self.suspended: list[tuple[str, ...]] = []
        self.preferences: dict[str, object] = {}
        self.states: list[ScreenState] = []
        """Every state there was."""
        self.work: dict[str, asyncio.Task[None]] = {}
        self.left: int | None = None
        self.toasts: list[str] = []
        self.screens: list[str] = []

    # -- What is known --

    def change(self, **parts: Any) -> None:
        self.state = replace(self.state, **parts)
        self.states.append(self.state)

    def preference(self, key: str) -> object:
        rows = self.state.settings.value or ()
        known = {row.key: row.value for row in rows}
        return self.preferences.get(key, known.get(key))

    # -- Saying --

    @property
    def said(self) -> list[str]:
        return [told.text for told in self.state.told]

    @property
    def done(self) -> list[str]:
        return [done.command for done in self.state.done]

    def tell(self, text: str, severity: str = "info") -> None:
        self.change(told=(*self.state.told, Told(text, severity, "")))

    def toast(self, text: str, severity: str = "info") -> None:
        self.toasts.append(text)
        self.tell(text, severity)

    def note(self, command: str, outcome: str = "") -> None:
        self.change(done=(*self.state.done, Done(command, "", outcome)))

    # -- Background work --

    def begin(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        self.stop(name)
        self.work[name] = asyncio.get_running_loop().create_task(work, name=name)

    def later(self, seconds: float, name: str, work: Coroutine[Any, Any, Any]) -> None:
        del seconds
        self.begin(name, work)

    def stop(self, name: str) -> bool:
        task = self.work.pop(name, None)
        return task is not None and task.cancel()

    async def settle(self) -> None:
        """Wait until all work is done, also that which other work begins."""
        while running := [task for task in self.work.values() if not task.done()]:
            await asyncio.wait(running, timeout=60)
        for task in self.work.values():
            if not task.cancelled():
                task.result()

    async def end(self) -> None:
        for task in self.work.values():
            task.cancel()
        await asyncio.gather(*self.work.values(), return_exceptions=True)

    # -- Moving --

    def go(self, place: str) -> None:
        self.change(place=place, focus=place, editing=False)

    async def go_and_wait(self, place: str) -> None:
        self.go(place)

    def focus_pane(self, pane: str) -> None:
        self.change(focus=pane)

    def select(self, pane: str, key: str) -> None:
        self.change(selected={**self.state.selected, pane: key})

    # -- Asking --

    async def ask(self, question: str, details: Sequence[str] = (), *, yes: str = "y") -> bool:
        del yes
        self.asked.append((question, tuple(details)))
        return self.answers.pop(0) if self.answers else False

    async def choose(
        self, title: str, options: Sequence[tuple[str, str]], details: Sequence[str] = ()
    ) -> str | None:
        self.hints.append(tuple(details))
        self.offered.append((title, tuple(options)))
        return self.choices.pop(0) if self.choices else None

    async def fill(
        self, title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str] = ()
    ) -> dict[str, str] | None:
        self.forms.append((title, tuple(fields), tuple(details)))
        return self.fillings.pop(0) if self.fillings else None

    # -- The terminal --

    def copy(self, text: str, what: str) -> None:
        self.copied.append((text, what))

    def notify_ending(self, text: str) -> None:
        self.toasts.append(text)

    def show_screen(self, name: str) -> None:
        self.screens.append(name)

    def set_theme(self, name: str) -> None:
        self.change(theme=name)

    def apply_preferences(self) -> None:
        """Nothing here depends on them."""

    async def suspend_for(self, command: Sequence[str]) -> int:
        self.suspended.append(tuple(command))
        return 0

    def leave(self, code: int = 0, farewell: str = "") -> None:
        self.left, self.farewell = code, farewell
