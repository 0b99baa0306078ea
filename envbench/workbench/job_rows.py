"""What a list of jobs shows: values that are cheap to import, for those who draw them."""

from dataclasses import dataclass

from envbench.model.build import BuildResult
from envbench.model.job_states import FINAL_STATES, JobState
from envbench.model.probe import ProbeResult

STATE_WORDS: dict[JobState, str] = {
    JobState.STARTING: "starting",
    JobState.RUNNING: "running",
    JobState.UNSTARTED: "not started yet: what starts it died and is replaced",
    JobState.ORPHANED: "running: what looks after it died and is replaced",
    JobState.DEAD: "died: being looked into",
    JobState.FOREIGN: "on another machine or in another container",
    JobState.DAMAGED: "its records cannot be read",
    JobState.DONE: "done",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
    JobState.OOM: "killed, probably for lack of memory",
    JobState.LOST: "lost: died unsupervised, how is unknown",
}
"""Every state of the table, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPhase:
    """One phase of a job's work."""

    name: str
    """`wait`, `solve`, `fetch`, `link`, `pip`, `verify`, ..."""
    state: str
    """`running`, `done`, `failed`, or `stopped` when its job ended without it."""
    began: float
    """Unix time."""
    duration_s: float | None = None
    """None while it runs, and when nobody saw its end."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far the running phase is."""

    done: int
    total: int | None
    unit: str
    """`packages`, `bytes`, `files`, `probes`."""
    item: str
    """What is being worked on."""
    at: float
    """Unix time at which this was told."""
    per_second: float | None = None
    """Units a second over the last seconds; None when that is not known."""
    eta_s: float | None = None
    """Seconds from `at` to the end of the phase at this pace; None when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedJob:
    """One job as it stands."""

    id: str
    kind: str
    """`build`, `probe`, `bytecode`, ...; `damaged` when that cannot be read."""
    title: str
    environment: str
    """May be empty."""
    state: JobState
    directory: str
    submitted: float = 0.0
    """Unix time; 0 when unknown."""
    started: float = 0.0
    """Unix time at which its work began; 0 before, and when unknown."""
    ended: float = 0.0
    """Unix time; 0 before, and when unknown."""
    reason: str = ""
    """Why it ended badly, in one line."""
    hint: str = ""
    """What to do about that."""
    code: int = 0
    """The exit code that its headless twin ends with."""
    exit_code: int | None = None
    signal: int | None = None
    origin: str = "elsewhere"
    """`here` when this workbench submitted it, `foreign` when another machine or container did."""
    creator_pid: int = 0
    """The process that submitted it; 0 when unknown."""
    phase: str = ""
    """The phase that runs; empty when none does."""
    phases: tuple[JobPhase, ...] = ()
    """In order; known of jobs that were running when the watch began, and later ones."""
    progress: JobProgress | None = None
    message: str = ""
    """What it said last."""
    message_level: str = ""
    """`info`, `warning` or `error`."""

    @property
    def is_over(self) -> bool:
        """Whether it has its result."""
        return self.state in FINAL_STATES

    @property
    def share(self) -> float | None:
        """How much of the running phase is done, from 0 to 1; None when that is not known."""
        progress = self.progress
        if progress is None or not progress.total or not 0 <= progress.done <= progress.total:
            return None
        return progress.done / progress.total

    @property
    def says(self) -> str:
        """Where it stands, in words."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsUpdate:
    """The list of jobs as it is now."""

    jobs: tuple[WatchedJob, ...] = ()
    """Newest first; those that did not change are the same values as before."""
    total: int = 0
    """How many there are on disk; older finished ones are not in the list."""
    fault: str = ""
    """Why the list cannot be read; empty when it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsChange:
    """What became different in the list, so that not all of it has to travel."""

    changed: tuple[WatchedJob, ...] = ()
    gone: tuple[str, ...] = ()
    """Ids."""
    total: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobMessage:
    """One line that a job said."""

    at: float
    """Unix time."""
    level: str
    """`info`, `warning` or `error`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetails:
    """All that is on record about one job."""

    job: WatchedJob
    messages: tuple[JobMessage, ...] = ()
    """Oldest first; the last ones when there are very many."""
    log: str = ""
    """Path of its log."""
    log_bytes: int = 0
    unreadable_events: int = 0
    """Lines of its records that could not be understood."""
    build: BuildResult | None = None
    """What a build said last."""
    probes: tuple[ProbeResult, ...] = ()
    """What a probe run found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedJob:
    """A job on its way."""

    id: str
    environment: str
    directory: str
    warnings: tuple[str, ...] = ()
    """Of the spec, and of this box, one line each."""


def find_change(old: JobsUpdate, new: JobsUpdate) -> JobsChange:
    """Say what became different."""
    known = {job.id: job for job in old.jobs}
    return JobsChange(
        changed=tuple(job for job in new.jobs if _differs(known.get(job.id), job)),
        gone=tuple(sorted(known.keys() - {job.id for job in new.jobs})),
        total=new.total,
        fault=new.fault,
    )


def apply_change(old: JobsUpdate, change: JobsChange) -> JobsUpdate:
    """Give the list after a change."""
    jobs = {job.id: job for job in (*old.jobs, *change.changed)}
    for job_id in change.gone:
        jobs.pop(job_id, None)
    # Ids begin with the time of submission.
    newest_first = tuple(jobs[job_id] for job_id in sorted(jobs, reverse=True))
    return JobsUpdate(jobs=newest_first, total=change.total, fault=change.fault)


def _differs(old: WatchedJob | None, new: WatchedJob) -> bool:
    return old is not new and old != new
