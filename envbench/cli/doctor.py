"""`envbench doctor`."""

import sys
from pathlib import Path

import click

from envbench.cli.output import json_option, print_document, say
from envbench.cli.session import current_settings
from envbench.model.errors import ExitCode


@click.command()
@click.argument("env")
@click.option("--all", "with_info", is_flag=True, help="Show what is only worth knowing, too.")
@click.option("--no-solve", is_flag=True, help="Do not try the changes that remedies propose.")
@click.option("--table", is_flag=True, help="Show which framework works on which device.")
@click.option(
    "--report",
    metavar="FILE",
    help="Write that table with all findings to FILE.md or FILE.json; - prints Markdown.",
)
@json_option
def doctor(
    env: str, with_info: bool, no_solve: bool, table: bool, report: str | None, as_json: bool
) -> int:
    """Examine ENV without importing any of it: what will fail, why, and ways out.

    Exit code 1 when there are errors or warnings.

    \b
    envbench doctor ENV                        findings, remedies tried
    envbench doctor ENV --table                framework by device, with the last probes' numbers
    envbench doctor ENV --report compat.md     the same as a file, findings and all
    """
    if table or report is not None:
        return _report(env, report, as_json=as_json)
    from envbench.cli.doctor_view import show_report
    from envbench.workbench.doctor import examine_environment

    found = examine_environment(env, current_settings(), solve=not no_solve)
    if as_json:
        print_document("doctor", found)
    else:
        show_report(found, with_info=with_info)
    return ExitCode.FINE if found.is_fine else ExitCode.NOT_FINE


def _report(env: str, file: str | None, *, as_json: bool) -> int:
    from envbench.cli.compatibility_view import show_compatibility
    from envbench.formats.compatibility_markdown import write_markdown
    from envbench.workbench.compatibility import is_fine, report_compatibility, write_report

    report = report_compatibility(env, current_settings())
    if file not in {None, "-"}:
        write_report(report, Path(str(file)))
        say(f"wrote {file}", err=True)
    if as_json:
        print_document("compatibility", report)
    elif file == "-":
        sys.stdout.write(write_markdown(report))
    elif file is None:
        show_compatibility(report)
    return ExitCode.FINE if is_fine(report) else ExitCode.NOT_FINE
