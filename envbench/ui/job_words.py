"""Where a job stands, in a mark and in words; pure functions."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob


class Standing(NamedTuple):
    """How a state looks."""

    mark: str
    role: str
    word: str
    """Short, so that colour and mark are never alone."""


STANDINGS: dict[str, Standing] = {
    "starting": Standing("►", "accent", "starting"),
    "running": Standing("►", "accent", "running"),
    "unstarted": Standing("▲", "warning", "waits"),
    "orphaned": Standing("►", "warning", "running"),
    "dead": Standing("▲", "warning", "died"),
    "foreign": Standing("◄", "dim", "elsewhere"),
    "damaged": Standing("×", "error", "damaged"),
    "done": Standing("●", "ok", "ok"),
    "failed": Standing("×", "error", "FAIL"),
    "cancelled": Standing("○", "dim", "stopped"),
    "oom": Standing("×", "error", "KILLED"),
    "lost": Standing("×", "error", "LOST"),
}
"""Every state of the table."""
NOT_FINE = Standing("▲", "warning", "not ok")
"""Of a job that came to its end, and found that what it looked at is not fine."""

BAD = frozenset({"failed", "oom", "lost"})
AT_WORK = frozenset({"starting", "running", "orphaned"})


def describe_standing(job: "WatchedJob") -> Standing:
    """Give mark, role and word of a job; a percentage is its word while one is known."""
    standing = NOT_FINE if is_not_fine(job) else STANDINGS[job.state.value]
    if job.state.value not in AT_WORK:
        return standing
    mark = "◄" if is_without_us(job) else standing.mark
    word = f"{job.share:.0%}" if job.share is not None else job.phase or standing.word
    return Standing(mark, standing.role, word)


def is_not_fine(job: "WatchedJob") -> bool:
    """Tell whether a job came to its end, and what it looked at is not fine."""
    return job.state.value == "done" and job.code != 0


def is_without_us(job: "WatchedJob") -> bool:
    """Tell whether a job at work was started by another screen or shell."""
    return job.state.value in AT_WORK and job.origin != "here"


def name_job(job: "WatchedJob") -> str:
    """Name a job in short: `build llm_serving`."""
    if job.kind == "damaged" or not job.title:
        return f"job {job.id}"
    if not job.environment:
        return job.title
    environment = job.environment.rstrip("/").rpartition("/")[2]
    return f"{job.kind} {environment or job.environment}"


def say_trouble(job: "WatchedJob") -> str:
    """Say what is wrong with a job, in words; empty when nothing is."""
    state = job.state.value
    if state in BAD:
        return job.reason or job.says
    if is_not_fine(job):
        return job.reason or "what it looked at is not fine"
    if state == "damaged":
        return f"{job.says}: {job.reason}" if job.reason else job.says
    return job.says if state in {"unstarted", "orphaned", "dead", "foreign"} else ""
