"""What follows when a job ends: it is said, and what it may have changed is learned again."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.flows import environments, specs
from envbench.ui.flows.facts import learn
from envbench.ui.job_words import BAD, is_not_fine, name_job, say_trouble
from envbench.ui.state import BACKGROUND_KINDS, JOBS, LOCK, PROBES

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob


def take_ending(bench: Bench, job: "WatchedJob") -> None:
    """Say that a job has ended, and learn again what it may have changed."""
    _say_ending(bench, job)
    bench.begin("environments", environments.list_all(bench))
    bench.begin("specs", specs.list_folder(bench))
    if bench.state.place == JOBS and bench.state.selected.get(JOBS) == job.id:
        bench.begin("job", learn_job(bench, job.id))
    if not job.environment or job.environment.partition("@")[0] != bench.state.environment:
        return
    bench.begin("details", environments.learn_details(bench))
    if bench.state.place == PROBES or job.kind == "probe":
        bench.begin("probes", environments.learn_probes(bench))
    if bench.state.place == LOCK:
        bench.begin("locks", environments.learn_locks(bench))


def say_ending(job: "WatchedJob", built: str = "") -> tuple[str, str]:
    """Say how a job ended and what comes next.

    Args:
        job: A job that is over.
        built: The environment of the open spec; its build is followed by probes and locks.

    Returns:
        The text, and how grave it is: `ok`, `info` or `error`.
    """
    state, name = job.state.value, name_job(job)
    if state == "done":
        if job.kind == "build" and built and job.environment == built:
            return f"{built} is built: p probes it, l locks it", "ok"
        if is_not_fine(job):
            return f"{name}: {say_trouble(job)}", "info"
        return f"{name}: done", "ok"
    if state in BAD:
        return f"{name}: {job.says}: {job.reason or 'no reason is known'}. 6 shows the log", "error"
    return f"{name}: {job.says}", "info"


def _say_ending(bench: Bench, job: "WatchedJob") -> None:
    spec = bench.state.spec
    text, severity = say_ending(job, spec.environment if spec is not None else "")
    if job.kind in BACKGROUND_KINDS:
        # Nobody asked for it, and nothing depends on it.
        if severity == "error":
            bench.tell(text, "warning")
        return
    bench.toast(text, severity)
    if job.origin == "here":
        bench.notify_ending(text)


async def learn_job(bench: Bench, key: str) -> None:
    """Read the phases of a job."""
    await learn(bench, "job", "reading the job", bench.desk.describe_job(key), about=key)
