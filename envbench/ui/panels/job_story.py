"""One job in full: how it ended and what to do, its phases, what it said, where its files are."""

import time
from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, cut, ink, wrap
from envbench.ui.job_words import BAD, describe_standing, is_without_us, name_job, say_trouble
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.job_lines import say_age, say_took
from envbench.ui.panels.progress_line import describe_progress
from envbench.ui.sizes import show_bytes, show_duration
from envbench.ui.state import JOBS, ScreenState

if TYPE_CHECKING:
    from envbench.model.build import BuildResult
    from envbench.model.probe import ProbeResult
    from envbench.workbench.job_rows import JobDetails, JobPhase, WatchedJob

MOST_MESSAGES = 3
_PHASES = (
    Column("  phase", least=7),
    Column("took", "right", least=6),
    Column("", least=4, gives=1, drops=1),
)
_MARKS = {
    "running": ("►", "accent"),
    "done": ("●", "ok"),
    "failed": ("×", "error"),
    "stopped": ("○", "dim"),
}
_LEVELS = {"warning": ("▲ ", "warning"), "error": ("× ", "error")}


def describe_story(state: ScreenState, width: int, now: float) -> PaneView:
    """Tell all about the job under the cursor of the list.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width = max(2, width)
    job = state.find_job(state.selected.get(JOBS, ""))
    if job is None:
        return PaneView("Job", empty=(ink(("No job is chosen.", "dim")),))
    details = state.job.value
    if details is not None and details.job.id != job.id:
        details = None
    _, role, word = describe_standing(job)
    lines = (
        *_say_end(job, width),
        *_say_progress(job, width, now),
        *_list_phases(job, details, width, now),
        *_say_details(state, details, width),
        *_list_messages(job, details, width),
        *_say_times(job, width, now),
        *_say_files(job, details, width),
    )
    rows = tuple(Row(f"line:{n}", (line,), selectable=False) for n, line in enumerate(lines))
    return PaneView(name_job(job), word, role, rows=rows)


def _say_end(job: "WatchedJob", width: int) -> list[Line]:
    trouble, state = say_trouble(job), job.state.value
    lines: list[Line] = []
    if trouble:
        mark, role, _ = describe_standing(job)
        lines += wrap(ink((f"{mark} ", role), trouble), width)
    if job.hint:
        lines += wrap(ink((job.hint, "dim")), width)
    if state in BAD and job.kind in {"build", "probe"}:
        lines.append(cut(ink(("r", "accent"), (" runs it again", "dim")), width))
    if is_without_us(job):
        maker = f"by process {job.creator_pid} " if job.creator_pid else ""
        text = f"started {maker}elsewhere or earlier: it runs without this screen"
        lines += wrap(ink(("◄ ", "accent"), (text, "dim")), width)
    return lines


def _say_progress(job: "WatchedJob", width: int, now: float) -> list[Line]:
    if job.is_over or job.progress is None:
        return []
    lines = [cut(describe_progress(job, width, now), width)]
    if job.progress.item:
        lines.append(cut(ink((job.progress.item, "dim")), width))
    return lines


def _list_phases(
    job: "WatchedJob", details: "JobDetails | None", width: int, now: float
) -> tuple[Line, ...]:
    phases = job.phases or (details.job.phases if details is not None else ())
    if not phases:
        return ()
    heading, rows = lay_out(_PHASES, [_phase_cells(phase, now) for phase in phases], width)
    return tuple(cut(line, width) for line in (heading, *rows))


def _phase_cells(phase: "JobPhase", now: float) -> tuple[Part, ...]:
    mark, role = _MARKS.get(phase.state, ("○", "dim"))
    seconds = now - phase.began if phase.state == "running" and phase.began else phase.duration_s
    took = show_duration(max(0.0, seconds)) if seconds is not None else "-"
    detail = phase.detail or ("" if phase.state == "done" else phase.state)
    return ink((f"{mark} ", role), phase.name), (took, "dim"), (detail, "dim")


def _say_details(state: ScreenState, details: "JobDetails | None", width: int) -> list[Line]:
    if details is None:
        said = state.job.working or state.job.fault
        return [cut(ink((said, "dim")), width)] if said else []
    if details.build is not None and details.build.generation:
        return list(wrap(ink(("● ", "ok"), _say_build(details.build)), width))
    return [cut(_say_probe(probe), width) for probe in details.probes]


def _say_probe(probe: "ProbeResult") -> Line:
    role = "ok" if probe.status.value == "ok" else "error"
    reason = f"  {probe.reason}" if probe.reason else ""
    return ink((f"{probe.probe}  ", "dim"), (probe.status.value, role), reason)


def _say_build(build: "BuildResult") -> str:
    pip = f", {build.pip_packages} pip" if build.pip_packages else ""
    size = f", {show_bytes(build.linked_bytes)}" if build.linked_bytes else ""
    return f"{build.environment} g{build.generation}: {build.conda_packages} conda{pip}{size}"


def _list_messages(job: "WatchedJob", details: "JobDetails | None", width: int) -> list[Line]:
    said = [(job.message_level, job.message)] if job.message else []
    if job.is_over and details is not None:
        said = [(each.level, each.text) for each in details.messages[-MOST_MESSAGES:]]
    lines: list[Line] = []
    for level, text in said:
        lines += wrap(ink(_LEVELS.get(level, ("", "dim")), (text, "dim")), width)[:2]
    return lines


def _say_times(job: "WatchedJob", width: int, now: float) -> tuple[Line, ...]:
    parts = [say_age(job, now) if job.is_over else ""]
    took = say_took(job, now)
    parts.append(f"{'took' if job.is_over else 'at work for'} {took}" if took else "")
    if job.submitted:
        clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(job.submitted))
        parts.append(f"submitted {clock}")
    if job.exit_code is not None:
        parts.append(f"exit code {job.exit_code}")
    if job.signal is not None:
        parts.append(f"ended by signal {job.signal}")
    text = ", ".join(part for part in parts if part)
    return wrap(ink((text, "dim")), width) if text else ()


def _say_files(job: "WatchedJob", details: "JobDetails | None", width: int) -> tuple[Line, ...]:
    log = f"log {show_bytes(details.log_bytes)}, " if details is not None else ""
    lost = details.unreadable_events if details is not None else 0
    torn = f"{lost} lines of its records cannot be read, " if lost else ""
    return wrap(ink((f"{torn}{log}files in {job.directory}", "dim")), width)
