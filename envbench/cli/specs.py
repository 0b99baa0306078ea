"""`envbench check` and `envbench solve`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from envbench.cli.conditions import (
    budget_option,
    condition_options,
    read_conditions,
    write_conditions,
)
from envbench.cli.errors import tell_error
from envbench.cli.output import json_option, print_document, say
from envbench.cli.plan_view import show_conflict, show_plan
from envbench.cli.problem_view import show_problems
from envbench.cli.progress import follow_reports
from envbench.cli.session import current_settings
from envbench.cli.solver_text import show_solver_text, solver_text_option
from envbench.model.channel import ChannelPriority
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, ExitCode

if TYPE_CHECKING:
    from envbench.workbench.values.why import SpecConditions

SPEC = click.Path(path_type=Path)


@click.command()
@click.argument("specs", type=SPEC, nargs=-1, metavar="SPEC...")
@click.option("--explain", metavar="CODE", help="Explain one problem code and leave.")
@json_option
def check(specs: tuple[Path, ...], explain: str | None, as_json: bool) -> int:
    """Find the problems in each SPEC, with line, column and what to do.

    Exit code 0: none that keeps it from being built; 1: at least one. Of several specs all are
    checked, and the worst code counts.
    A comment such as "# envbench: ignore EB203" on a line silences a code there.
    """
    if explain:
        return _explain(explain, as_json=as_json)
    if not specs:
        raise click.UsageError("name the spec to check, such as environment.yml")
    if len(specs) > 1:
        return _check_all(specs, as_json=as_json)
    from envbench.workbench.specs import check_spec

    report = check_spec(specs[0], current_settings())
    if as_json:
        print_document("check", report)
    else:
        show_problems(report)
    return ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE


def _check_all(specs: tuple[Path, ...], *, as_json: bool) -> int:
    """Check specs one after the other; one that cannot be read keeps none from being checked."""
    from envbench.workbench.specs import check_spec

    told: list[object] = []
    worst: int = ExitCode.FINE
    for spec in specs:
        try:
            report = check_spec(spec, current_settings())
        except EnvbenchError as error:
            tell_error(error)
            told.append({"path": clean(str(spec)), "error": str(error)})
            worst = max(worst, error.exit_code)
            continue
        told.append(report)
        worst = max(worst, ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE)
        if not as_json:
            show_problems(report)
    if as_json:
        print_document("check.specs", {"specs": told})
    return worst


def _explain(code: str, *, as_json: bool) -> int:
    from envbench.workbench.specs import explain_problem

    entry = explain_problem(code)
    if as_json:
        print_document("check.explain", entry)
    else:
        say(f"{entry.code}  {entry.title}  ({entry.severity})\n\n{entry.explanation}")
    return ExitCode.FINE


@click.command()
@click.argument("spec", type=SPEC)
@condition_options
@click.option("--against", metavar="ENV", help="Prefer and compare with what ENV has installed.")
@click.option(
    "--fresh",
    is_flag=True,
    help="With --against: only compare; choose as a build does, whatever is installed.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    help="Seconds.",
)
@click.option(
    "--what-if",
    "what_if",
    multiple=True,
    metavar="WHAT=VALUES",
    help="Show it beside other conditions: python=3.10,3.11 or cuda=12.4,none or priority=strict"
    " or date=2024-01-31 or host=FILE, or all; repeatable.",
)
@budget_option
@solver_text_option
@json_option
def solve(
    spec: Path,
    host_file: Path | None,
    virtual: tuple[str, ...],
    priority: str | None,
    exclude_newer: str | None,
    offline: bool,
    against: str | None,
    fresh: bool,
    timeout_s: float,
    what_if: tuple[str, ...],
    budget_s: float,
    solver_text: str | None,
    as_json: bool,
) -> int:
    """Show what SPEC would install, or the conflict that keeps it from being installed.

    Nothing is installed. Exit code 1 means that there is no solution (of SPEC as it is).
    """
    if what_if:
        conditions = read_conditions(
            spec, host_file, virtual, priority, exclude_newer, offline=offline, budget_s=budget_s
        )
        if against:
            raise click.UsageError(
                "--what-if compares variants with each other: leave out --against."
            )
        return _show_what_if(replace(conditions, timeout_s=timeout_s), what_if, as_json=as_json)
    from envbench.workbench.solving import SolveOrder, solve_spec

    order = SolveOrder(
        spec=spec,
        host_file=host_file,
        virtual=virtual,
        exclude_newer=exclude_newer,
        against=against,
        is_fresh=fresh,
        offline=offline,
        priority=ChannelPriority(priority) if priority else None,
        timeout_s=timeout_s,
    )
    report = solve_spec(order, current_settings())
    if as_json:
        print_document("solve", report)
    elif report.conflict is not None and solver_text:
        show_solver_text(report.conflict, solver_text)
    elif report.conflict is not None:
        given = write_conditions(host_file, virtual, priority, exclude_newer, offline=offline)
        show_conflict(
            report.conflict, report.path, asked=len(report.asked), options=given, leads_on=True
        )
    elif report.plan is not None:
        show_plan(report)
    return ExitCode.FINE if report.plan is not None else ExitCode.NOT_FINE


def _show_what_if(conditions: "SpecConditions", words: tuple[str, ...], *, as_json: bool) -> int:
    from envbench.cli.what_if_view import show_what_if
    from envbench.workbench.what_if import WhatIfOrder, stream_what_if
    from envbench.workbench.what_if_columns import read_columns

    columns = [column for word in words if word != "all" for column in read_columns(word)]
    order = WhatIfOrder(conditions=conditions, columns=tuple(columns), takes_near="all" in words)
    report = follow_reports(
        stream_what_if(order, current_settings()),
        lambda each: f"solving: {each.trying}" if each.trying else "",
    )
    if as_json:
        print_document("solve.what-if", report)
    else:
        show_what_if(report)
    return ExitCode.FINE if report.variants[0].is_solvable else ExitCode.NOT_FINE
