"""Locks: what each format can say, looked at before it is written, read back after."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote, quote_path
from envbench.ui.flows.environments import learn_locks
from envbench.ui.flows.facts import learn
from envbench.ui.flows.solve_orders import make_order
from envbench.ui.lock_choice import plan_to_lock
from envbench.ui.state import JOBS, LOCK, Fact, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.job_rows import SubmittedJob
    from envbench.workbench.values.lock_offers import LockOffer, WrittenLock


SPEC_NAME = "environment.yml"
"""Under this name a lock would take the place of what it was made from."""


async def preview(bench: Bench, offer: "LockOffer") -> None:
    """Show the text that a format would be written with."""
    name, plan = bench.state.environment, plan_to_lock(bench.state)
    if plan is not None:
        answer = bench.desk.preview_plan_lock(make_order(plan), offer.format)
    else:
        answer = bench.desk.preview_lock(name, offer.format)
    about = f"{offer.format} {name}"
    await learn(bench, "preview", f"writing {offer.format}", answer, about=about)


async def write(bench: Bench, offer: "LockOffer") -> bool:
    """Write a format into the folder, after asking where a file of somebody else lies.

    Returns:
        Whether the file says it now.
    """
    from envbench.model.errors import NotFineError

    bench.note(twin(bench.state, offer))
    names = (offer.file_name, *offer.companions)
    try:
        report = await _put(bench, offer)
    except NotFineError as fault:
        name = next((name for name in names if fault.where.endswith(name)), "")
        if not name:
            raise  # Records of the environment are damaged: overwriting mends nothing.
        if name == SPEC_NAME:
            bench.tell(
                f"{name} here is a spec, and stays: write the lock elsewhere, with -o", "error"
            )
            return False
        if not await bench.ask(f"Write over {name}?", [f"{fault.where}: {fault.what}", fault.why]):
            return False
        report = await _put(bench, offer, overwrite=True)
    what = ", ".join(names)
    did = f"{what}: said so already" if report.is_unchanged else f"Wrote {what}"
    loses = f"; it loses {offer.loses}" if offer.lost else ""
    read = "; its own reader reads it back" if offer.is_lock else ""
    bench.tell(f"{did}{loses}{read}", "ok")
    bench.begin("locks", learn_locks(bench))
    return True


async def _put(bench: Bench, offer: "LockOffer", *, overwrite: bool = False) -> "WrittenLock":
    """Write the files of a format into the folder, from the environment or the plan."""
    name, folder = bench.state.environment, bench.state.directory.rstrip("/")
    plan = plan_to_lock(bench.state)
    if plan is not None:
        return await bench.desk.write_plan_lock(
            make_order(plan), offer.format, f"{folder}/", overwrite=overwrite
        )
    return await bench.desk.write_lock(name, offer.format, f"{folder}/", overwrite=overwrite)


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


async def build(bench: Bench, offer: "LockOffer") -> None:
    """Build the lock file of a format as it stands, after asking."""
    lock = offer.on_disk
    if lock is None:
        return
    name = bench.state.environment.rpartition("/")[2]
    stale = [f"It is not what is there now: {lock.note}."] if lock.is_stale else []
    told = [
        f"{offer.file_name} becomes the environment {name}, exactly; nothing is solved.",
        *stale,
    ]
    if not await bench.ask(f"Build {offer.file_name}?", told):
        return
    bench.note(build_twin(bench.state, offer))
    bench.go(JOBS)
    job = await bench.desk.submit_locked_build(lock.path, name=name)
    _follow(bench, job, f"Building {job.environment} from {offer.file_name} in the background")


async def pack(bench: Bench) -> None:
    """Put what is locked and all its archives into a tar in the folder, in the background."""
    state, plan = bench.state, plan_to_lock(bench.state)
    subject = plan.path if plan is not None else state.environment
    bench.note(pack_twin(state))
    bench.go(JOBS)
    job = await bench.desk.submit_pack(subject, state.directory)
    _follow(bench, job, f"Packing {job.environment} in the background")


def _follow(bench: Bench, job: "SubmittedJob", said: str) -> None:
    bench.change(log_job=job.id)
    for warning in job.warnings:
        bench.tell(warning, "warning")
    bench.tell(f"{said}; x in Jobs stops it", "ok")
    bench.select(JOBS, job.id)


def build_twin(state: ScreenState, offer: "LockOffer") -> str:
    """Give the command line that builds the lock file of a format."""
    name = quote(state.environment.rpartition("/")[2])
    return f"envbench build --from {quote(offer.file_name)} --name {name} --detach"


def pack_twin(state: ScreenState) -> str:
    """Give the command line that packs."""
    plan = plan_to_lock(state)
    subject = quote_path(plan.path, state.directory) if plan else quote(state.environment)
    return f"envbench pack {subject} --detach"


def close_preview(bench: Bench) -> None:
    """Go back to the list of formats, with the cursor on the one that was looked at."""
    if bench.state.preview.working:
        bench.stop("verb-preview-lock")
    name = bench.state.preview.about.partition(" ")[0]
    bench.change(preview=Fact())
    if name:
        bench.select(LOCK, name)


def twin(state: ScreenState, offer: "LockOffer") -> str:
    """Give the command line."""
    plan = plan_to_lock(state)
    options = f" {plan.options.command}" if plan is not None and plan.options.command else ""
    subject = quote_path(plan.path, state.directory) if plan else quote(state.environment)
    place = "." if offer.companions else quote(offer.file_name)
    return f"envbench lock {subject} --format {offer.format}{options} -o {place}"
