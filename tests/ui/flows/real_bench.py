"""A bench without a screen on the real workbench, in a home of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from envbench.ui.state import ScreenState
from envbench.workbench.desk.desk import WorkbenchDesk
from tests.ui.recording_bench import RecordingBench
from tests.workbench.desk.conftest import private_environ


class Editor:
    """Takes texts as the editor does."""

    cursor_line = 1

    def __init__(self) -> None:
        self.text, self.version = "", 0

    def load(self, text: str, path: str) -> int:
        self.text, self.version = text, self.version + 1
        return self.version

    def hand_over(self) -> None:
        """Nothing was written that was not told."""

    def show_problems(self, problems: object, version: int) -> None:
        """Nothing is drawn."""


@contextlib.asynccontextmanager
async def open_bench_at(root: Path, folder: Path, **environ: str) -> AsyncIterator[RecordingBench]:
    """Give a bench whose desk works in a folder; its children are gone at the end."""
    desk = WorkbenchDesk(str(folder), {**private_environ(root), **environ})
    bench = RecordingBench(ScreenState(directory=str(folder)), desk, Editor())
    try:
        yield bench
    finally:
        await asyncio.sleep(0)  # What was begun last begins, so that it can be cancelled.
        await bench.end()
        await desk.close()
