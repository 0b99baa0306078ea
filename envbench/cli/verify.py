"""`envbench verify`."""

from pathlib import Path

import click

from envbench.cli.output import json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.errors import ExitCode


@click.command()
@click.argument("lock_or_env")
@click.argument("env", required=False)
@click.option("--shallow", is_flag=True, help="Sizes and existence only, no content.")
@click.option("--extra", is_flag=True, help="List files that belong to no package, too.")
@json_option
def verify(lock_or_env: str, env: str | None, shallow: bool, extra: bool, as_json: bool) -> int:
    """Compare ENV with a lock file and with its own records, file by file.

    \b
    envbench verify environment.lock.yml ENV    packages and files
    envbench verify ENV                         files only
    """
    from envbench.workbench.verifying import verify_environment

    lock_file, name = (Path(lock_or_env), env) if env else (None, lock_or_env)
    report = verify_environment(name, lock_file, current_settings(), shallow=shallow, extra=extra)
    if as_json:
        print_document("verify", report)
    else:
        for line in report.describe():
            say(line)
        if not report.is_fine:
            say("  next: build its spec again, or go back with envbench rollback", err=True)
    return ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE
