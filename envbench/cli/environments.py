"""`envbench envs`, `diff`, `rollback` and `remove`."""

import click

from envbench.cli.output import format_bytes, json_option, make_safe, print_document, say
from envbench.cli.plan_view import show_difference
from envbench.cli.session import current_settings
from envbench.cli.table import print_table
from envbench.model.errors import ExitCode


@click.command()
@click.option(
    "--size", "with_size", is_flag=True, help="Measure disk use, hard links counted once."
)
@json_option
def envs(with_size: bool, as_json: bool) -> int:
    """List the environments of all tools: envbench, conda, mamba, pixi, venv."""
    from envbench.workbench.environments import list_environments

    listed = list_environments(current_settings(), with_size=with_size)
    if as_json:
        print_document("envs", {"environments": listed})
        return ExitCode.FINE
    if not listed:
        say(
            "no environments yet: envbench build makes one of a spec, envbench demo of nothing",
            err=True,
        )
        return ExitCode.FINE
    rows = []
    for found in listed:
        generations = " ".join(
            f"[{number}]" if number == found.live else str(number) for number in found.generations
        )
        size = format_bytes(found.size_bytes) if with_size else ""
        rows.append(
            (found.name, found.kind, found.python, generations, size, found.path, found.fault)
        )
    print_table(
        ("name", "kind", "python", "generations", "size", "path", "fault"), rows, whole=("name",)
    )
    return ExitCode.FINE


@click.command()
@click.argument("a")
@click.argument("b")
@json_option
def diff(a: str, b: str, as_json: bool) -> int:
    """Show what differs between A and B: environments, or generations as NAME@N.

    Exit code 1 when they differ.
    """
    from envbench.workbench.environments import compare_environments

    report = compare_environments(a, b, current_settings())
    if as_json:
        print_document("diff", report)
    else:
        show_difference(report.difference)
    return ExitCode.FINE if report.is_same else ExitCode.NOT_FINE


@click.command()
@click.argument("env")
@click.argument("generation", type=int, required=False)
@json_option
def rollback(env: str, generation: int | None, as_json: bool) -> int:
    """Put an earlier generation of ENV back in use, pip part and all."""
    from envbench.workbench.environments import rollback_environment

    report = rollback_environment(env, generation, current_settings())
    if as_json:
        print_document("rollback", report)
    else:
        say(f"{env}: generation {report.generation} is live again (was {report.previous})")
    return ExitCode.FINE


@click.command()
@click.argument("env")
@click.option("--force", is_flag=True, help="Even while processes run in it; they will fail.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(env: str, force: bool, yes: bool, as_json: bool) -> int:
    """Delete ENV with all its generations. Refused while processes run in it."""
    from envbench.workbench.environments import remove_environment

    if as_json and not yes:
        raise click.UsageError("--json asks nothing: say --yes to delete")
    if not yes:
        question = f"Delete the environment {make_safe(env)} and all its generations?"
        click.confirm(question, abort=True, err=True)
    report = remove_environment(env, current_settings(), force=force)
    if as_json:
        print_document("remove", report)
    else:
        numbers = ", ".join(map(str, report.generations))
        say(f"{env}: removed, with all its generations ({numbers})")
        if report.warning:
            say(f"warning: {report.warning}", err=True)
    return ExitCode.FINE
