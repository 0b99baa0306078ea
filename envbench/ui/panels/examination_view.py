"""What the doctor found in an environment without running it."""

from collections import Counter
from typing import TYPE_CHECKING

from envbench.model.counting import count_of
from envbench.ui.environment_choice import show_name
from envbench.ui.finding_choice import chosen_finding, finding_key, refuse_fix
from envbench.ui.ink import Line, cut, ink, wrap
from envbench.ui.pane_view import PaneView, Row
from envbench.ui.panels.diagnosis_lines import MARKS, describe_diagnosis
from envbench.ui.sizes import show_duration
from envbench.ui.state import ScreenState
from envbench.ui.times import show_since

if TYPE_CHECKING:
    from envbench.workbench.values.doctor import DoctorReport


def describe_examination(state: ScreenState, width: int, now: float) -> PaneView:
    """List the findings, the worst first; the one under the cursor in detail below.

    Args:
        state: All that is known.
        width: Of the lines, in cells.
        now: Unix time.
    """
    fact = state.examination
    name = show_name(state, state.environment)
    title = f"{name}: doctor" if name else "Doctor"
    if fact.about != state.environment:
        again = (("v", "accent"), (f" examines {name}" if name else " examines it", "dim"))
        return PaneView(title, empty=wrap(ink(*again), width))
    working = wrap(ink(("► ", "accent"), fact.working), width) if fact.working else ()
    fault = wrap(ink(("× ", "error"), fact.fault), width) if fact.fault else ()
    report = fact.value
    if report is None:
        return PaneView(title, empty=(*working, *fault))
    badge, role = _judge(report)
    top = (*working, *fault, *_say_head(report, width, now), ())
    rows = tuple(
        Row(finding_key(number), (_say_title(finding.severity.value, finding.title, finding.code, width),))
        for number, finding in enumerate(report.findings)
    )  # fmt: skip
    fine = wrap(ink(("● ", "ok"), "Nothing was found that is bound to fail."), width)
    return PaneView(
        title,
        badge,
        role,
        top=top,
        rows=rows,
        empty=fine,
        bottom=_say_finding(state, width),
        keys="v again  f fix  c copy  Esc probes",
    )


def _judge(report: "DoctorReport") -> tuple[str, str]:
    counted = Counter(finding.severity.value for finding in report.findings)
    words = [
        count_of(counted[severity], noun)
        for severity, noun in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if counted[severity]
    ]
    role = "error" if counted["error"] else "warning" if counted["warning"] else "ok"
    return ", ".join(words) or "FINE", role


def _say_head(report: "DoctorReport", width: int, now: float) -> tuple[Line, ...]:
    generation = f"generation {report.generation}   " if report.generation is not None else ""
    python = f"   python {report.python}" if report.python else ""
    said = f"examined {show_since(report.made, now)}, {show_duration(report.duration_s)}"
    solved = (
        f"   {count_of(report.remedies_solved, 'change')} solved" if report.remedies_solved else ""
    )
    head = ink((generation, "bold"), said, (f"{python}{solved}   nothing of it was run", "dim"))
    notes = (
        line for note in report.notes for line in wrap(ink(("▲ ", "warning"), (note, "dim")), width)
    )
    return (*wrap(head, width), *notes)


def _say_title(severity: str, title: str, code: str, width: int) -> Line:
    mark, role = MARKS.get(severity, ("?", "warning"))
    return cut(ink((f"{mark} ", role), title, (f"   {code}", "dim")), width)


def _say_finding(state: ScreenState, width: int) -> tuple[Line, ...]:
    finding = chosen_finding(state)
    if finding is None:
        return ()
    refusal = refuse_fix(state)
    lines = describe_diagnosis(finding, width, key="" if refusal else "f")
    return ((), *lines)
