"""Leaving the screen: jobs go on, unsaved work is kept."""

from envbench.ui.bench import Bench


async def leave_bench(bench: Bench) -> None:
    """Keep what is unsaved, then end the screen."""
    bench.leave(0)
