"""`envbench gpus`: what the GPUs do now, and whose processes are on them."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import click

from envbench.cli.gpu_table import TableLine, draw_report
from envbench.cli.output import json_option, print_document, print_line_document, say
from envbench.cli.session import current_settings
from envbench.cli.table import terminal_width
from envbench.model.errors import ExitCode, PreventedError
from envbench.model.gpu import AbsenceCode, GpuState, Sample

if TYPE_CHECKING:
    from envbench.workbench.values.gpu_owners import GpuReport

Show: TypeAlias = "Callable[[GpuReport], None]"

_FINE = {GpuState.OK, GpuState.ASLEEP}
_SLOWEST_S = 3600.0
_CANNOT_REPAINT = {"", "dumb", "unknown"}
"""Terminals in whose place nothing can be shown again."""


@click.command()
@click.option(
    "--watch",
    "period_s",
    type=click.FloatRange(min=0.1, max=_SLOWEST_S),
    is_flag=False,
    flag_value=1.0,
    metavar="[SECONDS]",
    help="Go on until Ctrl-C, a look every second or every SECONDS.",
)
@json_option
def gpus(period_s: float | None, as_json: bool) -> int:
    """Show the GPUs of this box, and the processes on them with their environments.

    A "-" is a value that the driver does not tell; --json has the reason. "~NAME" is an environment
    guessed from a path. With --watch, --json prints one document a line, one line a look.

    Exit code 0 when all GPUs answer, and on a box that has none; 1 when one is faulty, hangs or
    crashes its driver; 3 when none can be read although one should be there.
    """
    from envbench.workbench.gpu_reports import read_gpus

    if period_s is not None:
        return asyncio.run(_watch(period_s, as_json=as_json))
    report = read_gpus(current_settings(tolerant=True))
    if as_json:
        print_document("gpus", report)
        return _judge(report.sample)
    _refuse_absence(report.sample)
    for line in draw_report(report, terminal_width()):
        _print(line)
    for note in report.sample.notes:
        say(f"note: {note}", err=True)
    return _judge(report.sample)


def _judge(sample: Sample) -> int:
    if sample.absence is not None:
        is_ordinary = sample.absence.code is AbsenceCode.NO_DRIVER
        return ExitCode.FINE if is_ordinary else ExitCode.PREVENTED
    is_fine = all(gpu.state in _FINE for gpu in sample.gpus)
    return ExitCode.FINE if is_fine else ExitCode.NOT_FINE


def _refuse_absence(sample: Sample) -> None:
    """Tell as an error what keeps the GPUs from being read.

    Raises:
        PreventedError: There is an absence that is not that of an ordinary box.
    """
    absence = sample.absence
    if absence is not None and absence.code is not AbsenceCode.NO_DRIVER:
        why = "\n".join((absence.words, *absence.details))
        raise PreventedError("no GPU can be read", why=why, hint=absence.remedy)


async def _watch(period_s: float, *, as_json: bool) -> int:
    """Show sample after sample; ends by Ctrl-C alone."""
    from envbench.workbench.gpu_reports import follow_reports

    settings = current_settings(tolerant=True)
    with _open_display(as_json=as_json) as show:
        async with aclosing(follow_reports(period_s, settings)) as reports:
            async for report in reports:
                show(report)
    return ExitCode.FINE


@contextmanager
def _open_display(*, as_json: bool) -> Iterator[Show]:
    """Choose how reports are shown: as lines of JSON, one below the other, or in place."""
    if as_json:
        yield lambda report: print_line_document("gpus", report)
    elif not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in _CANNOT_REPAINT:
        yield _print_below
    else:
        yield from _repaint()


def _repaint() -> Iterator[Show]:
    """Show each report in the place of the one before; nothing is sent when nothing changed."""
    from rich.live import Live
    from rich.text import Text

    shown: list[TableLine] = []
    with Live(auto_refresh=False, transient=False, vertical_overflow="crop") as live:

        def show(report: "GpuReport") -> None:
            lines = crop(draw_report(report, terminal_width()), live.console.height - 1)
            if lines == shown:
                return
            shown[:] = lines
            words = (Text(f"{line.text}\n", style=_name_style(line)) for line in lines)
            live.update(Text.assemble(*words, no_wrap=True, overflow="crop"), refresh=True)

        yield show


def crop(lines: list[TableLine], height: int) -> list[TableLine]:
    """Say how much there is no room for, instead of showing less in silence."""
    if len(lines) <= height:
        return lines
    kept = lines[: max(0, height - 1)]
    return [*kept, TableLine(f"… {len(lines) - len(kept)} more lines: make the window taller")]


def _name_style(line: TableLine) -> str:
    return " ".join(filter(None, ("bold" if line.bold else "", line.colour)))


def _print_below(report: "GpuReport") -> None:
    say(datetime.fromtimestamp(report.sample.at_s, UTC).isoformat(timespec="seconds"))
    for line in draw_report(report, terminal_width()):
        _print(line)
    say("")
    sys.stdout.flush()


def _print(line: TableLine) -> None:
    click.echo(click.style(line.text, fg=line.colour or None, bold=line.bold or None))
