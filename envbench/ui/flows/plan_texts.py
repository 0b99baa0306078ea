"""What verbs say and copy of a plan or of a conflict; pure functions of the state."""

from typing import TYPE_CHECKING

from envbench.ui.fix_choice import shown_report
from envbench.ui.state import PLAN, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.model.conflict import Conflict
    from envbench.model.plan import PackageRecord
    from envbench.model.repair import FixReport
    from envbench.model.what_if import Variant, WhatIfReport
    from envbench.workbench.values.solving import AskedLine, SolveReport

KIND_WORDS = {
    "missing_package": "no such package",
    "missing_version": "no such version",
    "missing_build": "no such build of that version",
    "wrong_channel": "another channel has it",
    "missing_virtual": "this box lacks it",
    "platform": "not for this platform",
    "channel_priority": "hidden by channel priority",
    "incompatible": "clashes",
    "pip_against_conda": "pip's part clashes with conda's",
    "pip": "clashes within the pip part",
}
"""Kind of a cause in words."""
COPIED_ROWS = 60
"""At most so many of an explanation are copied."""
SAME = "same"
"""Key of the row that stands for all packages that stay."""


def say_headline(report: "SolveReport") -> str:
    """Say in one sentence how many lines of the spec are the trouble, and how."""
    conflict = report.conflict
    if conflict is None:
        return ""
    if conflict.cores:
        return f"No solution. {_say_cores(report, conflict)}"
    count = len(conflict.causes)
    total = sum(not line.is_pip for line in report.asked)
    lines = _say_share(count, total)
    if not count:
        return f"No solution: {conflict.summary}"
    if not conflict.is_proven:
        return f"No solution. {lines} may be the cause; there was no time to prove it."
    kinds = {cause.kind.value for cause in conflict.causes}
    return f"No solution. {lines} {_say_trouble(kinds, count)}."


def _say_cores(report: "SolveReport", conflict: "Conflict") -> str:
    """Say how many lines clash, in how many places, and that the others do not."""
    lines = {(line.line, line.text) for core in conflict.cores for line in core.lines}
    count, total = len(lines), len(report.asked)
    said = _say_share(count, total)
    if len(conflict.cores) == 1:
        core = conflict.cores[0]
        said += f" {_say_trouble({core.kind.value}, count)}"
    else:
        said += f" are in {len(conflict.cores)} conflicts"
    others = total - count
    is_sure = conflict.is_proven and all(core.is_minimal for core in conflict.cores)
    # Of conflicts with the pip section only those are known that share no item with the first.
    has_pip = any(core.kind.value in _PIP_KINDS for core in conflict.cores)
    if others <= 0 or not is_sure or conflict.note or has_pip:
        return f"{said}."
    return f"{said}; the other {'one is' if others == 1 else f'{others} are'} fine."


def _say_share(count: int, total: int) -> str:
    if count < total:
        return f"{count} of your {total} lines"
    return "Your line" if count == 1 else f"Your {count} lines"


_PIP_KINDS = {"pip", "pip_against_conda"}
_MISSING = {"missing_package", "missing_version", "missing_build"}


_ONE_KIND = {
    "missing_virtual": ("needs what this box lacks", "need what this box lacks"),
    "channel_priority": ("cannot hold under strict channel priority",) * 2,
    "wrong_channel": ("asks the wrong channel", "ask the wrong channel"),
    "platform": ("asks for what this platform lacks", "ask for what this platform lacks"),
}
"""Kind to what is said of one line, and of several."""


def _say_trouble(kinds: set[str], count: int) -> str:
    is_one = count == 1
    if kinds <= _MISSING:
        return "asks for what does not exist" if is_one else "ask for what does not exist"
    if len(kinds) == 1 and (said := _ONE_KIND.get(next(iter(kinds)))):
        return said[not is_one]
    if kinds <= {"incompatible", "pip", "pip_against_conda"} and not is_one:
        return "cannot both hold" if count == 2 else "cannot all hold together"
    return "cannot be met"


def explain_conflict(report: "SolveReport") -> str:
    """Write the whole explanation as text: the lines, their chains, what does not meet."""
    if report.conflict is None:
        return ""
    from envbench.model.conflict_words import describe_conflict

    rows = describe_conflict(
        report.conflict, report.path, limit=COPIED_ROWS, asked=len(report.asked)
    )
    return "\n".join(rows)


def list_as_text(report: "FixReport | None") -> str:
    """Write the fixes as text, best first; nothing when there are none."""
    rows = [
        f"fix {rank}: {fix.title}   {fix.gains}"
        for rank, fix in enumerate(report.fixes if report is not None else (), 1)
    ]
    return "\n".join(("", "", *rows)) if rows else ""


def write_table(report: "WhatIfReport") -> str:
    """Write the spec under other conditions as lines whose cells are parted by tabs."""
    rows = [["", *(variant.title for variant in report.variants)]]
    for name in report.names:
        versions = ((variant.versions or {}).get(name, "-") for variant in report.variants)
        rows.append([name, *versions])
    rows.append(["", *(_say_variant(variant) for variant in report.variants)])
    return "\n".join("\t".join(row) for row in rows)


def _say_variant(variant: "Variant") -> str:
    if variant.is_solvable is None:
        return "not tried"
    return "ok" if variant.is_solvable else f"no solution: {variant.refusal}"


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
    if state.plan_face.what_if:
        report = state.what_if.value
        return (write_table(report), "the table") if report is not None else ("", "")
    if view.report.conflict is not None:
        return _copy_conflict(state, view, key)
    return _copy_row(view, key)


def _copy_row(view: SolveView, key: str) -> tuple[str, str]:
    record = find_record(view, key)
    if record is not None:
        return f"{record.channel}::{record.name}={record.version}={record.build}", record.name
    asked = find_asked(view, key)
    if asked is not None:
        return asked.text, f"line {asked.line}"
    return _list_all(view) if key == SAME else ("", "")


def _copy_conflict(state: ScreenState, view: SolveView, key: str) -> tuple[str, str]:
    conflict = view.report.conflict
    if key.startswith("text:") and conflict is not None:
        return conflict.solver_text, "the solver's own text"
    fixes = list_as_text(shown_report(state))
    what = "the explanation with its fixes" if fixes else "the explanation"
    return explain_conflict(view.report) + fixes, what


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


def find_cause_lines(view: SolveView, key: str) -> tuple[int, ...]:
    """Find the lines of the spec that a row leads to."""
    kind, _, rest = key.partition(":")
    if kind == "cause":
        numbers = rest.partition(":")[0].split(",")
        return tuple(int(number) for number in numbers if number.isdigit())
    asked = find_asked(view, key)
    return (asked.line,) if asked is not None else ()
