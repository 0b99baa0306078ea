"""A bench without a screen: it keeps the state, answers questions as told, and remembers the rest."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

from envbench.ui.state import Done, ScreenState, Told


class RecordingEditor:
    """The editor's door: remembers what was done to it."""

    def __init__(self) -> None:
        self.text = ""
        self.version = 0
        self.calls: list[tuple[Any, ...]] = []
        self.cursor_line = 1

    def load(self, text: str, path: str) -> int:
        self.calls.append(("load", path))
        return self._take(text)

    def replace_text(self, text: str) -> int:
        self.calls.append(("replace_text",))
        return self._take(text)

    def apply_edit(self, edit: Any, version: int) -> bool:
        self.calls.append(("apply_edit", edit.title))
        if version != self.version:
            return False
        self._take(edit.apply(self.text))
        return True

    def go_to_line(self, line: int, column: int = 1) -> None:
        self.calls.append(("go_to_line", line, column))

    def go_to_problem(self, step: int) -> None:
        self.calls.append(("go_to_problem", step))

    def show_problems(self, problems: Sequence[Any], version: int) -> None:
        self.calls.append(("show_problems", len(problems), version))

    def take_keys(self) -> None:
        self.calls.append(("take_keys",))

    def _take(self, text: str) -> int:
        self.text, self.version = text, self.version + 1
        return self.version


class RecordingBench:
    """Keeps the promises of `Bench`; `answers` are given to questions in their order."""

    def __init__(self, state: ScreenState | None = None, desk: Any = None) -> None:
        self.state = state or ScreenState(directory="/home/me/project")
        self.desk = desk
        self.editor = RecordingEditor()
        self.answers: list[Any] = []
        self.questions: list[tuple[Any, ...]] = []
        self.calls: list[tuple[Any, ...]] = []
        self.copied: list[str] = []
        self._work: dict[str, asyncio.Task[None]] = {}

    @property
    def said(self) -> list[str]:
        return [told.text for told in self.state.told]

    def preference(self, key: str) -> object:
        rows = self.state.settings.value or ()
        return next((row.value for row in rows if row.key == key), None)

    def change(self, **parts: Any) -> None:
        self.state = replace(self.state, **parts)

    def tell(self, text: str, severity: str = "info") -> None:
        self.change(told=(*self.state.told, Told(text, severity)))

    def toast(self, text: str, severity: str = "info") -> None:
        self.tell(text, severity)

    def note(self, command: str, outcome: str = "") -> None:
        if command:
            self.change(done=(*self.state.done, Done(command, "12:00:00", outcome)))

    def begin(self, name: str, work: "Coroutine[Any, Any, None]") -> None:
        self.calls.append(("begin", name))
        self._work[name] = asyncio.get_running_loop().create_task(work)

    def later(self, seconds: float, name: str, work: "Coroutine[Any, Any, None]") -> None:
        self.calls.append(("later", name, seconds))
        work.close()

    def stop(self, name: str) -> bool:
        self.calls.append(("stop", name))
        task = self._work.get(name)
        return task is not None and task.cancel()

    async def finish(self) -> None:
        """Wait for all work that was begun."""
        while pending := [task for task in self._work.values() if not task.done()]:
            await asyncio.gather(*pending, return_exceptions=True)

    def go(self, place: str) -> None:
        self.calls.append(("go", place))
        self.change(place=place, editing=False)

    async def go_and_wait(self, place: str) -> None:
        self.go(place)

    def focus_pane(self, pane: str) -> None:
        self.calls.append(("focus_pane", pane))

    def select(self, pane: str, key: str) -> None:
        self.change(selected={**self.state.selected, pane: key})

    async def ask(self, question: str, details: Sequence[str] = (), *, yes: str = "y") -> bool:
        self.questions.append(("ask", question, tuple(details)))
        return bool(self._answer(False))

    async def choose(
        self, title: str, options: Sequence[tuple[str, str]], details: Sequence[str] = ()
    ) -> str | None:
        self.questions.append(("choose", title, tuple(options), tuple(details)))
        return self._answer(None)

    async def fill(
        self, title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str] = ()
    ) -> dict[str, str] | None:
        self.questions.append(("fill", title, tuple(fields), tuple(details)))
        return self._answer(None)

    def _answer(self, otherwise: Any) -> Any:
        return self.answers.pop(0) if self.answers else otherwise

    def copy(self, text: str, what: str) -> None:
        self.copied.append(text)

    def notify_ending(self, text: str) -> None:
        self.calls.append(("notify_ending", text))

    def show_screen(self, name: str) -> None:
        self.calls.append(("show_screen", name))

    def apply_preferences(self) -> None:
        self.calls.append(("apply_preferences",))

    def set_theme(self, name: str) -> None:
        self.calls.append(("set_theme", name))

    async def suspend_for(self, command: Sequence[str]) -> int:
        self.calls.append(("suspend_for", *command))
        return self._answer(0)

    def leave(self, code: int = 0, farewell: str = "") -> None:
        self.calls.append(("leave", code, farewell))
