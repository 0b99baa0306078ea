"""The note under the line of the cursor: what is wrong there, and the key that mends it."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, Role, cut, ink, pad, spread, width_of, wrap

if TYPE_CHECKING:
    from envbench.model.problem import Problem

ROLE_OF = {"error": Role.ERROR, "warning": Role.WARNING, "info": Role.INFO}
MARK_OF = {"error": "×", "warning": "▲", "info": "i"}
MOST_ROWS = 4
_CORNER = "╰ "
_GAP = 3


def note_rows(
    problem: "Problem", *, width: int, rows: int, others: int = 0, fix_key: str = ""
) -> tuple[Line, ...]:
    """Write the note of a problem.

    Args:
        problem: What is wrong.
        width: Of the note in cells.
        rows: At most so many.
        others: How many more problems the line has.
        fix_key: How the key is called that mends it; empty when no fix can be taken now.
    """
    rows = min(rows, MOST_ROWS)
    if width < len(_CORNER) + 2 or rows < 1:
        return ()
    room = width - len(_CORNER)
    body = list(wrap(_what(problem, others), room)) or [()]
    tail = _fix(problem, fix_key)
    if tail and width_of(body[-1]) + _GAP + width_of(tail) <= room:
        body[-1] = spread(body[-1], tail, room)
        tail = ()
    kept = body[: max(1, rows - (1 if tail else 0))]
    if len(kept) < len(body):
        kept[-1] = cut((*pad(kept[-1], room - 1), *ink("  ")), room)
    if tail and rows > len(kept):
        kept.append(cut(tail, room))
    return tuple(
        ink((_CORNER if index == 0 else "  ", Role.FAINT), line) for index, line in enumerate(kept)
    )


def _what(problem: "Problem", others: int) -> Line:
    hint = (f" ({problem.hint})", Role.TEXT) if problem.hint else ""
    more = (f" +{others} more on this line", Role.DIM) if others else ""
    return ink((problem.message, ROLE_OF[problem.severity]), hint, more)


def _fix(problem: "Problem", fix_key: str) -> Line:
    if problem.edit is None or not fix_key:
        return ()
    return ink((fix_key, Role.ACCENT), " " + problem.edit.title)
