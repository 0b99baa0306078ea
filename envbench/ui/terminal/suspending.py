"""Gives the terminal to another program, such as an editor, and takes it back."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from envbench.ui.terminal.access import find_driver
from envbench.ui.terminal.signals import leave_keys_to_child

if TYPE_CHECKING:
    from textual.app import App

NOT_STARTED: Final = 127
"""Exit code of a program that could not be started, as shells have it."""


async def run_suspended(app: "App[Any]", command: Sequence[str]) -> int:
    """Run a program in the terminal, with the screen put away, until it ends.

    The event loop goes on: jobs are followed, signals are heard. What is drawn meanwhile goes
    nowhere; the whole screen is drawn again afterwards.

    Returns:
        The exit code of the program; 128 + n after signal n; `NOT_STARTED` if there is none.
    """
    if find_driver(app) is None:
        return NOT_STARTED
    # `suspend` takes the terminal back at its normal end only: nothing may be raised inside.
    # Keys send signals from its beginning to its end: the guard must know before and until after.
    with leave_keys_to_child(), app.suspend():
        code, was_cancelled = await _run(command)
    if was_cancelled:
        raise asyncio.CancelledError
    return code if code >= 0 else 128 - code


async def _run(command: Sequence[str]) -> tuple[int, bool]:
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except (OSError, ValueError):
        return NOT_STARTED, False
    try:
        return await process.wait(), False
    except asyncio.CancelledError:
        process.terminate()
        return await process.wait(), True
