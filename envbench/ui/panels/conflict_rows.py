"""Causes of a conflict one by one, and the solver's own words about it."""

from typing import TYPE_CHECKING

from envbench.ui.flows.plan_texts import KIND_WORDS, list_instead
from envbench.ui.ink import Line, cut, ink, wrap
from envbench.ui.pane_view import Row
from envbench.ui.plan_face import FOLDED
from envbench.ui.state import SolveView

if TYPE_CHECKING:
    from envbench.model.conflict import Conflict, ConflictCause

_BRANCHES = " │├└─"
"""What the solver draws trees with."""
_KIND_ROLES = {"channel_priority": "warning", "missing_virtual": "warning"}


def list_causes(view: SolveView, width: int) -> tuple[Row, ...]:
    """List the causes of a conflict whose cores are not known."""
    conflict = view.report.conflict
    causes = conflict.causes if conflict is not None else ()
    return tuple(_cause_row(index, cause, width) for index, cause in enumerate(causes))


def _cause_row(index: int, cause: "ConflictCause", width: int) -> Row:
    kind = cause.kind.value
    words = KIND_WORDS.get(kind, kind)
    where = f"line {cause.line}  " if cause.line is not None else ""
    head = ink((where, "dim"), (cause.spec, "bold"), "   ", (words, _KIND_ROLES.get(kind, "error")))
    lines = [*wrap(head, max(2, width)), *_indent(ink(cause.explanation), width)]
    instead = list_instead(cause.explanation, cause.available)
    if instead:
        text = ink(("there is  ", "dim"), (", ".join(instead), "accent"))
        lines += _indent(text, width)
    return Row(f"cause:{cause.line or ''}:{index}", tuple(lines))


def _indent(line: Line, width: int) -> list[Line]:
    before = "    " if width >= 30 else " "
    return [ink(before, *row) for row in wrap(line, max(2, width - len(before)))]


def list_solver_text(conflict: "Conflict | None", how: str, width: int) -> tuple[Row, ...]:
    """List the solver's own words, folded or as they are.

    Args:
        conflict: Whose words.
        how: `FOLDED` or `RAW`.
        width: Of the lines, in cells.
    """
    from envbench.model.counting import count_of
    from envbench.model.solver_tree import fold_solver_text

    text = conflict.solver_text if conflict is not None else ""
    shown = fold_solver_text(text) if how == FOLDED else text
    count, total = shown.count("\n") + 1, text.count("\n") + 1
    lines = count_of(total, "line")
    if how == FOLDED:
        said = f"folded from {total} to {count} lines" if count < total else f"{lines} as it came"
    else:
        said = f"untouched, {lines}"
    more = "   t shows it untouched" if how == FOLDED else "   t hides it"
    title = ink(("the solver's own text, ", "dim"), (said, "bold"), (more, "dim"))
    rows = [Row("solver", (cut(title, width),), selectable=False)]
    for index, line in enumerate(shown.splitlines()):
        rows.append(Row(f"text:{index}", _wrap_branch(line, width)))
    return tuple(rows)


def _wrap_branch(line: str, width: int) -> tuple[Line, ...]:
    """Break a line of a tree; what follows stands where its words begin."""
    words = line.lstrip(_BRANCHES)
    lead = line[: len(line) - len(words)][: max(0, width // 2)]
    rows = wrap(ink(words), max(2, width - len(lead)))
    below = "".join(c if c == "│" else " " for c in lead.replace("├", "│"))
    made = [ink((below if index else lead, "dim"), *row) for index, row in enumerate(rows)]
    return tuple(made) or (ink(" "),)
