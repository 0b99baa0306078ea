"""The real app with the real desk, in a home of its own."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from envbench.ui.app import EnvbenchApp
from envbench.ui.panels.spec_place import SpecPlace
from envbench.ui.state import OpenSpec
from envbench.ui.widgets.spec_editor.spec_editor import SpecEditor
from tests.ui.waiting import screen_text, wait_for


def set_private_environ(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Let the app and its children find nothing of the user's."""
    for name in ("STATE", "CACHE", "ENVS", "CONFIG"):
        monkeypatch.setenv(f"ENVBENCH_{name}_DIR", str(root / name.lower()))
    monkeypatch.setenv("HOME", str(root / "home"))
    for name in ("EDITOR", "VISUAL", "CONDARC", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"):
        monkeypatch.delenv(name, raising=False)
    (root / "home").mkdir(exist_ok=True)


class Driven:
    """An app, and what tests do to it."""

    def __init__(self, app: EnvbenchApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def spec(self) -> OpenSpec:
        spec = self.app.state.spec
        assert spec is not None, f"no spec is open:\n{screen_text(self.app)}"
        return spec

    @property
    def code(self) -> SpecEditor:
        return self.app.bench_screen.query_one(SpecPlace).code

    @property
    def said(self) -> str:
        return "\n".join(told.text for told in self.app.state.told)

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def until(self, condition: Any, timeout_s: float = 20.0) -> None:
        await wait_for(self.pilot, condition, timeout_s)

    async def until_shown(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def until_open(self, name: str) -> None:
        """Wait until a spec is open, checked, and shown."""
        await self.until(lambda: (spec := self.app.state.spec) is not None and spec.name == name)
        await self.until_checked()

    async def until_checked(self) -> None:
        await self.until(lambda: self.spec.checked == self.code.version == self.spec.version)

    async def edit(self) -> None:
        """Give the editor the keys."""
        await self.press("e")
        await self.until(lambda: self.code.has_focus and self.app.state.editing)

    async def edit_end(self) -> None:
        """Give the editor the keys, behind the last character."""
        await self.edit()
        self.code.move_cursor(self.code.document.end)

    async def paste(self, text: str) -> None:
        """Put a text in, as terminals do with what is pasted."""
        before = self.code.text
        self.app.post_message(Paste(text))
        await self.until(lambda: self.code.text != before)

    async def asked(self, text: str) -> None:
        """Wait for a question."""
        await self.until(lambda: len(self.app.screen_stack) > 1 and text in self.text)

    async def answered(self) -> None:
        await self.until(lambda: len(self.app.screen_stack) == 1)


@contextlib.asynccontextmanager
async def drive(
    folder: Path, *, first: str = "", size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Driven]:
    """Run the app on a folder."""
    app = EnvbenchApp(str(folder), first_spec=first)
    async with app.run_test(size=size) as pilot:
        yield Driven(app, pilot)
