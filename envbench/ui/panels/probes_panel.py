"""What the last probes of the environment found, and what those find that run now."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.ui.environment_choice import refuse_unbuilt, show_name
from envbench.ui.finding_choice import refuse_fix
from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView
from envbench.ui.panels.panel import Panel
from envbench.ui.panels.probe_lines import describe_result, list_results, say_verdict
from envbench.ui.sizes import show_duration
from envbench.ui.state import COMPATIBILITY, EXAMINATION, PROBES, ScreenState
from envbench.ui.times import show_since

if TYPE_CHECKING:
    from envbench.workbench.job_rows import WatchedJob
    from envbench.workbench.values.probe_records import ProbeRecord


class ProbesPanel(Panel):
    """One row a probe; the one under the cursor in detail below them."""

    reads = (
        "probes",
        "probe_face",
        "examination",
        "compatibility",
        "spec",
        "environment",
        "environments",
        "jobs",
        "selected",
        "tick",
        "minute",
    )

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """Show them, or what the doctor says, or the report of both."""
        now = time.time()
        if state.probe_face == EXAMINATION:
            from envbench.ui.panels.examination_view import describe_examination

            return describe_examination(state, max(2, width), now)
        if state.probe_face == COMPATIBILITY:
            from envbench.ui.panels.compatibility_view import describe_compatibility

            return describe_compatibility(state, max(2, width), now)
        return describe_probes(state, width, now)


def describe_probes(state: ScreenState, width: int, now: float) -> PaneView:
    """Show verdicts and numbers of the last probes, and where the running ones are.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    width, fact = max(2, width), state.probes
    name = show_name(state, state.environment)
    title = f"{name}: probes" if name else "Probes"
    record = fact.value if fact.about == state.environment else None
    running = tuple(_say_running(state, width, now))
    fault = wrap(ink(("× ", "error"), fact.fault), width) if fact.fault else ()
    if record is None:
        empty = (*fault, *_say_empty(state, width)) if not running else fault
        return PaneView(title, _say_badge(running), "accent", top=running, empty=empty)
    top = (*running, *fault, *_say_head(record, width, now))
    if not record.results:
        return PaneView(title, "no result", "warning", top=top, empty=_say_again(width))
    heading, rows = list_results(record, width)
    key = "" if refuse_fix(state) else "f"
    bottom = describe_result(record, state.selected.get(PROBES, ""), width, fix_key=key)
    badge, role = judge_all(record)
    return PaneView(
        title,
        "RUNNING" if running else badge,
        "accent" if running else role,
        top=(*top, (), heading),
        rows=rows,
        bottom=bottom,
        keys="p again  v doctor  M report  Enter log  c copy",
    )


def _say_badge(running: tuple[Line, ...]) -> str:
    return "RUNNING" if running else ""


def judge_all(record: "ProbeRecord") -> tuple[str, str]:
    """Say all verdicts in a few words, with their role: `1 DEGRADED  1 FAILED`."""
    if record.staleness:
        return "OUT OF DATE", "warning"
    counted: dict[str, int] = {}
    roles = set()
    for result in record.results:
        _, role, words = say_verdict(result)
        if role in {"error", "warning"}:
            counted[words] = counted.get(words, 0) + 1
            roles.add(role)
    if not counted:
        return "ALL OK", "ok"
    said = "  ".join(f"{count} {words}" for words, count in counted.items())
    return said, "error" if "error" in roles else "warning"


def _say_head(record: "ProbeRecord", width: int, now: float) -> Iterator[Line]:
    generation = f"generation {record.generation}   " if record.generation is not None else ""
    kind = "by its build" if record.job_kind == "build" else "probed"
    age, spent = show_since(record.started, now), show_duration(record.duration_s)
    gpus = "GPUs here: unknown" if record.host_gpus is None else f"GPUs here: {record.host_gpus}"
    asked = f"   asked: {', '.join(record.asked)}" if record.asked else ""
    head = ink((generation, "bold"), f"{kind} {age}, {spent}", (f"   {gpus}{asked}", "dim"),
               (f"   job {record.job_id}" if width >= 100 else "", "dim"))  # fmt: skip
    yield from wrap(head, width)
    if record.staleness:
        again = ((": ", "text"), ("p", "accent"), (" probes again", "text"))
        yield from wrap(ink(("▲ ", "warning"), (record.staleness, "warning"), *again), width)
    if record.reason:
        yield from wrap(
            ink(("× ", "error"), f"the run ended {record.state}: {record.reason}"), width
        )
    for each in record.notes[:2]:
        yield from wrap(ink(("▲ ", "warning"), (each, "dim")), width)


def _say_running(state: ScreenState, width: int, now: float) -> Iterator[Line]:
    """Say where the probes are that run now in this environment."""
    for job in state.running_jobs:
        probes = job.kind == "probe" or (job.kind == "build" and job.phase == "probe")
        if probes and job.environment == state.environment:
            yield from wrap(ink(("► ", "accent"), _say_job(job, now)), width)


def _say_job(job: "WatchedJob", now: float) -> str:
    spent = f", {show_duration(max(0.0, now - job.started))}" if job.started else ""
    progress = job.progress
    if progress is None:
        return f"probing: {job.says}{spent}"
    item = f"{progress.item}, " if progress.item else ""
    total = f" of {progress.total}" if progress.total is not None else ""
    last = f"   {job.message}" if job.message else ""
    return f"probing: {item}{progress.done}{total} done{spent}{last}"


def _say_empty(state: ScreenState, width: int) -> Iterator[Line]:
    refusal = refuse_unbuilt(state, state.environment)
    if refusal:
        yield from wrap(ink((refusal, "dim")), width)
    elif state.probes.working or state.probes.about != state.environment:
        yield from wrap(ink((state.probes.working or "reading", "dim")), width)
    elif not state.probes.fault:
        yield from wrap(ink("Nothing was probed here yet."), width)
        said = " computes with each framework that is installed, and compares with references"
        yield from wrap(ink(("p", "accent"), (said, "dim")), width)


def _say_again(width: int) -> tuple[Line, ...]:
    words = (" shows the log, ", "dim"), ("p", "accent"), (" probes again", "dim")
    return wrap(ink(("Enter", "accent"), *words), width)
