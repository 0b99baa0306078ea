"""Follows a job in the foreground: bars on a terminal, plain lines in a pipe."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from envbench.cli.output import format_bytes, make_safe, say
from envbench.cli.session import current_settings
from envbench.model.event import AnyEvent, Message, PhaseEnded, PhaseStarted, Progress
from envbench.model.job import JobResult, JobState

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from envbench.jobs.job import Job

Draw = Callable[[AnyEvent], None]


def follow_job(job: "Job") -> JobResult:
    """Show the events of a job on stderr until it has a result.

    Ctrl-C cancels the job and waits for its end; a lost terminal does not disturb it.
    """
    from envbench.workbench.jobs import tidy_after, wait_for_result

    if sys.stderr.isatty():
        result = _follow_with_bars(job)
    else:
        result = _until_result(job, _draw_line, wait_for_result)
    if result.state is not JobState.DONE:
        tidy_after(job, current_settings(tolerant=True))
    return result


def _until_result(job: "Job", draw: Draw, wait: "Callable[[Job, Draw], JobResult]") -> JobResult:
    told = _Told(draw)
    try:
        return wait(job, told)
    except KeyboardInterrupt:
        # Through the same pen as the rest: a line written past live bars breaks their picture.
        text = f"cancelling {job.id} ... (Ctrl-C again leaves it to its end in the background)"
        draw(Message(text=text))
        job.cancel()
        return wait(job, told.again())


class _Told:
    """Passes each event on once: following a job anew begins at its first event."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._heard = self._told = 0

    def __call__(self, event: AnyEvent) -> None:
        self._heard += 1
        if self._heard > self._told:
            self._told = self._heard
            self._draw(event)

    def again(self) -> "_Told":
        self._heard = 0
        return self


def _draw_line(event: AnyEvent) -> None:
    match event:
        case PhaseEnded(phase=phase, duration_s=duration_s, ok=ok, detail=detail):
            verdict = "done" if ok else "failed"
            say(
                f"{phase}: {verdict} in {duration_s:.2f} s{'; ' + detail if detail else ''}",
                err=True,
            )
        case Message(text=text, level=level):
            say(text if level == "info" else f"{level}: {text}", err=True)


def _follow_with_bars(job: "Job") -> JobResult:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from envbench.workbench.jobs import wait_for_result

    bars = Bars(
        TextColumn("{task.description:<9}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}", markup=False),
        TextColumn("{task.fields[item]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True, highlight=False, markup=False, emoji=False),
        refresh_per_second=8,
    )
    with bars:
        return _until_result(job, _BarDrawer(bars).draw, wait_for_result)


def _count(progress: Progress) -> str:
    show = format_bytes if progress.unit == "bytes" else str
    done = show(progress.done)
    return done if progress.total is None else f"{done}/{show(progress.total)}"


class _BarDrawer:
    """One bar a phase."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def draw(self, event: AnyEvent) -> None:
        match event:
            case PhaseStarted(phase=phase):
                self._tasks[phase] = self._bars.add_task(
                    _cell(phase, 20), total=None, item="", count=""
                )
            case Progress(phase=phase, done=done, total=total, item=item) if phase in self._tasks:
                self._bars.update(
                    self._tasks[phase],
                    completed=done,
                    total=total,
                    item=_cell(item, 40),
                    count=_count(event),
                )
            case PhaseEnded(phase=phase, ok=ok, detail=detail) if phase in self._tasks:
                task = self._tasks[phase]
                total = int(self._bars.tasks[task].total or 1)
                mark = _cell(detail if ok else f"failed {detail}", 60)
                self._bars.update(task, total=total, completed=total if ok else None, item=mark)
                self._bars.stop_task(task)
            case Message(text=text, level=level):
                self._bars.console.print(make_safe(text if level == "info" else f"{level}: {text}"))


def _cell(text: str, width: int) -> str:
    """Make text fit beside a bar: Rich passes most control characters on as they are."""
    return make_safe(text)[:width].replace("\n", " ")
