"""`envbench lock`."""

import sys
from pathlib import Path

import click

from envbench.cli.output import json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.cleaning import clean
from envbench.model.errors import ExitCode

FILE = click.Path(path_type=Path)


@click.command()
@click.argument("env")
@click.option(
    "--format",
    "format_name",
    required=True,
    metavar="F",
    help="Its name, or the usual file name, such as environment.lock.yml.",
)
@click.option("-o", "--output", type=FILE, help="Write here instead of stdout.")
@click.option("--strict", is_flag=True, help="Exit code 1 when the format loses something.")
@json_option
def lock(env: str, format_name: str, output: Path | None, strict: bool, as_json: bool) -> int:
    """Write a lock of ENV in format F, and say what that format cannot carry.

    Formats:

    \b
    environment-lock           name=version, as "conda env export --no-builds" writes it
    environment-lock-builds    name=version=build
    explicit                   addresses with md5, for "conda create --file"
    explicit-sha256            addresses with sha256
    pylock                     the pip part with addresses and hashes (PEP 751)
    """
    from envbench.workbench.locking import export_lock

    exported = export_lock(env, format_name, output, current_settings())
    if as_json:
        print_document("lock", exported)
    elif output is None:
        sys.stdout.write(clean(exported.export.text, limit=100_000_000, multiline=True))
    else:
        say(f"wrote {output} (sha256 {exported.sha256})", err=True)
    if not as_json:
        for loss in exported.export.lost:
            concerned = (
                f" [{', '.join(loss.packages[:6])}{' ...' if len(loss.packages) > 6 else ''}]"
            )
            say(f"lost: {loss.what}{concerned if loss.packages else ''}: {loss.why}", err=True)
    return ExitCode.NOT_FINE if strict and exported.export.lost else ExitCode.FINE
