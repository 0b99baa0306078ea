"""What is being done meanwhile, in one line of a terminal that is wiped at the end."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from envbench.cli.output import format_bytes, make_safe, say

Report = TypeVar("Report")
OnBytes = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""

_WIDTH = 78
_WIPE = "\r\x1b[K"
_BETWEEN_S = 0.1
"""A line that changes more often is of no use to anybody, and slow links carry it."""


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


@contextmanager
def showing_bytes(doing: str, *, then: str = "") -> Iterator[OnBytes]:
    """Show how far something has come: in a line of a terminal, or once in a pipe.

    Args:
        doing: What is being done: `checking pack.tar`.
        then: What follows when all bytes are done, and takes its time, too; until the end.
    """
    if not sys.stderr.isatty():
        say(f"{doing} ...", err=True)
        yield lambda _done, _total: None
        return
    line = _Line()

    def show(done: int, total: int) -> None:
        if done >= total and then:
            line.write(f"{then} ...")
        elif line.is_due:
            line.write(f"{doing}: {format_bytes(done)} of {format_bytes(total)}")

    try:
        line.write(f"{doing} ...")
        yield show
    finally:
        click.echo(_WIPE, nl=False, err=True)


class _Line:
    """The one line of a terminal that is written anew."""

    def __init__(self) -> None:
        self._written_at = 0.0

    @property
    def is_due(self) -> bool:
        """Whether what is there has been there long enough."""
        return time.monotonic() - self._written_at >= _BETWEEN_S

    def write(self, text: str) -> None:
        """Write it in the place of what is there."""
        self._written_at = time.monotonic()
        line = make_safe(text, limit=_WIDTH).replace("\n", " ")
        click.echo(f"{_WIPE}{line}", nl=False, err=True)
