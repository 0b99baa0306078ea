"""Jobs as they come and go: of this screen, of other terminals, of earlier days."""

import asyncio
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows import environments, specs
from envbench.ui.flows.facts import learn
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.state import LOCK, LOG, PROBES, Fact

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob

RETRY_S = 2.0


async def watch(bench: Bench) -> None:
    """Take what the jobs do as it happens; never ends."""
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    while True:
        try:
            await _watch(bench)
        except EnvbenchError as fault:
            # What was known stays on the screen, marked as old, until the watch is back.
            bench.change(jobs=bench.state.jobs.fail(say_error(fault)))
        await asyncio.sleep(RETRY_S)


async def _watch(bench: Bench) -> None:
    running: set[str] | None = None
    async for update in bench.desk.watch_jobs():
        bench.change(jobs=Fact(update))
        keep_ticking(bench)
        ended = [job for job in update.jobs if job.is_over and job.id in (running or ())]
        running = {job.id for job in update.jobs if not job.is_over}
        for job in ended:
            take_ending(bench, job)


def take_ending(bench: Bench, job: "WatchedJob") -> None:
    """Say that a job has ended, and learn again what it may have changed."""
    fine = job.state.value == "done"
    said = f"{job.title}: {job.state.value}" + (f", {job.reason}" if job.reason else "")
    bench.toast(said, "ok" if fine else "error")
    bench.notify_ending(f"envbench: {said}")
    bench.begin("environments", environments.list_all(bench))
    bench.begin("specs", specs.list_folder(bench))
    if job.environment == bench.state.environment:
        bench.begin("details", environments.learn_details(bench))
        if bench.state.place == PROBES or job.kind == "probe":
            bench.begin("probes", environments.learn_probes(bench))
        if bench.state.place == LOCK:
            bench.begin("locks", environments.learn_locks(bench))


async def learn_job(bench: Bench, key: str) -> None:
    """Read the phases of a job."""
    await learn(bench, "job", "reading the job", bench.desk.describe_job(key))


def open_log(bench: Bench, key: str) -> None:
    """Show the log of a job."""
    bench.change(log_job=key)
    bench.go(LOG)


async def stop_job(bench: Bench, key: str) -> None:
    """Ask, then stop a job and wait until nothing of it is left."""
    job = bench.state.find_job(key)
    if job is None:
        return
    details = ["The environment in use stays as it is; what was fetched stays in the cache."]
    if not await bench.ask(f"Stop {job.title}?", details):
        return
    bench.note(f"envbench cancel {key}")
    bench.tell(f"Stopping {job.title}")
    result = await bench.desk.cancel_job(key)
    bench.tell(f"{job.title}: {result.state.value}", "ok")
