"""Jobs as they come and go: of this screen, of other terminals, of earlier days."""

import asyncio
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows.endings import learn_job, take_ending
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.job_words import name_job
from envbench.ui.state import BACKGROUND_KINDS, JOBS, LOG, Fact

if TYPE_CHECKING:
    from envbench.workbench.job_rows import JobsUpdate, WatchedJob

__all__ = ["learn_job", "take_ending"]

RETRY_S = 2.0
MINUTE_S = 60.0


async def watch(bench: Bench) -> None:
    """Take what the jobs do as it happens; never ends."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    bench.begin("minutes", count_minutes(bench))
    while True:
        try:
            async for update in bench.desk.watch_jobs():
                take_update(bench, update)
        except EnvbenchError as fault:
            # What was known stays on the screen, marked as old, until the watch is back.
            bench.change(jobs=bench.state.jobs.fail(say_error(fault)))
        await asyncio.sleep(RETRY_S)


async def count_minutes(bench: Bench) -> None:
    """Let ages be drawn again once a minute; never ends."""
    while True:
        await asyncio.sleep(MINUTE_S)
        bench.change(minute=bench.state.minute + 1)


def take_update(bench: Bench, update: "JobsUpdate") -> None:
    """Show the jobs as they are now, and follow up what has become of them."""
    before = bench.state.jobs.value
    if update.fault:
        bench.change(jobs=bench.state.jobs.fail(f"the list of jobs cannot be read: {update.fault}"))
        return
    watched = bench.state.shown_log
    bench.change(jobs=Fact(update))
    keep_ticking(bench)
    if before is None:
        return
    known = {job.id: job for job in before.jobs}
    _follow_newest(bench, [job for job in update.jobs if job.id not in known])
    for job in update.jobs:
        old = known.get(job.id)
        # A short job may have begun and ended between two looks.
        if job.is_over and (old is None or not old.is_over):
            _keep_log(bench, watched, job)
            take_ending(bench, job)


def _follow_newest(bench: Bench, new: "list[WatchedJob]") -> None:
    """Show the log of what was just begun here, unless a log that still grows was chosen."""
    begun = [job for job in new if job.origin == "here" and job.kind not in BACKGROUND_KINDS]
    chosen = bench.state.find_job(bench.state.log_job)
    if begun and (chosen is None or chosen.is_over):
        bench.change(log_job="")


def _keep_log(bench: Bench, watched: "WatchedJob | None", job: "WatchedJob") -> None:
    """Let the log of a job that ended stay on the screen: where it is read, and where it failed."""
    if bench.state.log_job or watched is None or watched.id != job.id:
        return
    if bench.state.place == LOG or job.state.value != "done":
        bench.change(log_job=job.id)


def open_log(bench: Bench, key: str) -> None:
    """Show the log of a job."""
    bench.change(log_job=key)
    bench.go(LOG)


def leave_log(bench: Bench) -> None:
    """Let the log of a job that has ended be: it was read."""
    job = bench.state.find_job(bench.state.log_job)
    if job is not None and job.is_over:
        bench.change(log_job="")


async def stop_job(bench: Bench, key: str) -> None:
    """Ask, then stop a job and wait until nothing of it is left."""
    job = bench.state.find_job(key)
    if job is None:
        return
    details = ["The environment in use stays as it is; what was fetched stays in the cache."]
    if not await bench.ask(f"Stop {name_job(job)}?", details):
        return
    bench.note(f"envbench cancel {key}")
    bench.tell(f"Stopping {name_job(job)}")
    # The end itself is told by the watch.
    await bench.desk.cancel_job(key)


async def repeat_job(bench: Bench, key: str) -> None:
    """Submit again what a job did: a build from its spec as it is now, a probe as it was."""
    job = bench.state.find_job(key)
    if job is None:
        return
    again = await bench.desk.repeat_job(key)
    bench.change(log_job="")
    bench.select(JOBS, again.id)
    bench.tell(f"{job.kind} {again.environment} again; 6 shows its log", "ok")
    for warning in again.warnings:
        bench.tell(warning, "warning")


def copy_job(bench: Bench, key: str) -> None:
    """Copy the id of a job, and why it ended badly."""
    job = bench.state.find_job(key)
    if job is None:
        return
    if not job.reason:
        bench.copy(job.id, "the job's id")
        return
    parts = (f"{job.title}: {job.says}", job.reason, job.hint, job.id, job.directory)
    bench.copy("\n".join(part for part in parts if part), "what became of the job")
