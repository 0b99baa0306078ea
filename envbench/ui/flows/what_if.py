"""The spec under other conditions: asked for, looked through, one of them taken over."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.fix_choice import place_to_return
from envbench.ui.flows import fixing, solving
from envbench.ui.flows.solve_orders import make_order, spec_twin
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.plan_face import SolveOptions
from envbench.ui.solve_choice import STOPPED, name_solve
from envbench.ui.state import PLAN, Fact, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.model.what_if import Variant, WhatIfReport

WORK = "what-if"


def turn(bench: Bench) -> None:
    """Show the table, asking for it when it is not known yet, or go back to the plan."""
    face, view = bench.state.plan_face, bench.state.solve.value
    if face.what_if or view is None:
        key = place_to_return(bench.state)
        bench.change(plan_face=replace(face, what_if=False, back=""))
        bench.select(PLAN, key)
        return
    back = face.back if face.is_aside else bench.state.selected.get(PLAN, "")
    shown = replace(face, what_if=True, column=0, solver_text="", compared=None, back=back)
    bench.change(plan_face=shown)
    known = bench.state.what_if
    if known.about != name_solve(view) or known.value is None or not known.value.is_over:
        bench.begin(WORK, _ask(bench, view))


async def _ask(bench: Bench, view: SolveView) -> None:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    about = name_solve(view)
    working = "solving it under other conditions"
    bench.change(what_if=Fact(working=working, about=about), solve_tick=bench.state.tick)
    keep_ticking(bench)
    bench.note(twin(bench.state))

    def hear(report: "WhatIfReport") -> None:
        if bench.state.what_if.working:
            bench.change(what_if=Fact(report, working=working, about=about))

    try:
        report = await bench.desk.what_if(make_order(view), hear)
    except EnvbenchError as fault:
        _settle(bench, say_error(fault), fault.hint)
    except asyncio.CancelledError:
        _settle(bench, STOPPED)
        raise
    except BaseException:
        _settle(bench, "a fault of envbench ended it")
        raise
    else:
        bench.change(what_if=Fact(report, about=about))


def _settle(bench: Bench, fault: str, hint: str = "") -> None:
    now = bench.state.what_if
    bench.change(what_if=Fact(now.value, fault=fault, hint=hint, about=now.about))


def stop(bench: Bench) -> bool:
    """Stop asking; the columns that are known stay."""
    return bench.stop(WORK)


def move(bench: Bench, step: int) -> None:
    """Choose the next column."""
    face, report = bench.state.plan_face, bench.state.what_if.value
    count = len(report.variants) if report is not None else 0
    column = max(0, min(count - 1, face.column + step))
    bench.change(plan_face=replace(face, column=column))


def chosen_column(state: ScreenState) -> "Variant | None":
    """Give the column that is chosen."""
    report, column = state.what_if.value, state.plan_face.column
    variants = report.variants if report is not None else ()
    return variants[column] if 0 <= column < len(variants) else None


async def take(bench: Bench) -> None:
    """Take the chosen column over: its edit goes into the text, its option to this screen."""
    variant = chosen_column(bench.state)
    if variant is None:
        return
    name = variant.title
    if variant.is_solvable is None:
        bench.tell(f"{name} is not solved yet", "warning")
    elif not variant.is_solvable:
        bench.tell(f"{name} has no solution: {variant.refusal}", "warning")
    elif variant.edit is not None:
        stop(bench)
        if fixing.take_edit(bench, variant.edit, variant.edit.title, name):
            await solving.solve(bench)
    elif not read_options(variant).is_empty:
        stop(bench)
        await fixing.take_setting(bench, name, read_options(variant))
    elif variant.command:
        bench.tell(f"That is an option of the command line: {variant.command}", "warning")
    else:
        bench.tell("That is how it is solved now: there is nothing to take over", "warning")


def read_options(variant: "Variant") -> SolveOptions:
    """Say what a column that is no matter of the file asks of a solve."""
    kind, value = variant.condition.value, variant.value
    return SolveOptions(
        priority=value if kind == "priority" else "",
        virtual=value if kind == "host" and value.startswith("__") else "",
        exclude_newer=value if kind == "date" else "",
    )


def twin(state: ScreenState) -> str:
    """Give the command line of the table."""
    line = spec_twin(state, "solve")
    return f"{line} --what-if all" if line else ""
