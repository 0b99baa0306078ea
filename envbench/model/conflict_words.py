"""A conflict in a dozen rows of plain text, enough to know which line to change."""

from collections.abc import Sequence
from textwrap import wrap

from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict, Core
from envbench.model.core_rows import INDENT, cut, describe_core, list_or
from envbench.model.counting import count_of
from envbench.model.solver_tree import fold_solver_text

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
    note = _wrapped(conflict.note, width)[:1] if conflict.cores and limit > len(head) + 1 else []
    room = limit - len(head) - len(note)
    return (*head, *_body(conflict, _short(path), width, room), *note)


def _body(conflict: Conflict, path: str, width: int, room: int) -> list[str]:
    if room <= 0:
        return []
    if conflict.cores:
        return _tell_cores(_sorted(conflict.cores), path, width, room)
    rows: list[str] = []
    for cause in conflict.causes:
        place = f"{path}:{cause.line}  " if path and cause.line else ""
        rows += [f"{' ' * INDENT}{place}{cause.spec}", *_wrapped(cause.explanation, width)[:2]]
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
    rows = wrap(said, max(20, width), break_on_hyphens=False, subsequent_indent=" " * INDENT)
    return [*rows[:1], *(cut(row, width) for row in rows[1:2])]


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
    is_known = rest > 0 and conflict.is_proven and not conflict.note
    others = f"the other {rest} are" if rest > 1 else "the other one is"
    fine = f"; {others} fine" if is_known else ""
    if len(cores) > 1:
        return f"no solution. There are {len(cores)} conflicts, in {of}{fine}.{_say_shared(cores)}"
    hold = {1: "cannot be met", 2: "cannot both hold"}.get(count, "cannot all hold")
    return f"no solution. {of[0].upper()}{of[1:]} {hold}{fine}."


def _say_shared(cores: Sequence[Core]) -> str:
    """Name a line that takes part in every conflict: mending it mends all."""
    shared = set.intersection(*(set(core.lines) for core in cores))
    numbers = sorted(line.line for line in shared if line.line is not None)
    if len(numbers) != 1:
        return ""
    return f" Line {numbers[0]} is in {'both' if len(cores) == 2 else 'all'} of them."


def _plain(count: int) -> str:
    return "one line" if count == 1 else f"{count} lines"


# -- cores ---------------------------------------------------------------------------------------


def _sorted(cores: Sequence[Core]) -> list[Core]:
    """Put first what must be mended in any case; what shares a line with it may go with it."""
    return sorted(cores, key=lambda core: not core.is_independent)


def _tell_cores(cores: Sequence[Core], path: str, width: int, room: int) -> list[str]:
    shown = cores if len(cores) <= room else cores[: max(0, room - 1)]
    left = cores[len(shown) :]
    more = [_say_more(left)] if left else []
    wanted = [len(describe_core(core, path, width, room)) for core in shown]
    rows: list[str] = []
    for core, most in zip(shown, _share(wanted, room - len(more)), strict=True):
        rows += describe_core(core, path, width, most)
    return [*rows, *(cut(row, width) for row in more)]


def _share(wanted: Sequence[int], room: int) -> list[int]:
    """Hand out rows one by one, round by round, until all have what they want or none is left."""
    given = [0] * len(wanted)
    while room > 0 and any(g < w for g, w in zip(given, wanted, strict=True)):
        for index, most in enumerate(wanted):
            if given[index] < most and room > 0:
                given[index] += 1
                room -= 1
    return given


def _say_more(cores: Sequence[Core]) -> str:
    found = {line.line for core in cores for line in core.lines if line.line is not None}
    numbers = [str(number) for number in sorted(found)]
    where = f", in the lines {list_or(numbers, 'and')}" if numbers else ""
    return f"{' ' * INDENT}and {count_of(len(cores), 'more conflict')}{where}"


def _short(path: str) -> str:
    """Name the file before a line number, if that has room."""
    if len(path) <= _MAX_PATH:
        return path
    name = path.rpartition("/")[2]
    return name if len(name) <= _MAX_PATH else ""


def _wrapped(text: str, width: int) -> list[str]:
    lead = " " * (INDENT + 4)
    return wrap(text, max(20, width), initial_indent=lead, subsequent_indent=lead)
