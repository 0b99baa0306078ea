"""`envbench check` and `envbench solve`."""

from pathlib import Path

import click

from envbench.cli.conditions import condition_options
from envbench.cli.output import json_option, print_document, say
from envbench.cli.plan_view import show_conflict, show_plan
from envbench.cli.problem_view import show_problems
from envbench.cli.session import current_settings
from envbench.model.channel import ChannelPriority
from envbench.model.errors import ExitCode

SPEC = click.Path(path_type=Path)


@click.command()
@click.argument("spec", type=SPEC, required=False)
@click.option("--explain", metavar="CODE", help="Explain one problem code and leave.")
@json_option
def check(spec: Path | None, explain: str | None, as_json: bool) -> int:
    """Find the problems in SPEC, each with line, column and what to do.

    Exit code 0: none that keeps it from being built; 1: at least one.
    A comment such as "# envbench: ignore EB203" on a line silences a code there.
    """
    if explain:
        return _explain(explain, as_json=as_json)
    if spec is None:
        raise click.UsageError("name the spec to check, such as environment.yml")
    from envbench.workbench.specs import check_spec

    report = check_spec(spec, current_settings())
    if as_json:
        print_document("check", report)
    else:
        show_problems(report)
    return ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE


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
    as_json: bool,
) -> int:
    """Show what SPEC would install, or the conflict that keeps it from being installed.

    Nothing is installed. Exit code 1 means that there is no solution.
    """
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
    elif report.conflict is not None:
        show_conflict(report.conflict, report.path)
    elif report.plan is not None:
        show_plan(report)
    return ExitCode.FINE if report.plan is not None else ExitCode.NOT_FINE
