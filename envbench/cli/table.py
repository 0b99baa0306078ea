"""Columns and long lines: whole in a pipe, fitted to the width of a terminal."""

import shutil
import sys
from collections.abc import Sequence
from textwrap import wrap

import click

from envbench.model.cleaning import clean
from envbench.model.redaction import redact

_GAP = "  "
_NARROWEST = 10
"""A column is not made narrower than this; a table that then still is too wide runs over."""


def terminal_width() -> int | None:
    """Return the columns of the terminal that stdout is; None in a pipe or a file."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, whole: Sequence[str] = ()
) -> None:
    """Print columns padded with blanks.

    In a pipe each row is one line with all columns, to be cut with awk. On a terminal empty
    columns are left out, and cells that do not fit are continued below themselves; those of the
    columns `whole` never, because people copy them.
    """
    cells = [[redact(clean(str(cell), limit=200)) for cell in row] for row in rows]
    for number, line in enumerate(lay_out([list(headers), *cells], terminal_width(), whole)):
        click.echo(click.style(line, bold=True) if number == 0 else line)


def lay_out(
    table: Sequence[Sequence[str]], width: int | None, whole: Sequence[str] = ()
) -> list[str]:
    """Turn rows of cells, the headers first, into lines; `width` None keeps each row on one."""
    if width is not None:
        table = _drop_empty_columns(table)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    if width is not None:
        least = [
            natural if header in whole else max(len(header), _NARROWEST)
            for header, natural in zip(table[0], widths, strict=True)
        ]
        widths = _fit(widths, least, width)
    return [line for row in table for line in _lay_out_row(row, widths)]


def leave_out(
    table: Sequence[Sequence[str]], width: int | None, spare: Sequence[str], least_last: int
) -> list[list[str]]:
    """Leave out columns that can be spared, until so much of the last one can be seen.

    Args:
        table: Rows of cells, the headers first.
        width: Of the terminal; None leaves all as it is.
        spare: Headers of what is left out, the first of them first.
        least_last: So many cells of the last column shall be seen, where it has as many.
    """
    kept = [list(row) for row in table]
    for header in spare:
        *others, last = [max(map(len, column)) for column in zip(*kept, strict=True)]
        if width is None or sum(others) + len(_GAP) * len(others) + min(last, least_last) <= width:
            break
        place = kept[0].index(header)
        kept = [[*row[:place], *row[place + 1 :]] for row in kept]
    return kept


def fold(text: str, width: int | None, indent: str) -> str:
    """Break a long line between words, the rest indented; `width` None leaves it as it is."""
    if width is None or len(text) <= width:
        return text
    lines = wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def _drop_empty_columns(table: Sequence[Sequence[str]]) -> list[list[str]]:
    rows = table[1:]
    kept = [i for i in range(len(table[0])) if i == 0 or not rows or any(row[i] for row in rows)]
    return [[row[i] for i in kept] for row in table]


def _fit(widths: list[int], least: list[int], width: int) -> list[int]:
    """Take from the widest column until all fit."""
    fitted = list(widths)
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(fitted) > room:
        shrinkable = [i for i, w in enumerate(fitted) if w > least[i]]
        if not shrinkable:
            return widths
        fitted[max(shrinkable, key=lambda i: fitted[i])] -= 1
    return fitted


def _lay_out_row(row: Sequence[str], widths: list[int]) -> list[str]:
    columns = [
        wrap(cell, width, break_on_hyphens=False) if len(cell) > width else [cell]
        for cell, width in zip(row, widths, strict=True)
    ]
    height = max(map(len, columns))
    return [
        _GAP.join(
            (column[number] if number < len(column) else "").ljust(width)
            for column, width in zip(columns, widths, strict=True)
        ).rstrip()
        for number in range(height)
    ]
