"""From the spec to the plan, and from the plan to a build in the background."""

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.command_lines import quote
from envbench.ui.flows import fix_search, saving
from envbench.ui.flows.solve_orders import name_file, order_solve, read_path, spec_twin
from envbench.ui.flows.ticking import keep_ticking
from envbench.ui.solve_choice import STOPPED, is_stale
from envbench.ui.state import JOBS, PLAN, SPEC, Fact, OpenSpec, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.workbench.desk.solve_phase import SolvePhase


async def solve(bench: Bench, *, offline: bool = False) -> None:
    """Save the spec, then solve it; nothing is installed.

    Args:
        bench: The screen.
        offline: Use only the indexes that are in the cache.
    """
    if not await saving.save_open(bench):
        return
    bench.go(PLAN)
    bench.begin("solve", _solve(bench, offline=offline))


async def _solve(bench: Bench, *, offline: bool) -> None:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error

    spec, last = bench.state.spec, bench.state.solve
    if spec is None:
        return
    # One process does both: what is found from here on is of the text as it is now.
    fix_search.stop(bench)
    face = replace(bench.state.plan_face, unfolded=False, solver_text="", compared=None)
    began = last.begin("reading the spec")
    bench.change(solve=began, solve_tick=bench.state.tick, plan_face=face)
    keep_ticking(bench)
    try:
        view = await _ask(bench, spec, offline=offline)
    except EnvbenchError as fault:
        bench.change(solve=last.fail(say_error(fault), fault.hint))
        bench.tell(say_error(fault), "error")
        return
    except asyncio.CancelledError:
        bench.change(solve=last.fail(STOPPED))
        raise
    except BaseException:
        # Ours to mend; whoever runs this says more of it.
        bench.change(solve=last.fail("a fault of envbench ended it"))
        raise
    fix_search.forget(bench)
    bench.change(solve=Fact(view))
    _say_outcome(bench, view)
    if view.report.conflict is not None:
        fix_search.begin(bench)


async def _ask(bench: Bench, spec: OpenSpec, *, offline: bool) -> SolveView:
    began = time.monotonic()
    against, generation = await _find_against(bench)
    options = bench.state.solve_options
    bench.note(_write_twin(bench.state, against, offline=offline))

    def hear(phase: "SolvePhase") -> None:
        # A word that comes after the end must not begin it anew.
        if bench.state.solve.working:
            bench.change(solve=bench.state.solve.begin(say_phase(phase)))

    order = order_solve(spec.path, against, options, offline=offline)
    report = await bench.desk.solve(order, hear)
    return SolveView(
        report=report,
        path=spec.path,
        sha256=report.sha256,
        elapsed_s=time.monotonic() - began,
        against=against,
        generation=generation,
        offline=offline,
        options=options,
    )


async def _find_against(bench: Bench) -> tuple[str, int | None]:
    """Find the environment that the spec describes, and its generation in use."""
    from envbench.model.errors import EnvbenchError

    state = bench.state
    if state.environments.value is not None:
        return find_built(state)
    # The list of environments is still being made: a spec that is built must not look new.
    name = state.spec.environment if state.spec is not None else ""
    if not name:
        return "", None
    try:
        details = await bench.desk.describe_environment(name)
    except EnvbenchError:
        return "", None
    live = next((g.number for g in details.generations if g.is_live), None)
    return (name, live) if live is not None else ("", None)


def _say_outcome(bench: Bench, view: SolveView) -> None:
    plan = view.report.plan
    if plan is None:
        bench.tell(f"No solution, found in {view.elapsed_s:.1f} s", "error")
        return
    count = len(plan.packages)
    bench.tell(f"A plan of {count} packages in {view.elapsed_s:.1f} s; b builds it", "ok")


def say_phase(phase: "SolvePhase") -> str:
    """Say what a solve waits for."""
    if phase.name == "fetch":
        return f"reading the index of {', '.join(phase.channels)}"
    return {"prepare": "reading the spec", "solve": "solving"}.get(phase.name, phase.name)


def stop(bench: Bench) -> None:
    """Stop the solve, or what is found out about the last one; the process is replaced."""
    if bench.stop("solve"):
        bench.tell("The solve was stopped; nothing was changed")
    elif fix_search.stop(bench):
        bench.tell("The search was stopped; what is proved stays, f looks again")
    elif bench.stop("what-if") or bench.stop("why"):
        bench.tell("Stopped; nothing was changed")


def twin(state: ScreenState, *, offline: bool = False) -> str:
    """Give the command line of the solve."""
    return _write_twin(state, find_built(state)[0], offline=offline)


def _write_twin(state: ScreenState, against: str, *, offline: bool) -> str:
    if state.spec is None:
        return ""
    words = [spec_twin(state, "solve")]
    words += ["--against", quote(against), "--fresh"] if against else []
    words += ["--offline"] if offline else []
    return " ".join(words)


def find_built(state: ScreenState) -> tuple[str, int | None]:
    """Name the environment of the open spec and its generation in use, when one is built."""
    rows = state.environments.value or ()
    wanted = state.spec.environment if state.spec is not None else ""
    found = [r for r in rows if r.name == wanted and r.live_generation is not None]
    return (found[0].name, found[0].live_generation) if wanted and found else ("", None)


def refuse_build(state: ScreenState) -> str:
    """Say why the plan cannot be built now."""
    spec, view = state.spec, state.solve.value
    if spec is None:
        return "no spec is open"
    if spec.errors:
        first = next(p for p in spec.problems if p.is_error)
        line = f"line {first.span.line} has" if first.span else "the spec has"
        return f"{line} an error: ^O takes the offered fix, ^G goes there"
    if state.solve.working:
        return "the solve is still at work"
    if view is None or view.path != spec.path:
        return "there is no plan of it yet: s solves, nothing is touched"
    return _refuse_view(state, spec, view)


def _refuse_view(state: ScreenState, spec: OpenSpec, view: SolveView) -> str:
    """Say why what the solve said cannot be built."""
    if state.solve.fault and state.solve.fault != STOPPED:
        return "the last solve failed, and the plan is older: s again"
    if is_stale(spec, view):
        return "the spec changed since it was solved: s again"
    if view.report.plan is None:
        return "the spec has no solution"
    return "" if spec.environment else "the spec has no name: add a line `name: my-env`"


async def build(bench: Bench) -> None:
    """Hand the spec to a build job in the background; the environment in use stays as it is."""
    from envbench.model.channel import ChannelPriority
    from envbench.workbench.values.building import BuildOrder

    spec, view = bench.state.spec, bench.state.solve.value
    if spec is None or view is None:
        return
    order = BuildOrder(
        spec=read_path(spec.path),
        offline=view.offline,
        virtual=(view.options.virtual,) if view.options.virtual else (),
        priority=ChannelPriority(view.options.priority) if view.options.priority else None,
        exclude_newer=view.options.exclude_newer or None,
    )
    bench.note(build_twin(bench.state))
    # First, so that a key pressed meanwhile leads where it says.
    bench.go(JOBS)
    job = await bench.desk.submit_build(order)
    bench.change(log_job=job.id, environment=job.environment)
    for warning in job.warnings:
        bench.tell(warning, "warning")
    bench.tell(f"Building {job.environment} in the background; x in Jobs stops it", "ok")
    bench.select(JOBS, job.id)


def build_twin(state: ScreenState) -> str:
    """Give the command line of the build."""
    if state.spec is None:
        return ""
    view = state.solve.value
    offline = " --offline" if view is not None and view.offline else ""
    options = f" {view.options.command}" if view is not None and view.options.command else ""
    return f"envbench build {name_file(state)}{options}{offline} --detach"


async def go_to_line(bench: Bench, line: int) -> None:
    """Go to a line of the spec in the editor."""
    await bench.go_and_wait(SPEC)
    bench.editor.go_to_line(line)
    bench.editor.take_keys()
