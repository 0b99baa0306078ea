"""All jobs, and the story of the one under the cursor."""

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.widget import Widget

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.job_words import describe_standing, is_without_us, name_job, say_trouble
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.job_lines import order_jobs, say_age, say_took
from envbench.ui.panels.job_story import describe_story
from envbench.ui.panels.panel import Panel
from envbench.ui.panels.progress_line import say_step
from envbench.ui.state import JOBS, UNSEEN, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob

BESIDE_FROM = 110
"""Narrower places show the story below the list."""
KEYS = "Enter log  x stop  r again  c copy"


class JobsPanel(Container):
    """The list, and the story below it or beside it."""

    def compose(self) -> ComposeResult:
        """Put both there."""
        # The list bears the name of the place: the row under its cursor is kept by that name.
        yield JobsList(id=JOBS)
        yield JobStory(id="job-story")

    def show(self, state: ScreenState) -> None:
        """Take a state."""
        if self.is_mounted:
            self.query_one(JobsList).show(state)
            self.query_one(JobStory).show(state)

    def keys_target(self) -> Widget:
        """Give the list the keys."""
        return self.query_one(JobsList)

    def on_resize(self, event: Resize) -> None:
        """Choose where the story stands."""
        self.set_class(event.size.width >= BESIDE_FROM, "-beside")


class JobsList(Panel):
    """One line a job; Enter shows its log."""

    reads = ("jobs", "tick", "minute")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_jobs(state, width, time.time())


class JobStory(Panel):
    """What the job under the cursor did and does."""

    reads = ("jobs", "job", "selected", "tick", "minute")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Tell it."""
        return describe_story(state, width, time.time())


def describe_jobs(state: ScreenState, width: int, now: float) -> PaneView:
    """List all jobs, those at work first.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width = max(2, width)
    update, fault = state.jobs.value, state.jobs.fault
    trouble = wrap(ink(("× ", "error"), fault), width)[:3] if fault else ()
    if update is None:
        looking = (ink((state.jobs.working or "looking for jobs", "dim")),)
        return PaneView("Jobs", empty=trouble or looking)
    jobs = order_jobs(update.jobs)
    heading, lines = lay_out(_choose_columns(width), [_cells(job, now) for job in jobs], width)
    rows = tuple(Row(job.id, (cut(line, width),)) for job, line in zip(jobs, lines, strict=True))
    badge, role = _sum_up(jobs, update.total, is_old=bool(fault))
    if not rows:
        return PaneView("Jobs", badge, role, trouble, empty=_say_none(width))
    return PaneView("Jobs", badge, role, (*trouble, cut(heading, width)), rows, keys=KEYS)


def _choose_columns(width: int) -> tuple[Column, ...]:
    return (
        # A name is worth more than the time since.
        Column("  job", least=max(10, min(22, width // 3)), gives=1),
        Column("state", most=12),
        Column("now", least=18, gives=2, drops=2),
        Column("took", "right", drops=3),
        Column("when", drops=4),
    )


def _cells(job: "WatchedJob", now: float) -> tuple[Part, ...]:
    mark, role, word = describe_standing(job)
    doing = say_trouble(job) or ("" if job.is_over else say_step(job, now))
    when = "without you" if is_without_us(job) else say_age(job, now)
    name = ink((f"{mark} ", role), (name_job(job), "bold" if not job.is_over else "text"))
    took = (say_took(job, now), "dim")
    return name, (word, role), (doing, "dim"), took, (when, "dim")


def _sum_up(jobs: "list[WatchedJob]", total: int, *, is_old: bool) -> tuple[str, str]:
    if is_old:
        return "as it was", "warning"
    running = sum(not job.is_over and job.state.value not in UNSEEN for job in jobs)
    shown = f"{len(jobs)} of {total}" if total > len(jobs) else str(total)
    if not jobs:
        return "none", "dim"
    return (f"{running} at work, {shown} in all", "accent") if running else (shown, "dim")


def _say_none(width: int) -> tuple[Line, ...]:
    lines = (
        ink(("Nothing ran yet.", "dim")),
        ink(("b", "accent"), ("  builds the open spec", "dim")),
        ink(("p", "accent"), ("  probes an environment", "dim")),
        ink(("Jobs go on when the screen is left, and are here again later.", "dim")),
    )
    return tuple(row for line in lines for row in wrap(line, width))
