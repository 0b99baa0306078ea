"""`envbench why`: who requires a package, and what keeps it from being newer."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envbench.cli.conditions import (
    budget_option,
    condition_options,
    read_conditions,
    write_conditions,
)
from envbench.cli.output import json_option, print_document
from envbench.cli.plan_view import show_conflict
from envbench.cli.progress import follow_reports
from envbench.cli.session import current_settings
from envbench.cli.why_view import show_held_back, show_why
from envbench.model.errors import ExitCode

if TYPE_CHECKING:
    from envbench.model.why import WhyReport
    from envbench.workbench.values.why import SpecConditions


@click.command()
@click.argument("subject", metavar="SPEC|ENV")
@click.argument("package", required=False)
@click.option(
    "--not-newer",
    is_flag=True,
    help="Tell only what keeps PACKAGE from being newer; without PACKAGE, each direct dependency"
    " of SPEC.",
)
@condition_options
@budget_option
@json_option
def why(
    subject: str,
    package: str | None,
    not_newer: bool,
    host_file: Path | None,
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    offline: bool,
    budget_s: float,
    as_json: bool,
) -> int:
    """Tell who requires PACKAGE, up to the lines of the spec, and why it is not newer.

    Of a SPEC it is told what would be installed, of an ENV what is. A newer version is held back
    by the smallest set of lines without which a solve chooses a newer one.

    Exit code 1: PACKAGE is not part of it, or SPEC has no solution.
    """
    if package is None and not not_newer:
        raise click.UsageError("name a package, or ask with --not-newer for all of a spec.")
    if not_newer and not _names_spec(subject):
        raise click.UsageError("--not-newer looks into a SPEC, not into an ENV.")
    conditions = read_conditions(
        Path(subject),
        host_file,
        virtual,
        priority,
        exclude_newer,
        offline=offline,
        budget_s=budget_s,
    )
    given = write_conditions(host_file, virtual, priority, exclude_newer, offline=offline)
    if package is None:
        return _tell_not_newer(conditions, given, as_json=as_json)
    return _tell_one(
        subject, package, conditions, given, is_tree_shown=not not_newer, as_json=as_json
    )


def _tell_one(
    subject: str,
    package: str,
    conditions: "SpecConditions",
    given: Sequence[str],
    *,
    is_tree_shown: bool,
    as_json: bool,
) -> int:
    from envbench.workbench.why import WhyOrder, tell_why

    is_spec = _names_spec(subject)
    order = WhyOrder(
        package=package,
        conditions=conditions if is_spec else None,
        environment="" if is_spec else subject,
    )
    report = follow_reports(tell_why(order, current_settings()), _say_waiting)
    if as_json:
        print_document("why", report)
    elif report.conflict is not None:
        show_conflict(report.conflict, report.subject, options=given, leads_on=True)
    else:
        show_why(report, is_tree_shown=is_tree_shown)
    return ExitCode.FINE if report.version or report.requirers or report.line else ExitCode.NOT_FINE


def _tell_not_newer(conditions: "SpecConditions", given: Sequence[str], *, as_json: bool) -> int:
    from envbench.workbench.why import HeldBackOrder, tell_held_back

    reports = tell_held_back(HeldBackOrder(conditions=conditions), current_settings())
    report = follow_reports(
        reports, lambda each: f"looking at {each.trying}" if each.trying else ""
    )
    if as_json:
        print_document("why.not-newer", report)
    elif report.conflict is not None:
        show_conflict(report.conflict, report.path, options=given, leads_on=True)
    else:
        show_held_back(report)
    return ExitCode.FINE if report.conflict is None else ExitCode.NOT_FINE


def _names_spec(subject: str) -> bool:
    """Tell a spec from an environment: it is a file, or is called like one."""
    return subject.endswith((".yml", ".yaml")) or Path(subject).is_file()


def _say_waiting(report: "WhyReport") -> str:
    return f"looking for what holds {report.package} {report.version} back"
