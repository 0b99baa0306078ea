"""Verbs of the command log."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import HISTORY, Done, ScreenState


def list_entries(state: ScreenState) -> tuple[tuple[str, Done], ...]:
    """Give what was done, newest first, each with a key that it keeps while others come."""
    seen: dict[tuple[str, str], int] = {}
    entries = []
    for done in state.done:
        same = (done.at, done.command)
        seen[same] = seen.get(same, 0) + 1
        entries.append((f"{done.at} {seen[same]} {done.command}", done))
    return tuple(reversed(entries))


class CopyEntry(Command):
    """Copy the command under the cursor; in a shell it does the same as the screen did."""

    title = "copy"
    key = "enter"
    group = "Commands"
    panes = (HISTORY,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """Something must have been done."""
        return "" if state.done else "nothing was done yet"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        entries = dict(list_entries(bench.state))
        chosen = entries.get(bench.state.selected.get(HISTORY, ""))
        if chosen is not None:
            bench.copy(chosen.command, "the command")


class CopyEntryToo(CopyEntry):
    """Copy the command under the cursor, as c copies rows everywhere."""

    key = "c"
    footer = 0


COMMANDS: tuple[Command, ...] = (CopyEntry(), CopyEntryToo())
