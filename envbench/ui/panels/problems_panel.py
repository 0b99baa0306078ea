"""What is wrong in the open spec, and which of it has a fix."""

from typing import TYPE_CHECKING

from envbench.ui.ink import Line, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.panel import Panel
from envbench.ui.state import OpenSpec, ScreenState

if TYPE_CHECKING:
    from envbench.model.problem import Problem

MARKS = {"error": "×", "warning": "▲", "info": "i"}


class ProblemsPanel(Panel):
    """The problems of the spec; Enter goes to one."""

    reads = ("spec",)

    def describe(self, state: ScreenState, width: int) -> PaneView:
        """List them."""
        return describe_problems(state.spec, width)


def describe_problems(spec: OpenSpec | None, width: int) -> PaneView:
    """List the problems in the order of their lines, each with its hint or fix."""
    if spec is None:
        hint = ink(("No spec is open: ", "dim"), ("a", "accent"), (" new", "dim"))
        return PaneView("Problems", empty=wrap(hint, max(2, width)))
    if spec.checked < 0 and not spec.check_fault:
        return PaneView("Problems", empty=(ink(("checking", "dim")),))
    fault = wrap(_say_fault(spec), max(2, width)) if spec.check_fault else ()
    rows = tuple(_row(number, problem, width) for number, problem in enumerate(spec.problems))
    if fault:
        return PaneView("Problems", "not checked", "error", top=fault, rows=rows)
    stale = "" if spec.checked == spec.version else "checking"
    badge = stale or (str(len(rows)) if rows else "none")
    role = "dim" if stale else "error" if spec.errors else "warning" if rows else "ok"
    good = ink(("● ", "ok"), "No problems found.  ", ("s", "accent"), (" solves", "dim"))
    empty = wrap(good, max(2, width))
    keys = "^O fix  Enter go there" if rows else ""
    return PaneView("Problems", badge=badge, badge_role=role, rows=rows, empty=empty, keys=keys)


def _say_fault(spec: OpenSpec) -> Line:
    return ink(("× ", "error"), spec.check_fault, ("  The next change tries again.", "dim"))


def _row(number: int, problem: "Problem", width: int) -> Row:
    severity = problem.severity.value
    mark = (f"{MARKS[severity]} ", severity)
    line = f"line {problem.span.line}  " if problem.span else ""
    head = ink(mark, (f"{problem.code} ", "dim"), (line, "bold"), problem.message)
    lines = list(wrap(head, max(2, width)))
    if problem.edit is not None:
        fix = wrap(ink(("^O ", "accent"), problem.edit.title), max(2, width - 2))
        lines += [ink("  ", line) for line in fix]
    elif problem.hint:
        lines += [ink("  ", *part) for part in wrap(ink((problem.hint, "dim")), max(2, width - 2))]
    place = f"{problem.span.line}:{problem.span.column}" if problem.span else ""
    return Row(f"problem:{number}:{place}", tuple(lines))
