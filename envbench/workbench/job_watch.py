"""Watches the jobs of a user, whoever submitted them: gently, and without end."""

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from envbench.jobs import layout
from envbench.jobs.follow import RECONCILE_S, EventReader
from envbench.jobs.job import Job
from envbench.jobs.store import JobStore
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.job import ADOPTABLE_STATES, FINAL_STATES, JobResult, JobState
from envbench.settings.load import Settings
from envbench.workbench.building import read_build_result
from envbench.workbench.desk.verbs import WORKBENCH_VARIABLE
from envbench.workbench.job_rows import JobDetails as JobDetails
from envbench.workbench.job_rows import JobsChange, find_change
from envbench.workbench.job_rows import JobsUpdate as JobsUpdate
from envbench.workbench.job_rows import WatchedJob as WatchedJob
from envbench.workbench.job_story import JobStory
from envbench.workbench.probing import read_probe_results

LIMIT = 200
"""So many of the newest are told of, and every older one that is not over."""
BUSY_POLL_S = 0.25
IDLE_POLL_S = 0.4
SLOW_LOOK_S = 2.0
"""Between two looks at what changes by itself hardly ever: jobs of other machines, damaged ones."""

_FRESH_S = 2.0
"""The clock of a file system is coarse: what changed so lately may have changed once more."""
_MOST_POLLS = 64
"""Of one event file at one look, a mebibyte each."""


def watch_jobs(settings: Settings) -> Iterator[JobsUpdate]:
    """Yield the list of jobs, at once and then whenever something about it has changed.

    Jobs whose supervisor died are given a new one meanwhile. It never ends by itself.
    """
    watch = JobWatch(settings.paths.jobs_dir)
    told: JobsUpdate | None = None
    while True:
        update = watch.look()
        if update != told:
            told = update
            yield update
        time.sleep(BUSY_POLL_S if watch.is_busy else IDLE_POLL_S)


def stream_jobs(settings: Settings) -> Iterator[JobsChange]:
    """Yield what `watch_jobs` does, as differences; the first one is the whole list."""
    known = JobsUpdate()
    for update in watch_jobs(settings):
        yield find_change(known, update)
        known = update


def list_watched_jobs(settings: Settings) -> JobsUpdate:
    """Give the list of jobs as it is now."""
    return JobWatch(settings.paths.jobs_dir).look()


def describe_job(job_id: str, settings: Settings) -> JobDetails:
    """Tell all that is on record about a job.

    Raises:
        UsageError: There is no such job.
    """
    job = JobStore(settings.paths.jobs_dir).find(job_id)
    entry = _Entry(job, with_events=True)
    entry.look(time.time())
    # What cannot be read is told by the row itself.
    result = None
    with contextlib.suppress(PreventedError):
        result = job.result()
    log = job.directory / layout.LOG
    return JobDetails(
        job=entry.row,
        messages=tuple(entry.story.messages),
        log=str(log),
        log_bytes=_measure_file(log),
        unreadable_events=entry.unreadable_events,
        build=read_build_result(result) if result and job.request.kind == "build" else None,
        probes=read_probe_results(result) if result and job.request.kind == "probe" else (),
    )


class JobWatch:
    """Knows the jobs of a directory from look to look; finished ones are read once."""

    def __init__(self, jobs_dir: Path, *, limit: int = LIMIT) -> None:
        """Know nothing yet."""
        self._root = jobs_dir
        self._store = JobStore(jobs_dir)
        self._limit = limit
        self._entries: dict[str, _Entry] = {}
        self._over: set[str] = set()
        """Ids of old jobs that are over, and not told of."""
        self._listed_at = 0
        """Modification time of the directory when it was listed, nanoseconds."""
        self._total = 0

    @property
    def is_busy(self) -> bool:
        """Whether something may change soon."""
        return any(entry.is_lively for entry in self._entries.values())

    def look(self) -> JobsUpdate:
        """Look at what may have changed, and give the whole list."""
        try:
            self._list_anew()
        except (EnvbenchError, OSError) as fault:
            return JobsUpdate(fault=str(fault))
        now = time.time()
        for entry in self._entries.values():
            entry.look(now)
        newest_first = sorted(self._entries, reverse=True)
        return JobsUpdate(jobs=tuple(self._entries[i].row for i in newest_first), total=self._total)

    def _list_anew(self) -> None:
        """List the directory if it may have changed since."""
        try:
            changed_at = self._root.stat().st_mtime_ns
        except FileNotFoundError:
            self._entries.clear()
            self._total = 0
            return
        if changed_at == self._listed_at and changed_at < time.time_ns() - _FRESH_S * 1e9:
            return
        self._listed_at = changed_at
        ids = self._store.list_ids()
        self._total = len(ids)
        shown = [*ids[: self._limit], *(i for i in ids[self._limit :] if not self._is_over(i))]
        for job_id in self._entries.keys() - set(shown):
            del self._entries[job_id]
        for job_id in shown:
            if job_id not in self._entries:
                self._entries[job_id] = _Entry(Job.load(self._root / job_id, for_list=True))

    def _is_over(self, job_id: str) -> bool:
        if job_id not in self._over and (self._root / job_id / layout.RESULT).exists():
            self._over.add(job_id)
        return job_id in self._over


class _Entry:
    """One job from look to look."""

    def __init__(self, job: Job, *, with_events: bool = False) -> None:
        """Know its request; `with_events` reads its events though it may be over."""
        self.job = job
        self.story = JobStory()
        self._reader: EventReader | None = EventReader(job) if with_events else None
        self._with_events = with_events
        self._next_look = self._next_reconcile = 0.0
        self._fault = ""
        self._base = self.row = _describe_request(job)

    @property
    def is_lively(self) -> bool:
        """Whether it may change soon."""
        return not self.row.is_over and self.row.state not in (JobState.FOREIGN, JobState.DAMAGED)

    @property
    def unreadable_events(self) -> int:
        """Lines of its events that could not be understood."""
        return self._reader.skipped if self._reader is not None else 0

    def look(self, now: float) -> None:
        """Look where it stands, unless that cannot have changed."""
        if self.row.is_over or now < self._next_look:
            return
        if self.job.damage:
            self.job = Job.load(self.job.directory, for_list=True)
            self._base = _describe_request(self.job)
        try:
            # First the result, then the events: all that there will be is on disk by then.
            result = self.job.result()
            state = self.job.state() if result is None else result.state
            self._read_events(over=state in FINAL_STATES)
            self._fault = ""
        except PreventedError as fault:
            result, state, self._fault = None, JobState.DAMAGED, str(fault)
        if state in ADOPTABLE_STATES and now >= self._next_reconcile:
            self._next_reconcile = now + RECONCILE_S
            self._reconcile()
        row = self._describe(result, state, now)
        self.row = row if row != self.row else self.row
        self._next_look = 0.0 if self.is_lively else now + SLOW_LOOK_S

    def _read_events(self, *, over: bool) -> None:
        if self._reader is None:
            if over:
                return  # It was over when we came: its result says enough for a list.
            self._reader = EventReader(self.job)
        for _ in range(_MOST_POLLS):
            for event in self._reader.poll():
                self.story.take(event)
            if not self._reader.has_more:
                break
        if over:
            self.story.stop()

    def _reconcile(self) -> None:
        try:
            self.job.reconcile()
        except PreventedError as fault:
            self._fault = str(fault)

    def _describe(self, result: JobResult | None, state: JobState, now: float) -> WatchedJob:
        base, story = self._base, self.story
        last = story.messages[-1] if story.messages else None
        return WatchedJob(
            id=base.id,
            kind=base.kind,
            title=base.title,
            environment=base.environment,
            state=state,
            directory=base.directory,
            submitted=base.submitted,
            started=_read_moment(result.started if result else "") or story.started,
            ended=_read_moment(result.ended if result else ""),
            reason=self.job.damage or self._fault or (result.reason if result else ""),
            hint=result.hint if result else "",
            code=result.code if result else 0,
            exit_code=result.exit_code if result else None,
            signal=result.signal if result else None,
            origin=base.origin,
            creator_pid=base.creator_pid,
            phase=story.phase,
            phases=tuple(story.phases),
            progress=story.measure(now),
            message=last.text if last else "",
            message_level=last.level if last else "",
        )


def _describe_request(job: Job) -> WatchedJob:
    here = os.environ.get(WORKBENCH_VARIABLE, "")
    is_own = bool(here) and job.request.env.get(WORKBENCH_VARIABLE) == here
    origin = "foreign" if job.is_foreign else "here" if is_own else "elsewhere"
    return WatchedJob(
        id=job.id,
        kind=job.request.kind,
        title=job.request.title,
        environment=job.request.environment,
        state=JobState.DAMAGED if job.damage else JobState.STARTING,
        directory=str(job.directory),
        submitted=job.submitted,
        reason=job.damage,
        origin=origin,
        creator_pid=job.creator_pid,
    )


def _read_moment(text: str) -> float:
    """Read an ISO time; 0 when there is none."""
    try:
        return datetime.fromisoformat(text).timestamp() if text else 0.0
    except ValueError:
        return 0.0


def _measure_file(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
