"""What holds a package back, as the solver proved it: under the row that `w` asked about."""

from typing import TYPE_CHECKING

from envbench.ui.flows.whys import chosen_package, name_question
from envbench.ui.ink import Line, cut, ink, join, wrap
from envbench.ui.solve_choice import STOPPED
from envbench.ui.state import ScreenState, SolveView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envbench.model.conflict import SpecLine
    from envbench.model.why import HeldBack, WhyReport


NARROW = 80
LINES, NARROW_LINES, LOW_LINES = 3, 5, 4
"""Always so many, so that the rows above keep their places."""


def describe_held_back(
    state: ScreenState, view: SolveView, width: int, *, count: int = 0
) -> tuple[Line, ...]:
    """Say what keeps the package under the cursor from being newer, or that it can be asked.

    Args:
        state: All that is known.
        view: A plan.
        width: Of the lines, in cells.
        count: How many lines; 0 takes as many as the width asks for.
    """
    count = count or (NARROW_LINES if width < NARROW else LINES)
    lines = _say_all(state, view, max(2, width))
    if len(lines) > count:
        lines = (*lines[: count - 1], cut(join(" ", lines[count - 1 :]), width))
    return (*lines, *((),) * count)[:count]


def _say_all(state: ScreenState, view: SolveView, room: int) -> tuple[Line, ...]:
    package = chosen_package(state)
    if not package:
        return ()
    fact = state.why
    if fact.about != name_question(view, package):
        said = ink(("held ", "accent"), (f"w asks what holds {package} back", "dim"))
        return wrap(said, room)
    lines: list[Line] = []
    if fact.value is not None:
        lines += wrap(ink(("held ", "accent"), _say_report(fact.value)), room)
    if fact.working:
        seconds = max(0, state.tick - state.solve_tick)
        lines += wrap(
            ink(("► ", "accent"), fact.working, (f"   {seconds} s   ", "dim"), ("x", "accent"),
                (" stops it", "dim")),
            room,
        )  # fmt: skip
    elif fact.fault == STOPPED:
        lines += wrap(ink(("held ", "accent"), ("stopped before it was known", "dim")), room)
    elif fact.fault:
        lines += wrap(ink(("× ", "error"), fact.fault), room)
    return tuple(lines)


def _say_report(report: "WhyReport") -> Line:
    held = report.held_back
    parts: list[Line] = []
    if held is not None:
        parts.append(_say_held(held))
    elif report.newest:
        parts.append(ink("nothing: ", (f"{report.newest} is the newest there is", "ok")))
    if report.note:
        parts.append(ink((report.note, "dim")))
    return join("  ", parts) or ink(("not known yet", "dim"))


def _say_held(held: "HeldBack") -> Line:
    line = ink((f"{held.name} {held.chosen}", "bold"), f" and not {held.newest}")
    if not held.culprits:
        return ink(line, f": {held.reason}" if held.reason else "")
    lines = [c.line for c in held.culprits]
    line = ink(line, ": ", _name_lines(lines), " holds it" if len(lines) == 1 else " hold it")
    demands = [
        chain.demand
        for culprit in held.culprits
        if (chain := culprit.chain) is not None and chain.demand != culprit.line.text
    ]
    if demands:
        line = ink(line, (f" by {', '.join(dict.fromkeys(demands))}", "warning"))
    if held.jumps_to:
        without = "it" if len(lines) == 1 else "them"
        line = ink(line, f"; without {without} ", (held.jumps_to, "ok"), (", proved", "dim"))
    for other in held.alternatives:
        line = ink(line, "; or without ", _name_lines(other.lines), " ", (other.jumps_to, "ok"))
    return line


def _name_lines(lines: "Sequence[SpecLine]") -> Line:
    named = [
        ink(f"line {each.line} " if each.line is not None else "", (each.text, "bold"))
        for each in lines
    ]
    return join(" and ", named)
