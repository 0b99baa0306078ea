"""`envbench doctor`."""

import click

from envbench.cli.output import json_option, print_document
from envbench.cli.session import current_settings
from envbench.model.errors import ExitCode


@click.command()
@click.argument("env")
@click.option("--all", "with_info", is_flag=True, help="Show what is only worth knowing, too.")
@json_option
def doctor(env: str, with_info: bool, as_json: bool) -> int:
    """Examine ENV without importing any of it: what will fail, why, and ways out.

    Exit code 1 when there are errors or warnings.
    """
    from envbench.cli.doctor_view import show_report
    from envbench.workbench.doctor import examine_environment

    report = examine_environment(env, current_settings())
    if as_json:
        print_document("doctor", report)
    else:
        show_report(report, with_info=with_info)
    return ExitCode.FINE if report.is_fine else ExitCode.NOT_FINE
