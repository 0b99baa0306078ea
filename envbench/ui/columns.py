"""Tables as lines: columns of even width, figures to the right, one column that gives way."""

from collections.abc import Sequence
from typing import NamedTuple

from envbench.ui.ink import Align, Line, Part, Piece, cut, ink, measure, pad, width_of


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
_BETWEEN = Piece(" " * GAP)


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
    sizes = [[width_of(cell) for cell in row] for row in table]
    wanted = [_want(column, [row[i] for row in sizes]) for i, column in enumerate(columns)]
    room = width - len(indent)
    kept = _choose(columns, wanted, room)
    widths = _share(columns, wanted, kept, room)
    heads = [ink((column.heading, "dim")) for column in columns]
    heading = _build(heads, [width_of(head) for head in heads], columns, widths)
    rows = tuple(
        _build(row, row_sizes, columns, widths) for row, row_sizes in zip(table, sizes, strict=True)
    )
    if indent:
        before = ink(indent)
        heading, rows = (*before, *heading), tuple((*before, *row) for row in rows)
    if width_of(heading) > width:
        # Where even the least widths of the columns that stay are too much, the end goes.
        return cut(heading, width), tuple(cut(row, width) for row in rows)
    return heading, rows


def _as_line(cell: Part) -> Line:
    if isinstance(cell, str):
        return ink(cell)
    if cell and isinstance(cell[0], str):
        return ink(cell)
    return cell


def _want(column: Column, sizes: list[int]) -> int:
    """Give the width that a column would like to have."""
    return max(column.least, min(column.most, max([measure(column.heading), *sizes])))


def _choose(columns: Sequence[Column], wanted: list[int], room: int) -> list[int]:
    kept = list(range(len(columns)))
    for index in sorted(kept, key=lambda i: -columns[i].drops):
        least = [columns[i].least if columns[i].gives else wanted[i] for i in kept]
        if sum(least) + GAP * (len(kept) - 1) <= room or not columns[index].drops:
            break
        kept.remove(index)
    return kept


def _share(
    columns: Sequence[Column], wanted: list[int], kept: list[int], room: int
) -> dict[int, int]:
    """Give each column that is kept its width."""
    widths = {i: wanted[i] for i in kept}
    excess = sum(widths.values()) + GAP * (len(kept) - 1) - room
    for i in sorted((i for i in kept if columns[i].gives), key=lambda i: -columns[i].gives):
        taken = max(0, min(excess, widths[i] - columns[i].least))
        widths[i] -= taken
        excess -= taken
    return widths


def _build(
    cells: Sequence[Line], sizes: list[int], columns: Sequence[Column], widths: dict[int, int]
) -> Line:
    line: list[Piece] = []
    for i, width in widths.items():
        if line:
            line.append(_BETWEEN)
        missing = width - sizes[i]
        # Nearly every cell takes the short way: tables may have hundreds of rows.
        if missing > 0 and columns[i].align == "left":
            line.extend(cells[i])
            line.append(Piece(" " * missing))
        else:
            line.extend(pad(cells[i], width, columns[i].align) if missing else cells[i])
    return tuple(line)
