"""Locks: what each format can say, looked at before it is written, read back after."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.flows.environments import learn_locks
from envbench.ui.flows.facts import learn
from envbench.ui.state import LOCK, Fact

if TYPE_CHECKING:
    from envbench.workbench.values.lock_offers import LockOffer


async def preview(bench: Bench, offer: "LockOffer") -> None:
    """Show the text that a format would be written with."""
    name = bench.state.environment
    answer = bench.desk.preview_lock(name, offer.format)
    about = f"{offer.format} {name}"
    await learn(bench, "preview", f"writing {offer.format}", answer, about=about)


async def write(bench: Bench, offer: "LockOffer") -> bool:
    """Write a format into the folder, after asking where a file of somebody else lies.

    Returns:
        Whether the file says it now.
    """
    from envbench.model.errors import NotFineError

    name, folder = bench.state.environment, bench.state.directory.rstrip("/")
    path = f"{folder}/{offer.file_name}"
    bench.note(twin(name, offer.format, offer.file_name))
    try:
        report = await bench.desk.write_lock(name, offer.format, path)
    except NotFineError as fault:
        if not fault.where.endswith(offer.file_name):
            raise  # Records of the environment are damaged: overwriting mends nothing.
        question = f"Write over {offer.file_name}?"
        if not await bench.ask(question, [f"{fault.where}: {fault.what}", fault.why or ""]):
            return False
        report = await bench.desk.write_lock(name, offer.format, path, overwrite=True)
    did = (
        f"{offer.file_name} says so already" if report.is_unchanged else f"Wrote {offer.file_name}"
    )
    loses = f"; it loses {offer.loses}" if offer.lost else ""
    bench.tell(f"{did}{loses}; its own reader reads it back", "ok")
    bench.begin("locks", learn_locks(bench))
    return True


async def write_all(bench: Bench, offers: "tuple[LockOffer, ...]") -> None:
    """Write the usual format of every file name; what one refuses keeps no other from it."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    written: list[str] = []
    left: list[str] = []
    for offer in offers:
        if not offer.is_usual:
            continue
        if offer.refusal:
            left.append(f"{offer.file_name} ({offer.refusal})")
            continue
        try:
            done = await write(bench, offer)
        except EnvbenchError as fault:
            bench.tell(say_error(fault), "error")
            done = False
        (written if done else left).append(offer.file_name)
    skipped = f"; not written: {', '.join(left)}" if left else ""
    bench.tell(f"Wrote {', '.join(written) or 'nothing'}{skipped}", "warning" if left else "ok")


def close_preview(bench: Bench) -> None:
    """Go back to the list of formats, with the cursor on the one that was looked at."""
    if bench.state.preview.working:
        bench.stop("verb-preview-lock")
    name = bench.state.preview.about.partition(" ")[0]
    bench.change(preview=Fact())
    if name:
        bench.select(LOCK, name)


def twin(name: str, format_name: str, file_name: str) -> str:
    """Give the command line."""
    return f"envbench lock {quote(name)} --format {format_name} -o {quote(file_name)}"
