"""`envbench host` and `envbench config`."""

import json
import sys

import click

from envbench.cli.output import format_bytes, json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.cli.table import fold, print_table, terminal_width
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
    say(
        f"{box.name}: {box.system}, {box.processor or 'unknown processor'}, {box.cores} cores,"
        f" {format_bytes(box.memory_bytes)} memory",
        err=True,
    )
    for gpu in box.driver.gpus:
        say(f"GPU {gpu.index}: {gpu.name}, compute capability {gpu.capability}", err=True)
    if box.driver.reason:
        say(f"no GPU readings: {box.driver.reason}", err=True)
    for disk in box.disks:
        say(f"{disk.path}: {format_bytes(disk.free_bytes)} free {disk.warning}".rstrip(), err=True)
    return ExitCode.FINE


@click.command()
@click.option("--explain", is_flag=True, help="Say what each setting means.")
@json_option
def config(explain: bool, as_json: bool) -> int:
    """Show every setting, its value and where that came from."""
    from envbench.settings.keys import KEYS

    settings = current_settings(tolerant=True)
    if as_json:
        print_document("config", {"values": settings.values, "problems": settings.problems})
        return ExitCode.FINE
    print_table(
        ("setting", "value", "source"),
        [(entry.key, _show(entry.value), entry.source) for entry in settings.values],
        whole=("setting",),
    )
    if explain:
        width = terminal_width()
        say(f"\nset in {settings.paths.config_file}, such as  pip.no_index = true")
        for key in KEYS:
            title = f"{key.name} ({key.kind}; {_show_default(key.default)}; {key.variable})"
            say("\n" + fold(title, width, "    "))
            say(fold(f"    {key.meaning}", width, "    "))
    return ExitCode.FINE


def _show_default(value: object) -> str:
    return f"default {_show(value)}" if value not in ("", (), None) else "no default"


def _show(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
