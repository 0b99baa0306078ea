"""What the screen does when it opens, and when a cursor moves."""

from envbench.ui.bench import Bench


async def open_bench(bench: Bench) -> None:
    """Read the folder, open a spec, then learn the rest."""
    del bench


def follow_selection(bench: Bench, pane: str, key: str) -> None:
    """Learn more about the row under a cursor."""
    del bench, pane, key
