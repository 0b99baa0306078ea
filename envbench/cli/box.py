"""`envbench host` and `envbench config`."""

import sys

import click

from envbench.cli.output import format_bytes, json_option, print_document, print_table, say
from envbench.cli.session import current_settings
from envbench.model.errors import ExitCode


@click.command()
@json_option
def host(as_json: bool) -> int:
    """Describe this box as the solver sees it.

    On stdout is a file for "envbench solve --host": make it on the GPU box with
    "envbench host > box.toml" and use it on a login node. What is only worth knowing is on stderr.
    """
    from envbench.workbench.host import describe_host

    report = describe_host(current_settings())
    if as_json:
        print_document("host", report)
        return ExitCode.FINE
    sys.stdout.write(report.profile_text)
    sys.stdout.flush()
    box = report.box
    say(f"cpu: {box.cpu}, {box.cores} cores, memory {format_bytes(box.memory_bytes)}", err=True)
    for note in report.notes:
        say(note, err=True)
    return ExitCode.FINE


@click.command()
@click.option("--explain", is_flag=True, help="Say what each setting means.")
@json_option
def config(explain: bool, as_json: bool) -> int:
    """Show every setting, its value and where that came from."""
    settings = current_settings()
    if as_json:
        print_document("config", {"values": settings.values, "problems": settings.problems})
        return ExitCode.FINE
    print_table(
        ("setting", "value", "source"),
        [(entry.key, entry.shown, entry.source) for entry in settings.values],
    )
    if explain:
        from envbench.workbench.configuration import explain_settings

        for key, meaning in explain_settings():
            say(f"\n{key}\n    {meaning}")
    return ExitCode.FINE
