"""The jobs, in short."""

import time

from envbench.ui.ink import Line, cut, ink, spread, wrap
from envbench.ui.job_words import describe_standing, name_job
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.job_lines import describe_short, order_jobs
from envbench.ui.panels.panel import Panel
from envbench.ui.state import ScreenState

MOST = 30
INDENT = "  "


class SideJobs(Panel):
    """Two lines a job; Enter shows its log."""

    reads = ("jobs", "tick", "minute")

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_side_jobs(state, width, time.time())


def describe_side_jobs(state: ScreenState, width: int, now: float) -> PaneView:
    """List the jobs, those at work first, each with how far it is or how it ended.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width = max(2, width)
    update = state.jobs.value
    if update is None:
        return PaneView("Jobs", empty=_say_nothing(state, width), keys="8 all")
    rows = []
    for job in order_jobs(update.jobs)[:MOST]:
        mark, role, word = describe_standing(job)
        head = spread(ink((f"{mark} ", role), name_job(job)), ink((word, role)), width)
        rest = describe_short(job, max(1, width - len(INDENT)), now)
        lines = (head, *(cut(ink(INDENT, line), width) for line in rest))
        rows.append(Row(job.id, lines))
    badge = "old" if state.jobs.fault else ""
    top = wrap(ink(("× ", "error"), (state.jobs.fault, "dim")), width) if badge else ()
    empty = (cut(ink(("Nothing ran yet.", "dim")), width),)
    return PaneView("Jobs", badge, "warning", top[:3], tuple(rows), empty, keys="8 all")


def _say_nothing(state: ScreenState, width: int) -> tuple[Line, ...]:
    if state.jobs.fault:
        return wrap(ink(("× ", "error"), state.jobs.fault), width)
    return (cut(ink((state.jobs.working or "looking for jobs", "dim")), width),)
