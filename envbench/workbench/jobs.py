"""Jobs of this user: list, find, follow, cancel."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from envbench.envs.generations import EnvironmentStore
from envbench.envs.lock import lock_environment
from envbench.jobs.follow import follow_events
from envbench.jobs.job import Job
from envbench.jobs.log import follow_log, tail
from envbench.jobs.store import JobStore
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.event import AnyEvent
from envbench.model.job import JobResult
from envbench.settings.load import Settings

EVERYTHING = 1_000_000
CANCEL_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEntry:
    """One line of the list of jobs."""

    id: str
    kind: str
    state: str
    title: str
    environment: str
    submitted: str
    """ISO 8601, UTC; empty when the record is damaged."""
    reason: str
    """Why it ended badly; empty otherwise."""
    directory: str


def list_jobs(settings: Settings) -> tuple[JobEntry, ...]:
    """List all jobs, newest first."""
    return tuple(_describe(job) for job in JobStore(settings.paths.jobs_dir).list(for_list=True))


def find_job(prefix: str, settings: Settings) -> Job:
    """Find the job whose id begins like this.

    Raises:
        UsageError: None does, or several do.
    """
    return JobStore(settings.paths.jobs_dir).find(prefix)


def wait_for_result(job: Job, on_event: Callable[[AnyEvent], None]) -> JobResult:
    """Hand every event of a job to a listener until the job has a result.

    Raises:
        PreventedError: The job cannot be followed from here.
    """
    for event in follow_events(job):
        on_event(event)
    result = job.result()
    if result is None:
        raise PreventedError("the job ended without a result", where=job.id)
    return result


def tidy_after(job: Job, settings: Settings) -> None:
    """Remove what a build left that was ended from outside; the next build would do it too.

    Gigabytes need not wait for that. Whoever builds the environment now is not disturbed.
    """
    if job.request.kind != "build":
        return
    envs_dir, name = settings.paths.envs_dir, job.request.environment
    with suppress(EnvbenchError), lock_environment(envs_dir, name, wait_s=0) as lock:
        EnvironmentStore(envs_dir).sweep(name, lock=lock)


def cancel_job(job: Job, settings: Settings) -> JobResult:
    """Cancel a job, and wait until nothing of it is left.

    Raises:
        PreventedError: It cannot be cancelled from here, or does not end.
    """
    job.cancel()
    result = job.wait(CANCEL_LIMIT_S)
    if result is None:
        raise PreventedError(
            "the job has not ended yet",
            where=job.id,
            why="a process of it may hang in the kernel",
            hint=f"look again with envbench jobs; its files are in {job.directory}",
        )
    tidy_after(job, settings)
    return result


def read_log(job: Job, *, follow: bool, last: int | None) -> Iterator[str]:
    """Yield the lines of a job's log, safe to show.

    Args:
        job: The job.
        follow: Go on until the job has a result.
        last: Begin with so many of the last lines; all when None.
    """
    if follow:
        return follow_log(job, lines=last)
    return iter(tail(job, EVERYTHING if last is None else last))


def _describe(job: Job) -> JobEntry:
    result = job.result() if not job.damage else None
    moment = datetime.fromtimestamp(job.submitted, UTC) if job.submitted else None
    return JobEntry(
        id=job.id,
        kind=job.request.kind,
        state=(result.state if result is not None else job.state()).value,
        title=job.request.title,
        environment=job.request.environment,
        submitted=moment.isoformat(timespec="seconds") if moment else "",
        reason=result.reason if result is not None else job.damage,
        directory=str(job.directory),
    )
