"""Detached jobs: identity, requests, results.

The states and the one table that decides them are in `job_states`, which is kept free of
dataclasses for the sake of the supervisor's memory; they are offered here as well.
"""

from dataclasses import dataclass, field
from typing import Any

from envbench.model.job_states import (
    ADOPTABLE_STATES,
    FINAL_STATES,
    STATE_TABLE,
    JobState,
    judge,
)

__all__ = [
    "ADOPTABLE_STATES",
    "FINAL_STATES",
    "STATE_TABLE",
    "JobRequest",
    "JobResult",
    "JobState",
    "ProcessIdentity",
    "judge",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """A process, told apart from every other one that ever had its pid."""

    machine_id: str
    boot_id: str
    pid_namespace: str
    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat: clock ticks between boot and the start of the process."""


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
