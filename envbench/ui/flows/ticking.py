"""The seconds that are counted while something runs, and only then."""

import asyncio
import time

from envbench.ui.bench import Bench
from envbench.ui.state import ScreenState

NAME = "tick"


def keep_ticking(bench: Bench) -> None:
    """Count seconds from now on, as long as a solve or a job runs.

    May be called at any time, and often: seconds end where the clock's do, so that beginning anew
    never makes one longer.
    """
    if is_running(bench.state):
        bench.begin(NAME, _tick(bench))


def is_running(state: ScreenState) -> bool:
    """Tell whether something on the screen has a running time."""
    asked = (state.solve, state.fixes, state.why, state.what_if)
    return any(fact.working for fact in asked) or bool(state.running_jobs)


async def _tick(bench: Bench) -> None:
    while is_running(bench.state):
        await asyncio.sleep(1.0 - time.monotonic() % 1.0)
        bench.change(tick=bench.state.tick + 1)
