"""Why a package is in the plan, and what holds it back: asked of the solver, package by package."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.flows import plan_texts
from envbench.ui.flows.solve_orders import make_order, spec_twin
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.solve_choice import STOPPED, name_solve, refuse_asking
from envbench.ui.state import PLAN, Fact, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.model.why import WhyReport

WORK = "why"


def chosen_package(state: ScreenState) -> str:
    """Name the package of the row under the cursor; empty for none."""
    view, key = state.solve.value, state.selected.get(PLAN, "")
    if view is None:
        return ""
    kind, _, name = key.partition(":")
    if kind == "pip":
        asked = plan_texts.find_asked(view, key)
        return asked.name if asked is not None else ""
    return name if kind == "package" else ""


def name_question(view: SolveView, package: str) -> str:
    """Name what was asked, so that no answer is taken for another one's."""
    return f"{name_solve(view)}\n{package}"


def turn(bench: Bench) -> None:
    """Show why the package is there and ask what holds it back; hide it when that is shown."""
    face, view = bench.state.plan_face, bench.state.solve.value
    package = chosen_package(bench.state)
    if view is None:
        return
    is_known = bench.state.why.about == name_question(view, package)
    if face.why and (is_known or not package):
        bench.change(plan_face=replace(face, why=False))
        return
    bench.change(plan_face=replace(face, why=True))
    if package and not is_known:
        reason = refuse_asking(bench.state) if not bench.state.why.working else ""
        if reason:
            bench.tell(f"What holds {package} back is not asked: {reason}", "warning")
        else:
            bench.begin(WORK, _ask(bench, view, package))


async def _ask(bench: Bench, view: SolveView, package: str) -> None:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    about = name_question(view, package)
    working = f"proving what holds {package} back"
    bench.change(why=Fact(working=working, about=about), solve_tick=bench.state.tick)
    keep_ticking(bench)
    bench.note(twin(bench.state, package))

    def hear(report: "WhyReport") -> None:
        if bench.state.why.about == about and bench.state.why.working:
            bench.change(why=Fact(report, working=working, about=about))

    try:
        report = await bench.desk.explain_package(make_order(view), package, hear)
    except EnvbenchError as fault:
        _settle(bench, about, say_error(fault), fault.hint)
    except asyncio.CancelledError:
        _settle(bench, about, STOPPED)
        raise
    except BaseException:
        _settle(bench, about, "a fault of envbench ended it")
        raise
    else:
        if bench.state.why.about == about:
            bench.change(why=Fact(report, about=about))


def _settle(bench: Bench, about: str, fault: str, hint: str = "") -> None:
    now = bench.state.why
    if now.about == about:
        bench.change(why=Fact(now.value, fault=fault, hint=hint, about=about))


def stop(bench: Bench) -> bool:
    """Stop asking; tells whether something was asked."""
    return bench.stop(WORK)


def twin(state: ScreenState, package: str) -> str:
    """Give the command line of the question."""
    line = spec_twin(state, "why")
    return f"{line} {quote(package)}" if line else ""
