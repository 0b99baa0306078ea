"""`envbench channel make`."""

from pathlib import Path

import click

from envbench.cli.output import format_bytes, json_option, print_document, say
from envbench.model.errors import ExitCode


@click.group()
def channel() -> None:
    """Local channels: real packages and an index, made without any network."""


@channel.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--python", "with_python", is_flag=True, help="Package the Python that runs envbench."
)
@click.option("--dist", "distributions", multiple=True, metavar="NAME", help="An installed one.")
@click.option(
    "--wheel",
    "wheels",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A .whl file.",
)
@click.option("--no-deps", is_flag=True, help="Leave out what the distributions require.")
@json_option
def make(
    directory: Path,
    with_python: bool,
    distributions: tuple[str, ...],
    wheels: tuple[Path, ...],
    no_deps: bool,
    as_json: bool,
) -> int:
    """Make or extend a channel in DIRECTORY.

    \b
    envbench channel make ./channel --python --dist numpy --dist pandas
    envbench channel make ./channel --wheel torch-2.3.1-cp311-cp311-linux_x86_64.whl
    """
    from envbench.workbench.channels import make_local_channel

    if not (with_python or distributions or wheels):
        raise click.UsageError("name at least one of --python, --dist NAME, --wheel FILE")
    if not as_json:
        say(
            f"making packages in {directory} ... (a minute or more for wheels like torch)", err=True
        )
    report = make_local_channel(
        directory,
        python=with_python,
        distributions=distributions,
        wheels=wheels,
        with_dependencies=not no_deps,
    )
    if as_json:
        print_document("channel", report)
        return ExitCode.FINE
    for package in report.packages:
        dist = f"{package.name}-{package.version}-{package.build}"
        say(
            f"{dist}  {format_bytes(package.size_bytes)}{'' if package.is_new else '  (already there)'}"
        )
    for skipped in report.skipped:
        say(f"skipped {skipped.name}: {skipped.reason}", err=True)
    count = f"{len(report.packages)} package{'' if len(report.packages) == 1 else 's'}"
    say(f"{directory}: {count}; use it as channel {directory.resolve().as_uri()}")
    return ExitCode.FINE
