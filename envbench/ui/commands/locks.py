"""Verbs of locks."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.environment_choice import meant
from envbench.ui.lock_choice import (
    chosen_offer,
    is_previewing,
    offers_of,
    refuse_locking,
    shown_preview,
)
from envbench.ui.state import LOCK, Fact, ScreenState


def need_offer(state: ScreenState) -> str:
    """Say that a format must be chosen, and be able to say something."""
    missing = refuse_locking(state, state.environment)
    if missing:
        return missing
    if not offers_of(state):
        return state.locks.fault or "the formats are still being tried"
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
        return need_offer(state) if state.focus == LOCK else refuse_locking(state, meant(state))

    def twin(self, state: ScreenState) -> str:
        """`envbench lock`."""
        from envbench.ui.flows import locking

        offer = chosen_offer(state)
        return locking.twin(state, offer) if offer else ""

    async def run(self, bench: Bench) -> None:
        """Show what each format loses first; write when that is in sight."""
        from envbench.ui.flows import locking

        state = bench.state
        offer = chosen_offer(state)
        if state.focus == LOCK and offer is not None:
            await locking.write(bench, offer)
            return
        bench.change(environment=meant(state), preview=Fact())
        bench.go(LOCK)


class WriteAllLocks(Command):
    """Write the usual lock of every file name."""

    title = "all locks"
    key = "L"
    group = "Lock"
    panes = (LOCK,)
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """Some format must be able to say it."""
        if any(offer.is_usual and not offer.refusal for offer in offers_of(state)):
            return ""
        return need_offer(state) or "no usual format can say it"

    async def run(self, bench: Bench) -> None:
        """Write them, one after the other."""
        from envbench.ui.flows import locking

        await locking.write_all(bench, offers_of(bench.state))


class PreviewLock(Command):
    """Look at the text of the format before it is written; again, or Esc, goes back to the list."""

    title = "preview"
    key = "enter"
    group = "Lock"
    panes = (LOCK,)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """A format must be chosen."""
        return "" if is_previewing(state) else need_offer(state)

    async def run(self, bench: Bench) -> None:
        """Show it, or go back."""
        from envbench.ui.flows import locking

        offer = chosen_offer(bench.state)
        if is_previewing(bench.state):
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
        preview = shown_preview(state)
        if preview is None:
            return "Enter shows the text first"
        return "it is too long for a clipboard: l writes it" if preview.is_cut else ""

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        preview = shown_preview(bench.state)
        if preview is not None:
            bench.copy(preview.text, preview.file_name)


class BuildLock(Command):
    """Build the lock that lies in the folder just as it stands: nothing is solved."""

    title = "build it"
    key = "B"
    group = "Lock"
    panes = (LOCK,)

    def refuse(self, state: ScreenState) -> str:
        """A lock file of the format must lie in the folder."""
        offer = chosen_offer(state)
        if offer is None:
            return need_offer(state)
        if not offer.is_lock:
            return "this is no lock: it cannot be built from"
        return "" if offer.on_disk is not None else "no such file is there yet: l writes it"

    def twin(self, state: ScreenState) -> str:
        """`envbench build --from`."""
        from envbench.ui.flows import locking

        offer = chosen_offer(state)
        return locking.build_twin(state, offer) if offer is not None else ""

    async def run(self, bench: Bench) -> None:
        """Ask, and hand it to a job."""
        from envbench.ui.flows import locking

        offer = chosen_offer(bench.state)
        if offer is not None:
            await locking.build(bench, offer)


class PackArchives(Command):
    """Put the lock and all archives into a tar for boxes without a network, in the background."""

    title = "offline pack"
    key = "T"
    group = "Lock"
    panes = (LOCK,)

    def refuse(self, state: ScreenState) -> str:
        """There must be something to lock."""
        return refuse_locking(state, state.environment)

    def twin(self, state: ScreenState) -> str:
        """`envbench pack`."""
        from envbench.ui.flows import locking

        return locking.pack_twin(state)

    async def run(self, bench: Bench) -> None:
        """Hand it to a job."""
        from envbench.ui.flows import locking

        await locking.pack(bench)


COMMANDS: tuple[Command, ...] = (
    WriteLock(), WriteAllLocks(), PreviewLock(), CopyLock(), BuildLock(), PackArchives(),
)  # fmt: skip
