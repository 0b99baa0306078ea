"""Detached jobs: identity, states as one table, requests, results.

Two rules: everything that decides a job's state is `STATE_TABLE` and `Outcome`; and nothing
in this file knows which process reads it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A process, told apart from every other one that ever had its pid."""

    machine_id: str
    boot_id: str
    pid_namespace: str
    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat: clock ticks between boot and the start of the process."""


class JobState(StrEnum):
    """Where a job stands."""

    STARTING = "starting"
    RUNNING = "running"
    UNSTARTED = "unstarted"
    """Submitted, but its supervisor died before it started the worker."""
    ORPHANED = "orphaned"
    """The worker lives, its supervisor does not; to be adopted."""
    DEAD = "dead"
    """Both died without a result; to be judged."""
    FOREIGN = "foreign"
    """Belongs to another machine or container, whose processes cannot be seen from here."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    OOM = "oom"
    """Killed, and the kernel's out-of-memory count rose meanwhile: probably for lack of memory."""
    LOST = "lost"
    """Died unsupervised; its exit status is unknown."""


FINAL_STATES = frozenset(
    {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.OOM, JobState.LOST}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What to run. It lies on disk as it is: no secret may be in it."""

    kind: str
    """`build`, `probe`, `lock`, `verify`."""
    title: str
    """One line for lists: `build ai_dev_env from environment.yml`."""
    argv: tuple[str, ...]
    """The worker's command line, the executable as an absolute path."""
    payload: dict[str, Any] = field(default_factory=dict)
    """The typed request of the worker (`BuildRequest`, ...) as JSON builtins."""
    environment: str = ""
    """Name of the environment it is about; may be empty."""
    env: dict[str, str] = field(default_factory=dict)
    """The worker's environment variables, complete."""
    cwd: str = "/"
    low_priority: bool = True
    """Lower nice, ionice and autogroup for this job."""
    grace_s: float = 5.0
    """Between the request to end and the kill."""
    log_limit_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """The one and final word about a job."""

    state: JobState
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    """One line in plain words; empty for `done`."""
    hint: str = ""
    """What to do next."""
    code: int = 0
    """The exit code that a headless verb should end with."""
    payload: dict[str, Any] = field(default_factory=dict)
    """What the worker said last (`BuildResult`, ...) as JSON builtins."""
    started: str = ""
    ended: str = ""
