"""Locks: what each format can say, looked at before it is written, read back after."""

import shlex
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows.environments import learn_locks
from envbench.ui.flows.facts import learn
from envbench.ui.state import Fact

if TYPE_CHECKING:
    from envbench.workbench.lock_offers import LockOffer


async def preview(bench: Bench, offer: "LockOffer") -> None:
    """Show the text that a format would be written with."""
    name = bench.state.environment
    answer = bench.desk.preview_lock(name, offer.format)
    await learn(bench, "preview", f"writing {offer.format}", answer)


async def write(bench: Bench, offer: "LockOffer") -> bool:
    """Write a format into the folder, after asking where a file of somebody else lies."""
    from envbench.model.errors import UsageError

    name, folder = bench.state.environment, bench.state.directory.rstrip("/")
    path = f"{folder}/{offer.file_name}"
    bench.note(twin(name, offer.format, offer.file_name))
    try:
        report = await bench.desk.write_lock(name, offer.format, path, overwrite=False)
    except UsageError as fault:
        details = [text for text in (fault.why, fault.hint) if text]
        if not await bench.ask(f"{fault.what}. Write over {offer.file_name}?", details):
            return False
        report = await bench.desk.write_lock(name, offer.format, path, overwrite=True)
    loses = f", which loses {offer.loses}" if offer.lost else ""
    did = "Unchanged:" if report.is_unchanged else "Wrote"
    bench.tell(f"{did} {offer.file_name}{loses}; its own reader reads it back", "ok")
    bench.begin("locks", learn_locks(bench))
    return True


async def write_all(bench: Bench, offers: "tuple[LockOffer, ...]") -> None:
    """Write the usual format of every file name."""
    usual = [offer for offer in offers if offer.is_usual and not offer.refusal]
    written = [offer.file_name for offer in usual if await write(bench, offer)]
    bench.tell(f"Wrote {', '.join(written) or 'nothing'}", "ok")


def close_preview(bench: Bench) -> None:
    """Go back to the list of formats."""
    bench.change(preview=Fact())


def twin(name: str, format_name: str, file_name: str) -> str:
    """Give the command line."""
    quoted = shlex.quote(file_name)
    return f"envbench lock {shlex.quote(name)} --format {format_name} -o {quoted}"
