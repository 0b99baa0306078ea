"""`envbench fix`: ways out of a conflict that were solved before they are offered."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envbench.cli.conditions import budget_option, condition_options
from envbench.cli.fix_view import show_applied, show_diff, show_fixes
from envbench.cli.output import json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.channel import ChannelPriority
from envbench.model.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from envbench.model.repair import Fix, FixReport

_WIDTH_OF_PROGRESS = 100


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--apply",
    "number",
    type=click.IntRange(min=1),
    metavar="N",
    help="Write fix N of the list into SPEC.",
)
@click.option("--against", metavar="ENV", help="Compare with what ENV has installed.")
@click.option("--no-pip", is_flag=True, help="Do not try the pip section with each fix.")
@condition_options
@budget_option
@json_option
def fix(
    spec: Path,
    number: int | None,
    against: str | None,
    no_pip: bool,
    host_file: Path | None,
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    offline: bool,
    budget_s: float,
    as_json: bool,
) -> int:
    """Find ways out of the conflict in SPEC: each is solved before it is offered, best first.

    The best is the one by which least is lost: few lines touched, nothing removed, no GPU build
    that becomes a CPU build, versions close to those asked for.

    Exit code 0: SPEC has a solution, or a fix was applied; 1: there is a conflict.
    """
    from envbench.workbench.fixing import FixOrder, apply_fix, find_fixes

    order = FixOrder(
        spec=spec,
        host_file=host_file,
        virtual=virtual,
        priority=ChannelPriority(priority) if priority else None,
        exclude_newer=exclude_newer,
        offline=offline,
        against=against,
        budget_s=budget_s,
        with_pip=not no_pip,
    )
    settings = current_settings()
    report = _follow(find_fixes(order, settings))
    if report.conflict is None:
        return _tell_fine(report, number, as_json=as_json)
    if number is None:
        if as_json:
            print_document("fix", report)
        else:
            show_fixes(report)
        return ExitCode.NOT_FINE
    chosen = _choose(report, number)
    if not as_json:
        show_diff(chosen)
    saved = apply_fix(report, chosen, settings)
    if as_json:
        print_document("fix", {"applied": number, "fix": chosen, "saved": saved})
    else:
        show_applied(chosen, report.path, saved.note)
    return ExitCode.FINE


def _tell_fine(report: "FixReport", number: int | None, *, as_json: bool) -> int:
    if number is not None:
        raise UsageError("there is nothing to fix", where=report.path, why="it has a solution")
    if as_json:
        print_document("fix", report)
    else:
        say(f"{report.path}: nothing to fix: it has a solution")
    return ExitCode.FINE


def _choose(report: "FixReport", number: int) -> "Fix":
    count = len(report.fixes)
    if number > count:
        raise UsageError(
            f"there is no fix {number}",
            where=report.path,
            why=f"{count} were found" if count else "none was found",
        )
    return report.fixes[number - 1]


def _follow(reports: Iterator["FixReport"]) -> "FixReport":
    """Take the last report; on a terminal say meanwhile what is being done."""
    shows = sys.stderr.isatty()
    report = next(reports)
    told = ""
    for report in reports:
        line = _describe_progress(report)
        if shows and line != told:
            told = line
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
    if shows and told:
        click.echo("\r\x1b[K", nl=False, err=True)
    return report


def _describe_progress(report: "FixReport") -> str:
    from envbench.cli.output import make_safe

    found = f"{len(report.fixes)} found" if report.fixes else "none found yet"
    what = f"trying {report.trying}" if report.trying else ""
    line = f"{report.seconds:.0f} s, {report.solves} solves, {found}; {what}"
    return make_safe(line, limit=_WIDTH_OF_PROGRESS).replace("\n", " ")
