"""A solve without a solution: the lines of the spec that are the trouble, each with its reason."""

from typing import TYPE_CHECKING

from envbench.ui.flows.plan_texts import KIND_WORDS, list_instead, say_headline
from envbench.ui.ink import Line, cut, ink, spread, wrap
from envbench.ui.pane_view import Row
from envbench.ui.sizes import show_duration
from envbench.ui.state import PlanFace, SolveView

if TYPE_CHECKING:
    from envbench.model.conflict import ConflictCause

_BRANCHES = " │├└─"
"""What the solver draws trees with."""
_KIND_ROLES = {"channel_priority": "warning", "missing_virtual": "warning"}


def summarise_conflict(view: SolveView, width: int) -> tuple[Line, ...]:
    """Say that there is no solution, and how many lines are the trouble."""
    took = show_duration(view.elapsed_s) + (", offline" if view.offline else "")
    lines = list(wrap(ink(("× ", "error"), (say_headline(view.report), "bold")), max(2, width)))
    if lines and width > 40:
        room = width - len(took) - 1
        rest = ink((took, "dim"))
        first = lines[0]
        lines[0] = spread(first, rest, width) if _fits(first, room) else first
    return (*lines, ())


def _fits(line: Line, room: int) -> bool:
    return sum(len(piece.text) for piece in line) <= room


def list_causes(view: SolveView, face: PlanFace, width: int) -> tuple[Row, ...]:
    """List the causes, then the solver's own words if they are wanted."""
    conflict = view.report.conflict
    if conflict is None:
        return ()
    rows = [_cause_row(index, cause, width) for index, cause in enumerate(conflict.causes)]
    return (*rows, *_solver_rows(conflict.solver_text, face, width))


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


def _solver_rows(text: str, face: PlanFace, width: int) -> list[Row]:
    if not text:
        return []
    count = text.count("\n") + 1
    if not face.solver_text:
        said = ink(("t", "accent"), (f" shows the solver's own text, {count} lines", "dim"))
        return [Row("solver", (cut(said, width),), selectable=False)]
    title = ink(("the solver's own text", "dim"), ("   t hides it", "dim"))
    rows = [Row("solver", (cut(title, width),), selectable=False)]
    for index, line in enumerate(text.splitlines()):
        rows.append(Row(f"text:{index}", _wrap_branch(line, width)))
    return rows


def _wrap_branch(line: str, width: int) -> tuple[Line, ...]:
    """Break a line of a tree; what follows stands where its words begin."""
    words = line.lstrip(_BRANCHES)
    lead = line[: len(line) - len(words)][: max(0, width // 2)]
    rows = wrap(ink(words), max(2, width - len(lead)))
    below = "".join(c if c == "│" else " " for c in lead.replace("├", "│"))
    made = [ink((below if index else lead, "dim"), *row) for index, row in enumerate(rows)]
    return tuple(made) or (ink(" "),)


def describe_cause(key: str, width: int) -> tuple[Line, ...]:
    """Say what Enter does on the row under the cursor."""
    number = key.partition(":")[2].partition(":")[0] if key.startswith("cause:") else ""
    if not number:
        return ((),)
    return (cut(ink(("Enter", "accent"), (f" goes to line {number} in the editor", "dim")), width),)
