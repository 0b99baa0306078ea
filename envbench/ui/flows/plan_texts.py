"""What verbs say and copy of a plan or of a conflict; pure functions of the state."""

from typing import TYPE_CHECKING

from envbench.ui.state import PLAN, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.model.conflict import Conflict
    from envbench.model.plan import PackageRecord
    from envbench.workbench.values.solving import AskedLine, SolveReport

KIND_WORDS = {
    "missing_package": "no such package",
    "missing_version": "no such version or build",
    "missing_virtual": "this box lacks it",
    "channel_priority": "hidden by channel priority",
    "incompatible": "clashes",
}
"""Kind of a cause in words."""
SAME = "same"
"""Key of the row that stands for all packages that stay."""


def say_headline(report: "SolveReport") -> str:
    """Say in one sentence how many lines of the spec are the trouble, and how."""
    conflict = report.conflict
    if conflict is None:
        return ""
    count = len(conflict.causes)
    total = sum(not line.is_pip for line in report.asked)
    lines = f"{count} of your {total} lines" if total >= count else f"{count} lines"
    if not count:
        return f"No solution: {conflict.summary}"
    if not conflict.is_proven:
        return f"No solution. {lines} may be the cause; there was no time to prove it."
    return f"No solution. {lines} {_say_trouble(conflict)}."


def _say_trouble(conflict: "Conflict") -> str:
    kinds = {cause.kind.value for cause in conflict.causes}
    is_one = len(conflict.causes) == 1
    if kinds <= {"missing_package", "missing_version"}:
        return "asks for what does not exist" if is_one else "ask for what does not exist"
    if kinds == {"missing_virtual"}:
        return "needs what this box lacks" if is_one else "need what this box lacks"
    if kinds == {"channel_priority"}:
        return "cannot hold under strict channel priority"
    if kinds == {"incompatible"} and not is_one:
        return "cannot both hold" if len(conflict.causes) == 2 else "cannot all hold together"
    return "cannot be met"


def explain_conflict(report: "SolveReport") -> str:
    """Write the whole explanation as text: the headline, then every cause."""
    parts = [f"{report.path}: {say_headline(report)}"]
    for cause in report.conflict.causes if report.conflict is not None else ():
        where = f"line {cause.line}: " if cause.line is not None else ""
        words = KIND_WORDS.get(cause.kind.value, cause.kind.value)
        parts += [f"  {where}{cause.spec} ({words})", f"      {cause.explanation}"]
        left = list_instead(cause.explanation, cause.available)
        parts += [f"      there is: {', '.join(left)}"] if left else []
    return "\n".join(parts)


def list_instead(explanation: str, available: tuple[str, ...]) -> tuple[str, ...]:
    """List what there is instead, unless the explanation says all of it already."""
    return () if all(item in explanation for item in available) else available


def copied_text(state: ScreenState) -> tuple[str, str]:
    """Give what `c` copies, and how the message names it; the text is empty for nothing."""
    view, key = state.solve.value, state.selected.get(PLAN, "")
    if state.solve.fault:
        return state.solve.fault, "why the solve failed"
    if view is None:
        return "", ""
    if view.report.conflict is not None:
        return _copy_conflict(view, key)
    record = find_record(view, key)
    if record is not None:
        return f"{record.channel}::{record.name}={record.version}={record.build}", record.name
    asked = find_asked(view, key)
    if asked is not None:
        return asked.text, f"line {asked.line}"
    return _list_all(view) if key == SAME else ("", "")


def _copy_conflict(view: SolveView, key: str) -> tuple[str, str]:
    conflict = view.report.conflict
    if key.startswith("text:") and conflict is not None:
        return conflict.solver_text, "the solver's own text"
    return explain_conflict(view.report), "the explanation"


def _list_all(view: SolveView) -> tuple[str, str]:
    plan = view.report.plan
    packages = plan.packages if plan is not None else ()
    return "\n".join(f"{p.name}={p.version}={p.build}" for p in packages), "all packages"


def find_record(view: SolveView, key: str) -> "PackageRecord | None":
    """Find the package of a row; one that goes is found as it is now."""
    kind, _, name = key.partition(":")
    if kind != "package" or view.report.plan is None:
        return None
    found = [record for record in view.report.plan.packages if record.name == name]
    gone = [c.old for c in view.report.changes if c.name == name and c.old is not None]
    return next(iter((*found, *gone)), None)


def find_asked(view: SolveView, key: str) -> "AskedLine | None":
    """Find the line of the spec that a row is about: it asks for the package, or is the cause."""
    kind, _, name = key.partition(":")
    asked = view.report.asked
    if kind == "package":
        return next((a for a in asked if not a.is_pip and a.name == name), None)
    if kind in {"pip", "cause"}:
        return next((a for a in asked if str(a.line) == name.partition(":")[0]), None)
    return None


def find_cause_line(view: SolveView, key: str) -> int:
    """Find the line of the spec that a row leads to; 0 for none."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    if kind == "cause":
        return int(number) if number.isdigit() else 0
    asked = find_asked(view, key)
    return asked.line if asked is not None else 0
