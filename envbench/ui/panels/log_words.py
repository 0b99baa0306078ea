"""What the frame around a log says; pure functions."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, cut, ink, join
from envbench.ui.job_words import name_job

if TYPE_CHECKING:
    from envbench.ui.widgets.log_view.status import Status
    from envbench.workbench.job_rows import WatchedJob
    from envbench.workbench.logs import LogQuery

WIDE = 50
"""Narrower titles leave the lesser things out."""
WIDER = 80


def describe_title(
    job: "WatchedJob | None", status: "Status", query: "LogQuery | None", width: int
) -> Line:
    """Name the job, then say whether the end is followed, how long the log is, what was found.

    Args:
        job: None when no job is there.
        status: What the viewer says of itself.
        query: What is looked for; None when nothing is.
        width: Of the title, in cells.
    """
    if job is None:
        return ink(("Log", "bold"))
    name = cut(ink((name_job(job), "bold")), max(20, min(width // 2, width - 44)))
    parts = [ink(("Log  ", "dim") if width >= WIDER else "", name)]
    parts.append(_say_following(status, is_over=job.is_over))
    parts.append(_say_matches(status, query, width))
    if query is None or width >= WIDER:
        lines = f"{status.lines:,} line{'s' * (status.lines != 1)}"
        parts.append(ink((f"{lines}, counting" if status.counting else lines, "dim")))
    if status.note and width >= WIDE:
        parts.append(ink((status.note, "warning")))
    return join("  ", parts)


def _say_following(status: "Status", *, is_over: bool) -> Line:
    if status.follow:
        return ink(("END", "dim")) if is_over else ink(("FOLLOW", "ok"))
    if status.new_lines:
        return ink((f"paused, {status.new_lines:,} new: End", "warning"))
    return ink((f"at {status.percent}%" if is_over else f"paused at {status.percent}%: End", "dim"))


def _say_matches(status: "Status", query: "LogQuery | None", width: int) -> Line:
    if query is None:
        return ()
    what = f"/{query.pattern}" if query.pattern else f"only {' and '.join(query.levels)}"
    shown = ink((what, "accent"), "  ") if width >= WIDE else ()
    if not status.matches:
        return ink(shown, ("searching" if status.searching else "no match", "warning"))
    more = "+" if status.searching or status.capped else ""
    place = f"match {status.match} of " if status.match else ""
    word = "" if status.match else " match" if status.matches == 1 else " matches"
    only = ", only these" if status.filtered else ""
    return ink(shown, (f"{place}{status.matches:,}{more}{word}{only}", "accent"))
