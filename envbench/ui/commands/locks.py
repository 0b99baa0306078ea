"""Verbs of locks."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.commands.probes import need_built
from envbench.ui.state import LOCK, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.lock_offers import LockOffer


def chosen_offer(state: ScreenState) -> "LockOffer | None":
    """Give the format under the cursor, else the first one that can be written."""
    offers = state.locks.value.offers if state.locks.value is not None else ()
    key = state.selected.get(LOCK, "")
    named = next((offer for offer in offers if offer.format == key), None)
    return named or next((offer for offer in offers if not offer.refusal), None)


def need_offer(state: ScreenState) -> str:
    """Say that a format must be chosen, and be able to say something."""
    if need_built(state):
        return need_built(state)
    if state.place != LOCK:
        return ""
    if state.locks.value is None:
        return "the formats are still being looked at"
    offer = chosen_offer(state)
    return offer.refusal if offer is not None else "no format is chosen"


class WriteLock(Command):
    """Go to the formats; there, write the one under the cursor and read it back."""

    title = "lock"
    key = "l"
    group = "Lock"
    footer = 23

    def refuse(self, state: ScreenState) -> str:
        """There must be something to lock."""
        return need_offer(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench lock`."""
        from envbench.ui.flows import locking

        offer = chosen_offer(state)
        return locking.twin(state.environment, offer.format, offer.file_name) if offer else ""

    async def run(self, bench: Bench) -> None:
        """Show what each format loses first; write when that is in sight."""
        from envbench.ui.flows import locking

        offer = chosen_offer(bench.state)
        if bench.state.place != LOCK or offer is None:
            bench.go(LOCK)
            return
        await locking.write(bench, offer)


class WriteAllLocks(Command):
    """Write the usual format of every file name."""

    title = "all locks"
    key = "L"
    group = "Lock"
    panes = (LOCK,)
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """There must be something to lock."""
        return need_offer(state)

    async def run(self, bench: Bench) -> None:
        """Write them, one after the other."""
        from envbench.ui.flows import locking

        if bench.state.locks.value is not None:
            await locking.write_all(bench, bench.state.locks.value.offers)


class PreviewLock(Command):
    """Look at the text of the format before it is written; again goes back to the list."""

    title = "preview"
    key = "enter"
    group = "Lock"
    panes = (LOCK,)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """A format must be chosen."""
        return "" if state.preview.value is not None else need_offer(state)

    async def run(self, bench: Bench) -> None:
        """Show it, or go back."""
        from envbench.ui.flows import locking

        offer = chosen_offer(bench.state)
        if bench.state.preview.value is not None:
            locking.close_preview(bench)
        elif offer is not None:
            await locking.preview(bench, offer)


class CopyLock(Command):
    """Copy the whole text of the lock that is looked at."""

    title = "copy"
    key = "c"
    group = "Lock"
    panes = (LOCK,)
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """It must be in sight, whole."""
        preview = state.preview.value
        if preview is None:
            return "Enter shows the text first"
        return "it is too long for a clipboard: l writes it" if preview.is_cut else ""

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        preview = bench.state.preview.value
        if preview is not None:
            bench.copy(preview.text, preview.file_name)


COMMANDS: tuple[Command, ...] = (WriteLock(), WriteAllLocks(), PreviewLock(), CopyLock())
