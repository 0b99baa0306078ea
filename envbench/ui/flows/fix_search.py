"""Ways out of a conflict: looked for behind the screen, and shown as they are proved."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.fix_choice import (
    SEARCH,
    chosen_fix,
    held_fixes,
    keep_fixes,
    rank_fixes,
    shown_report,
)
from envbench.ui.flows.solve_orders import make_order, spec_twin
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.pane_view import FIRST_ROW
from envbench.ui.solve_choice import STOPPED, name_solve
from envbench.ui.state import PLAN, Fact, SolveView

if TYPE_CHECKING:
    from envbench.model.repair import FixReport

WORK = "fixes"
"""Name of the search among what is at work."""


def begin(bench: Bench, *, far: bool = False) -> None:
    """Look for ways out of the conflict that is shown; what is found comes in as it is proved.

    Of a plan it is asked whether the pip part fits beside it; when not, that is the conflict.

    Args:
        bench: The screen.
        far: Also look into channels that the spec does not list; nothing is fetched unasked.
    """
    view = bench.state.solve.value
    if view is not None and (view.report.conflict is not None or view.report.pip_items):
        bench.begin(WORK, _search(bench, view, far=far))


def stop(bench: Bench) -> bool:
    """Stop the search at once; what was found stays. Tells whether there was one."""
    return bench.stop(WORK)


async def _search(bench: Bench, view: SolveView, *, far: bool) -> None:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    about = name_solve(view)
    known = shown_report(bench.state)
    before = known.fixes if known is not None else ()
    is_plan = view.report.conflict is None
    working = "asking whether the pip part fits" if is_plan else "looking for fixes"
    begun: Fact[FixReport] = Fact(known, working=working, about=about)
    bench.change(fixes=begun, solve_tick=bench.state.tick)
    if not is_plan:
        _rest_on_search(bench)
    keep_ticking(bench)
    if far:
        # What begins by itself is no action of the user's.
        bench.note(twin(bench))

    def hear(report: "FixReport") -> None:
        if bench.state.fixes.about == about and bench.state.fixes.working:
            shown = keep_fixes((*before, *held_fixes(bench.state)), report)
            bench.change(fixes=Fact(shown, working=begun.working, about=about))
            _take_conflict(bench, view, report)

    try:
        found = await bench.desk.find_fixes(make_order(view), hear, far=far)
    except EnvbenchError as fault:
        _settle(bench, about, say_error(fault), fault.hint)
        return
    except asyncio.CancelledError:
        _settle(bench, about, STOPPED)
        raise
    except BaseException:
        # Ours to mend; whoever runs this says more of it.
        _settle(bench, about, "a fault of envbench ended it")
        raise
    if bench.state.fixes.about == about:
        report = keep_fixes((*before, *held_fixes(bench.state)), found)
        bench.change(fixes=Fact(report, about=about))
        _take_conflict(bench, view, report)
        _leave_search(bench)
        _say_outcome(bench, report)


def _take_conflict(bench: Bench, view: SolveView, report: "FixReport") -> None:
    """Show the conflict in the place of the plan when the pip part does not fit beside it."""
    if report.conflict is None or bench.state.solve.value is not view:
        return
    if view.report.conflict is None:
        solved = replace(view.report, plan=None, changes=(), sizes=None, conflict=report.conflict)
        bench.change(solve=Fact(replace(view, report=solved)))
        bench.tell("The conda part has a solution, the pip part does not fit beside it", "error")
        _rest_on_search(bench)


def _settle(bench: Bench, about: str, fault: str, hint: str = "") -> None:
    """End a search; what it found stays."""
    now = bench.state.fixes
    if now.about == about:
        bench.change(fixes=Fact(now.value, fault=fault, hint=hint, about=about))
        _leave_search(bench)


def _rest_on_search(bench: Bench) -> None:
    """Let the cursor wait where fixes will come, unless it stands on one."""
    if chosen_fix(bench.state) is None:
        bench.select(PLAN, SEARCH)


def _leave_search(bench: Bench) -> None:
    """Put a cursor that waited for fixes on the best one; any other stays.

    Without any, what there is to read is the conflict, from its beginning.
    """
    ranked = rank_fixes(shown_report(bench.state))
    if bench.state.selected.get(PLAN, "") in {SEARCH, ""}:
        bench.select(PLAN, ranked[0].key if ranked else FIRST_ROW)


def _say_outcome(bench: Bench, report: "FixReport") -> None:
    if report.conflict is None:
        if report.not_tried:
            bench.tell(f"Whether the pip part fits is not known: {report.not_tried[0]}", "warning")
        else:
            bench.tell("The pip part fits beside this plan; b builds it", "ok")
        return
    count = len(report.fixes)
    if count:
        fixes = "1 fix is" if count == 1 else f"{count} fixes are"
        bench.tell(f"{fixes} proved in {report.seconds:.0f} s; Enter takes one", "ok")
    else:
        bench.tell(f"No fix was found in {report.seconds:.0f} s", "warning")


def twin(bench: Bench) -> str:
    """Give the command line of the search."""
    return spec_twin(bench.state, "fix")


def forget(bench: Bench) -> None:
    """Forget what belongs to the solve before."""
    stop(bench)
    face = replace(bench.state.plan_face, marked="", compared=None, solver_text="", what_if=False)
    bench.change(fixes=Fact(), why=Fact(), what_if=Fact(), plan_face=face)
