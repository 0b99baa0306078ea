"""Tables as lines: columns of even width, figures to the right, one column that gives way."""

from collections.abc import Sequence
from typing import NamedTuple

from envbench.ui.ink import Align, Line, Part, Piece, ink, pad, width_of


class Column(NamedTuple):
    """How one column is laid out."""

    heading: str
    align: Align = "left"
    least: int = 3
    """Never narrower, as long as the column is there at all; in cells."""
    most: int = 1000
    gives: int = 0
    """Columns with a higher number are narrowed first; 0 keeps its width."""
    drops: int = 0
    """Columns with a higher number are left out first when it is too narrow; 0 stays."""


GAP = 2


def lay_out(
    columns: Sequence[Column], cells: Sequence[Sequence[Part]], width: int, *, indent: str = ""
) -> tuple[Line, tuple[Line, ...]]:
    """Lay a table out in a width: the line of headings, and one line a row.

    Args:
        columns: What there is.
        cells: Rows of as many cells as there are columns.
        width: Of the whole, in cells.
        indent: Stands before the headings and every row.
    """
    table = [[_as_line(cell) for cell in row] for row in cells]
    room = width - len(indent)
    kept = _choose(columns, table, room)
    widths = _share(columns, table, kept, room)
    heading = _build([ink((columns[i].heading, "dim")) for i in kept], columns, kept, widths)
    rows = tuple(_build([row[i] for i in kept], columns, kept, widths) for row in table)
    before = ink(indent)
    return (*before, *heading), tuple((*before, *row) for row in rows)


def _as_line(cell: Part) -> Line:
    if isinstance(cell, str):
        return ink(cell)
    if cell and isinstance(cell[0], str):
        return ink(cell)
    return cell  # type: ignore[return-value]


def _wanted(columns: Sequence[Column], table: list[list[Line]], index: int) -> int:
    column = columns[index]
    content = max((width_of(row[index]) for row in table), default=0)
    return max(column.least, min(column.most, max(content, len(column.heading))))


def _choose(columns: Sequence[Column], table: list[list[Line]], room: int) -> list[int]:
    kept = list(range(len(columns)))
    for index in sorted(kept, key=lambda i: -columns[i].drops):
        least = [columns[i].least if columns[i].gives else _wanted(columns, table, i) for i in kept]
        if sum(least) + GAP * (len(kept) - 1) <= room or not columns[index].drops:
            break
        kept.remove(index)
    return kept


def _share(
    columns: Sequence[Column], table: list[list[Line]], kept: list[int], room: int
) -> dict[int, int]:
    widths = {i: _wanted(columns, table, i) for i in kept}
    excess = sum(widths.values()) + GAP * (len(kept) - 1) - room
    for i in sorted((i for i in kept if columns[i].gives), key=lambda i: -columns[i].gives):
        taken = max(0, min(excess, widths[i] - columns[i].least))
        widths[i] -= taken
        excess -= taken
    return widths


def _build(
    cells: list[Line], columns: Sequence[Column], kept: list[int], widths: dict[int, int]
) -> Line:
    line: list[Piece] = []
    for cell, i in zip(cells, kept, strict=True):
        if line:
            line.append(Piece(" " * GAP))
        line.extend(pad(cell, widths[i], columns[i].align))
    return tuple(line)
