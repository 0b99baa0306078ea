"""Waiting for what a screen will show, never for a time."""

import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot


async def wait_for(
    pilot: Pilot[Any], condition: Callable[[], object], timeout_s: float = 20.0
) -> None:
    """Let the app work until a condition holds.

    Raises:
        AssertionError: It does not hold in time; the screen is part of the message.
    """
    ends = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError(f"not in {timeout_s} s; the screen:\n{screen_text(pilot.app)}")
        await pilot.pause(0.02)


def screen_text(app: App[Any]) -> str:
    """Give what the screen shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
