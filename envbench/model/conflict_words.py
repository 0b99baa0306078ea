"""A conflict in a dozen rows of plain text, enough to know which line to change."""

from collections.abc import Sequence

from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict, Core, CoreKind
from envbench.model.core_groups import CoreGroup, group_cores, say_changes
from envbench.model.core_rows import describe_group
from envbench.model.counting import count_of
from envbench.model.row_wrapping import INDENT, cut, name_lines, wrap_text
from envbench.model.solver_tree import fold_solver_text

_PIP_KINDS = frozenset({CoreKind.PIP, CoreKind.PIP_AGAINST_CONDA})
_MOST_HEAD = 3
"""Rows before the first line of the file."""
_MAX_PATH = 28
"""Longer paths are not repeated before every line."""


def describe_conflict(
    conflict: Conflict, path: str, *, width: int = 100, limit: int = 12, asked: int = 0
) -> tuple[str, ...]:
    """Tell a conflict: the user's lines, the chain between them, what does not meet.

    Args:
        conflict: What the solver found; its texts are clean.
        path: How the user's file is named.
        width: Characters of a row.
        limit: Most rows. Several cores share them fairly; those without room are counted.
        asked: How many lines of the file ask for packages; 0 when that is not known.

    Returns:
        Rows without line ends; of our own words, all are ASCII.
    """
    path = clean(path, limit=1000)
    head = _head(conflict, path, width, asked)[: max(1, limit)]
    note = wrap_text(conflict.note, width) if conflict.cores and conflict.note else []
    if limit <= len(head) + len(note) + 1:
        note = []
    room = limit - len(head) - len(note)
    return (*head, *_body(conflict, _short(path), width, room), *(cut(row, width) for row in note))


def _body(conflict: Conflict, path: str, width: int, room: int) -> list[str]:
    if room <= 0:
        return []
    if conflict.cores:
        return _tell_cores(conflict, path, width, room)
    rows: list[str] = []
    for cause in conflict.causes:
        place = f"{path}:{cause.line}  " if path and cause.line else ""
        rows += [f"{' ' * INDENT}{place}{cause.spec}", *wrap_text(cause.explanation, width)]
    if not rows:
        rows = [
            f"{' ' * INDENT}{row}" for row in fold_solver_text(conflict.solver_text).split("\n")
        ]
    return _first(rows, width, room)


def _first(rows: Sequence[str], width: int, room: int) -> list[str]:
    shown = [cut(row, width) for row in rows if row.strip()]
    if len(shown) <= room:
        return shown
    rest = len(shown) - room + 1
    return [*shown[: room - 1], f"{' ' * INDENT}... ({rest} more rows)"]


# -- the first row -------------------------------------------------------------------------------


def _head(conflict: Conflict, path: str, width: int, asked: int) -> list[str]:
    said = f"{path}: {_say_head(conflict, asked)}"
    changes = say_changes(conflict)
    rows = wrap_text(said, width, first=0, others=INDENT)[:_MOST_HEAD]
    more = wrap_text(changes, width, first=INDENT, others=INDENT) if changes else []
    if len(rows) + len(more) <= _MOST_HEAD:
        rows += more
    return [cut(row, width) for row in rows]


def _say_head(conflict: Conflict, asked: int) -> str:
    cores = conflict.cores
    if not cores:
        return conflict.summary or "no solution"
    lines = {line for core in cores for line in core.lines}
    count = len(lines)
    if not all(core.is_minimal for core in cores):
        may = "one of these lines" if count > 1 else "this line"
        return f"no solution. The cause may be {may}; there was no time to find out."
    of = f"{count} of your {asked} lines" if asked > count else _plain(count)
    rest = asked - count
    # Of conflicts with the pip section only those are known that share no item with the first.
    is_whole = not any(core.kind in _PIP_KINDS for core in cores)
    is_known = rest > 0 and conflict.is_proven and not conflict.note and is_whole
    others = f"the other {rest} are" if rest > 1 else "the other one is"
    fine = f"; {others} fine" if is_known else ""
    if len(cores) > 1:
        return f"no solution. There are {len(cores)} conflicts, in {of}{fine}."
    hold = {1: "cannot be met", 2: "cannot both hold"}.get(count, "cannot all hold")
    return f"no solution. {of[0].upper()}{of[1:]} {hold}{fine}."


def _plain(count: int) -> str:
    return "one line" if count == 1 else f"{count} lines"


# -- cores ---------------------------------------------------------------------------------------


def _sorted(cores: Sequence[Core]) -> list[Core]:
    """Put first what must be mended in any case; what shares a line with it may go with it."""
    return sorted(cores, key=lambda core: not core.is_independent)


def _tell_cores(conflict: Conflict, path: str, width: int, room: int) -> list[str]:
    groups = group_cores(_sorted(conflict.cores))
    asks = len(conflict.cores) == 1 or not say_changes(conflict)
    ways = [describe_group(group, path, width, asks_for_change=asks) for group in groups]
    for count in range(len(groups), 0, -1):
        left = groups[count:]
        more = _say_more(left, path, width) if left else []
        chosen = _choose(ways[:count], room - len(more))
        if chosen is not None:
            return [*(row for rows in chosen for row in rows), *more]
    return _say_more(groups, path, width)[:room]


def _choose(ways: Sequence[Sequence[list[str]]], room: int) -> list[list[str]] | None:
    """Tell each as fully as all have room: of the longest, the last one is told shorter first.

    Returns:
        Rows of each; None when even the shortest have no room.
    """
    levels = [0] * len(ways)
    while sum(len(each[level]) for each, level in zip(ways, levels, strict=True)) > room:
        longer = [
            (-level, len(each[level]), index)
            for index, (each, level) in enumerate(zip(ways, levels, strict=True))
            if level + 1 < len(each)
        ]
        if not longer:
            return None
        levels[max(longer)[2]] += 1
    return [each[level] for each, level in zip(ways, levels, strict=True)]


def _say_more(groups: Sequence[CoreGroup], path: str, width: int) -> list[str]:
    numbers = sorted({number for group in groups for number in group.numbers})
    said = f"{' ' * INDENT}and {count_of(sum(len(g.cores) for g in groups), 'more conflict')}"
    where = f"{said}: {name_lines(numbers)}" if numbers else said
    told = f" (`envbench fix {path}` tells all)" if path else ""
    rows = (where + told, where, said + told, said)
    return [next((row for row in rows if len(row) <= width), cut(said, width))]


def _short(path: str) -> str:
    """Name the file before a line number, if that has room."""
    if len(path) <= _MAX_PATH:
        return path
    name = path.rpartition("/")[2]
    return name if len(name) <= _MAX_PATH else ""
