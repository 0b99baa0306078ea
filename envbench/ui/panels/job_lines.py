"""Where a job stands, in lines; pure functions for all panes that show jobs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from envbench.ui.ink import Line, cut, ink, join, measure, spread, wrap
from envbench.ui.job_words import (
    BAD,
    NOT_FINE,
    STANDINGS,
    is_not_fine,
    is_without_us,
    name_job,
    say_trouble,
)
from envbench.ui.panels.progress_line import describe_progress, say_step
from envbench.ui.sizes import show_age, show_duration
from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob


ELSEWHERE = "runs without you"
NAMED_FROM = 70
"""Narrower strips have no room for the name of the job."""


def order_jobs(jobs: "Iterable[WatchedJob]") -> "list[WatchedJob]":
    """Put those at work first; newest first in both parts, as they come."""
    return sorted(jobs, key=lambda job: job.is_over or job.state.value in ("foreign", "damaged"))


def say_age(job: "WatchedJob", now: float) -> str:
    """Say how long ago it ended, or was submitted; empty when nobody knows."""
    moment = job.ended or job.submitted
    return show_age(max(0.0, now - moment)) if moment else ""


def say_took(job: "WatchedJob", now: float) -> str:
    """Say how long it ran or has been running; empty when nobody knows."""
    ended = job.ended if job.is_over else now
    return show_duration(max(0.0, ended - job.started)) if job.started and ended else ""


def describe_short(job: "WatchedJob", width: int, now: float) -> tuple[Line, ...]:
    """Give what stands under a job's name in a narrow list: one or two lines.

    Args:
        job: The job.
        width: Of a line, in cells.
        now: Unix time.
    """
    age, trouble = say_age(job, now), say_trouble(job)
    if job.is_over:
        aged = f"{trouble}, {age}" if trouble and age else trouble or age
        return (cut(ink((fit((aged, trouble or age), width), "dim")), width),) if aged else ()
    if trouble:
        return (cut(ink((trouble, "dim")), width),)
    lines = [ink((say_step(job, now, width), "dim"))]
    if is_without_us(job):
        lines.append(ink((ELSEWHERE, "dim")))
    return tuple(cut(line, width) for line in lines)


def fit(texts: Iterable[str], width: int) -> str:
    """Choose the first text that fits, else the last."""
    chosen = ""
    for text in texts:
        chosen = text
        if measure(text) <= width:
            break
    return chosen


def describe_foot(job: "WatchedJob", width: int, now: float) -> tuple[Line, ...]:
    """Say under a log how far its job is, or how it ended and what to do; up to three lines.

    Args:
        job: The job.
        width: Of a line, in cells.
        now: Unix time.
    """
    state, trouble = job.state.value, say_trouble(job)
    if state in {"starting", "running"}:
        return (cut(describe_progress(job, width, now), width),)
    standing = NOT_FINE if is_not_fine(job) else STANDINGS[state]
    word = "runs" if state == "orphaned" else standing.word
    head = ink((f"{standing.mark} {word}", standing.role), f": {trouble}" if trouble else "")
    took = f"took {say_took(job, now)}" if job.is_over and job.started else ""
    times = ", ".join(part for part in (took, say_age(job, now)) if part)
    lines = [join("   ", (head, ink((times, "dim"))))]
    if job.hint and state in BAD:
        lines.append(ink("  ", (job.hint, "dim")))
    rows = [row for line in lines for row in wrap(line, max(2, width))]
    return tuple(cut(row, width) for row in rows[:3])


def describe_line(state: ScreenState, width: int, now: float) -> Line:
    """Say in one line what the job does whose log is of interest, and how far it is.

    Args:
        state: All that is known.
        width: Of the line, in cells.
        now: Unix time.
    """
    job = state.shown_log
    if job is None:
        return ()
    name = (f"{name_job(job)} ", "bold") if width >= NAMED_FROM else ""
    if job.is_over or say_trouble(job):
        return cut(ink(" ", name, describe_foot(job, 1000, now)[0]), width)
    room = max(12, width // 2)
    bar = cut(describe_progress(job, min(room, 44), now), room)
    item = job.progress.item if job.progress is not None else ""
    said = f"{job.phase} {item}" if item else job.message
    return spread(ink(" ", name, said), bar, width)
