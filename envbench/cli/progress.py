"""What is being done meanwhile, in one line of a terminal that is wiped at the end."""

import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

import click

from envbench.cli.output import make_safe

Report = TypeVar("Report")

_WIDTH = 78
_WIPE = "\r\x1b[K"


def follow_reports(reports: Iterator[Report], describe: Callable[[Report], str]) -> Report:
    """Take the last report; on a terminal say of each before it what is being done.

    Args:
        reports: At least one.
        describe: Says it in a few words; empty when there is nothing to say.
    """
    shows = sys.stderr.isatty()
    report = next(reports)
    told = ""
    try:
        for latest in _chain(report, reports):
            report = latest
            line = make_safe(describe(report), limit=_WIDTH).replace("\n", " ") if shows else ""
            if line and line != told:
                told = line
                click.echo(f"{_WIPE}{line}", nl=False, err=True)
    finally:
        if told:
            click.echo(_WIPE, nl=False, err=True)
    return report


def _chain(first: Report, others: Iterator[Report]) -> Iterator[Report]:
    yield first
    yield from others
