"""From the spec to the plan, and from the plan to a build in the background."""

import shlex
import time
from typing import TYPE_CHECKING, Any

from envbench.ui.bench import Bench
from envbench.ui.flows import specs
from envbench.ui.state import JOBS, PLAN, Fact, ScreenState, SolveView

if TYPE_CHECKING:
    from envbench.workbench.desk.solve_phase import SolvePhase


async def solve(bench: Bench) -> None:
    """Save the spec, then solve it; nothing is installed."""
    if not await specs.save_open(bench):
        return
    bench.go(PLAN)
    bench.begin("solve", _solve(bench))


async def _solve(bench: Bench) -> None:
    from envbench.model.errors import EnvbenchError
    from envbench.ui.flows.faults import say_error
    from envbench.workbench.solving import SolveOrder

    spec = bench.state.spec
    if spec is None:
        return
    against = _find_built(bench.state)
    began = time.monotonic()
    last = bench.state.solve
    bench.change(solve=last.begin("reading the spec"))
    bench.note(twin(bench.state))

    def hear(phase: "SolvePhase") -> None:
        bench.change(solve=Fact(last.value, working=say_phase(phase)))

    try:
        order = SolveOrder(spec=_path(spec.path), against=against or None)
        report = await bench.desk.solve(order, hear)
    except EnvbenchError as fault:
        bench.change(solve=Fact(fault=say_error(fault), hint=fault.hint))
        bench.tell(say_error(fault), "error")
        return
    except BaseException:
        bench.change(solve=Fact(last.value, fault="stopped"))
        raise
    elapsed = time.monotonic() - began
    view = SolveView(report=report, sha256=spec.sha256, elapsed_s=elapsed, against=against)
    bench.change(solve=Fact(view))
    _say_outcome(bench, view)


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)


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
    """Stop the solve; its process is replaced."""
    if bench.stop("solve"):
        bench.tell("The solve was stopped; nothing was changed")


def twin(state: ScreenState) -> str:
    """Give the command line of the solve."""
    spec = state.spec
    if spec is None:
        return ""
    name = shlex.quote(spec.path.removeprefix(state.directory.rstrip("/") + "/"))
    built = _find_built(state)
    return f"envbench solve {name}" + (f" --against {shlex.quote(built)}" if built else "")


def _find_built(state: ScreenState) -> str:
    """Name the environment of the open spec, when one is built."""
    rows = state.environments.value or ()
    wanted = state.spec.environment if state.spec is not None else ""
    found = [r.name for r in rows if r.name == wanted and r.live_generation is not None]
    return found[0] if wanted and found else ""


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
    if view is None or view.report.path != spec.path:
        return "there is no plan yet: s solves, nothing is touched"
    if view.report.plan is None:
        return "the spec has no solution"
    if spec.is_dirty or view.sha256 != spec.sha256:
        return "the spec changed since it was solved: s again"
    return ""


async def build(bench: Bench) -> None:
    """Hand the spec to a build job in the background; the environment in use stays as it is."""
    from envbench.workbench.building import BuildOrder

    spec = bench.state.spec
    if spec is None:
        return
    order = BuildOrder(spec=_path(spec.path))
    bench.note(build_twin(bench.state))
    job = await bench.desk.submit_build(order)
    bench.change(log_job=job.id, environment=job.environment)
    for warning in job.warnings:
        bench.tell(warning, "warning")
    bench.tell(f"Building {job.environment} in the background; x in Jobs stops it", "ok")
    bench.go(JOBS)
    bench.select(JOBS, job.id)


def build_twin(state: ScreenState) -> str:
    """Give the command line of the build."""
    spec = state.spec
    if spec is None:
        return ""
    name = shlex.quote(spec.path.removeprefix(state.directory.rstrip("/") + "/"))
    return f"envbench build {name} --detach"
