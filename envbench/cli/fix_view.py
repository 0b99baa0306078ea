"""Ways out of a conflict as text."""

import click

from envbench.cli.output import Painted, format_bytes, say
from envbench.cli.plan_view import show_conflict
from envbench.cli.table import fold, print_table, terminal_width
from envbench.model.counting import count_of
from envbench.model.repair import DiffRow, Fix, FixReport

_MOST_FAILED = 8
_MOST_ROWS = 40
"""Of the conflict: all of what `envbench solve` had no room for."""
_PIP_RESOLVED = "pip resolved"
"""Which can only be said of what was solved."""
_COLOURS = {"-": "red", "+": "green"}


def show_fixes(report: FixReport) -> None:
    """Print the conflict, the fixes that were proved, the best one as a change of the file."""
    if report.conflict is None:
        raise ValueError("the report holds no conflict")
    show_conflict(report.conflict, report.path, asked=len(report.asked), limit=_MOST_ROWS)
    say("")
    if report.fixes:
        _show_table(report)
        _show_first(report.fixes[0])
    else:
        say("No way out was found.")
    _show_failed(report)
    for what in report.not_tried:
        _say(f"not tried: {what}")
    say(f"{count_of(report.solves, 'solve')} in {report.seconds:.1f} s")


def show_diff(fix: Fix) -> None:
    """Print what a fix changes in the file."""
    say(fix.title)
    for row in fix.diff:
        say(*_describe_row(row))


def show_applied(fix: Fix, path: str, note: str) -> None:
    """Say that a fix was written."""
    say(f"{path}: written: {fix.title}")
    if fix.command:
        say(f"  it is solved with {fix.command}")
    if note:
        say(note)


def _show_table(report: FixReport) -> None:
    headers = ("#", "fix", "moves", "downloads", "then you get", "proved")
    rows = [
        (
            str(number),
            fix.title + (f" ({fix.command})" if fix.command else ""),
            str(fix.cost.packages),
            format_bytes(fix.effect.download_bytes),
            fix.gains + (" (CPU build)" if fix.loses_gpu else ""),
            _describe_proof(fix),
        )
        for number, fix in enumerate(report.fixes, start=1)
    ]
    print_table(headers, rows)
    for said in dict.fromkeys(fix.pip for fix in report.fixes if fix.pip not in {"", "resolved"}):
        # Why the pip section was not tried is the same for all of them.
        _say(f"the pip section: {said}")


def _describe_proof(fix: Fix) -> str:
    return _PIP_RESOLVED if fix.pip == "resolved" else f"solved {fix.solve_s:.1f} s"


def _show_first(fix: Fix) -> None:
    say("")
    if not fix.diff:
        say(f"fix 1 is no matter of the file: solve with {fix.command}")
        return
    say("fix 1 in the file:")
    for row in fix.diff:
        say(*_describe_row(row))
    say("")


def _describe_row(row: DiffRow) -> tuple[str | Painted, ...]:
    text = f"{row.line:>5} {row.sign} {row.text}"
    colour = _COLOURS.get(row.sign)
    return (Painted(click.unstyle(text), colour),) if colour else (text,)


def _show_failed(report: FixReport) -> None:
    for failed in report.failed[:_MOST_FAILED]:
        _say(f"tried: {failed.title}: {failed.why}")
    more = len(report.failed) - _MOST_FAILED
    if more > 0:
        say(f"tried: {more} more without a solution (--json lists them)")


def _say(text: str) -> None:
    say(fold(text, terminal_width(), "    "))
