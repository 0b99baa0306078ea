"""`envbench jobs`, `logs` and `cancel`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from envbench.cli.output import json_option, print_document, say, say_log_line
from envbench.cli.session import current_settings
from envbench.cli.table import print_table, terminal_width
from envbench.model.errors import ExitCode
from envbench.model.job import FINAL_STATES

if TYPE_CHECKING:
    from envbench.workbench.jobs import JobEntry


@click.command()
@click.option("--running", is_flag=True, help="Only those that have no result yet.")
@json_option
def jobs(running: bool, as_json: bool) -> int:
    """List jobs, newest first."""
    from envbench.workbench.jobs import list_jobs

    listed = [
        j
        for j in list_jobs(current_settings(tolerant=True))
        if not (running and j.state in FINAL_STATES)
    ]
    if as_json:
        print_document("jobs", {"jobs": listed})
    elif listed:
        _show_jobs(listed)
    else:
        say("no job is running" if running else "no jobs yet", err=True)
    return ExitCode.FINE


def _show_jobs(listed: "Sequence[JobEntry]") -> None:
    if terminal_width() is None:
        rows = [(j.id, j.kind, j.state, j.submitted, j.title, j.reason) for j in listed]
        print_table(("job", "kind", "state", "submitted", "what", "why"), rows)
        return
    # A person has no room for the kind, which the title tells, nor for two columns of prose.
    told = [
        (j.id, j.state, _shorten(j.submitted), f"{j.title}: {j.reason}" if j.reason else j.title)
        for j in listed
    ]
    headers = ("job", "state", "since (UTC)", "what")
    print_table(headers, told, whole=headers[:3])


def _shorten(moment: str) -> str:
    """Cut year and zone off `2026-01-31T23:59:59+00:00`."""
    return moment[5:19].replace("T", " ")


@click.command()
@click.argument("job")
@click.option("-f", "--follow", is_flag=True, help="Go on until the job ends.")
@click.option("-n", "--lines", type=click.IntRange(min=0), help="Only the last N lines.")
def logs(job: str, follow: bool, lines: int | None) -> int:
    """Show the log of JOB (its id, or the first letters of it)."""
    from envbench.workbench.jobs import find_job, read_log

    found = find_job(job, current_settings(tolerant=True))
    for line in read_log(found, follow=follow, last=lines):
        say_log_line(line)
    result = found.result()
    if result is None:
        say(f"job {found.id}: {found.state().value}; go on reading with -f", err=True)
    else:
        reason = f": {result.reason}" if result.reason else ""
        say(f"job {found.id}: {result.state.value}{reason}", err=True)
    return ExitCode.FINE


@click.command()
@click.argument("job")
@json_option
def cancel(job: str, as_json: bool) -> int:
    """Cancel JOB and wait until none of its processes is left."""
    from envbench.workbench.jobs import cancel_job, find_job

    found = find_job(job, current_settings(tolerant=True))
    result = cancel_job(found, current_settings(tolerant=True))
    if as_json:
        print_document("cancel", {"job": found.id, "result": result})
    else:
        say(f"job {found.id}: {result.state.value}")
    return ExitCode.FINE
