"""Verbs of the plan: solve, stop, build, and looking closer at what a solve said."""

from dataclasses import replace

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.commands.spec import need_spec
from envbench.ui.state import PLAN, ScreenState, SolveView


def _need_plan(state: ScreenState) -> str:
    """Say that a plan must be there."""
    view = state.solve.value
    if view is None:
        return "there is no plan yet: s solves, nothing is touched"
    return "the spec has no solution" if view.report.plan is None else ""


def _chosen(state: ScreenState) -> tuple[SolveView | None, str]:
    return state.solve.value, state.selected.get(PLAN, "")


class Solve(Command):
    """Save the spec and find the packages for it; nothing is installed."""

    title = "solve"
    key = "s"
    group = "Plan"
    footer = 20

    def refuse(self, state: ScreenState) -> str:
        """A spec without errors must be open."""
        if state.solve.working:
            return "a solve is at work: x in Plan stops it"
        if state.spec is not None and state.spec.errors:
            count = state.spec.errors
            return f"the spec has {count} error{'s' if count > 1 else ''}: ^G goes there"
        return need_spec(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench solve`."""
        from envbench.ui.flows import solving

        return solving.twin(state)

    async def run(self, bench: Bench) -> None:
        """Solve it."""
        from envbench.ui.flows import solving

        await solving.solve(bench)


class SolveOffline(Solve):
    """Solve with the channel indexes that are in the cache, without asking the network."""

    title = "solve offline"
    key = "S"
    panes = (PLAN,)
    footer = 0

    def twin(self, state: ScreenState) -> str:
        """`envbench solve --offline`."""
        from envbench.ui.flows import solving

        return solving.twin(state, offline=True)

    async def run(self, bench: Bench) -> None:
        """Solve it."""
        from envbench.ui.flows import solving

        await solving.solve(bench, offline=True)


class StopSolve(Command):
    """Stop the solve that is at work; nothing was changed by it."""

    title = "stop"
    key = "x"
    group = "Plan"
    panes = (PLAN,)

    def refuse(self, state: ScreenState) -> str:
        """One must be at work."""
        return "" if state.solve.working else "no solve is at work"

    async def run(self, bench: Bench) -> None:
        """Stop it."""
        from envbench.ui.flows import solving

        solving.stop(bench)


class Build(Command):
    """Build what the plan shows, in the background; the environment in use stays as it is."""

    title = "build"
    key = "b"
    group = "Plan"
    footer = 21

    def refuse(self, state: ScreenState) -> str:
        """There must be a plan of just this text."""
        from envbench.ui.flows import solving

        return solving.refuse_build(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench build`."""
        from envbench.ui.flows import solving

        return solving.build_twin(state)

    async def run(self, bench: Bench) -> None:
        """Start the job."""
        from envbench.ui.flows import solving

        await solving.build(bench)


class OpenPlanRow(Command):
    """Go to the line of the spec that the row is about; list the packages that stay."""

    title = "open"
    key = "enter"
    group = "Plan"
    panes = (PLAN,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """There must be a row."""
        view, key = _chosen(state)
        return "" if view is not None and key else "nothing is chosen"

    async def run(self, bench: Bench) -> None:
        """Open it."""
        from envbench.ui.flows import plan_texts, solving

        view, key = _chosen(bench.state)
        if view is None:
            return
        face = bench.state.plan_face
        line = plan_texts.find_cause_line(view, key)
        if key == plan_texts.SAME:
            bench.change(plan_face=replace(face, unfolded=not face.unfolded))
        elif line and bench.state.spec is not None and bench.state.spec.path == view.path:
            await solving.go_to_line(bench, line)
        elif line:
            bench.tell("That line is in another spec than the one that is open", "warning")
        elif key.startswith("package:"):
            bench.change(plan_face=replace(face, why=True))


class UnfoldSame(Command):
    """List the packages that stay as they are, or fold them into one line again."""

    title = "what stays"
    key = "space"
    group = "Plan"
    panes = (PLAN,)

    def refuse(self, state: ScreenState) -> str:
        """There must be a difference."""
        view = state.solve.value
        if view is not None and view.report.plan is not None and not view.against:
            return "nothing is built yet, so every package is new"
        return _need_plan(state)

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        face = bench.state.plan_face
        bench.change(plan_face=replace(face, unfolded=not face.unfolded))


class Why(Command):
    """Show the way from the package under the cursor up to the lines of the spec that need it."""

    title = "why"
    key = "w"
    group = "Plan"
    panes = (PLAN,)
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """There must be a plan."""
        return _need_plan(state)

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        face = bench.state.plan_face
        bench.change(plan_face=replace(face, why=not face.why))


class WholePlan(Command):
    """Show all packages of the plan, or only what it changes."""

    title = "whole plan"
    key = "d"
    group = "Plan"
    panes = (PLAN,)
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """There must be a difference."""
        view = state.solve.value
        if view is not None and view.report.plan is not None and not view.against:
            return "nothing is built yet to compare with, so all packages are shown"
        return _need_plan(state)

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        face = bench.state.plan_face
        bench.change(plan_face=replace(face, whole=not face.whole))


class SolverText(Command):
    """Show the solver's own words about a conflict, or hide them."""

    title = "solver text"
    key = "t"
    group = "Plan"
    panes = (PLAN,)

    def refuse(self, state: ScreenState) -> str:
        """There must be a conflict that it said something about."""
        view = state.solve.value
        if view is None or view.report.conflict is None:
            return "there is no conflict"
        return "" if view.report.conflict.solver_text else "the solver said nothing of its own"

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        face = bench.state.plan_face
        bench.change(plan_face=replace(face, solver_text=not face.solver_text))
        if not face.solver_text:
            bench.select(PLAN, "text:0")


class CopyPlanRow(Command):
    """Copy the package under the cursor as a match spec, or the explanation of the conflict."""

    title = "copy"
    key = "c"
    group = "Plan"
    panes = (PLAN,)

    def refuse(self, state: ScreenState) -> str:
        """There must be something to copy."""
        from envbench.ui.flows import plan_texts

        return "" if plan_texts.copied_text(state)[0] else "there is nothing to copy"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        from envbench.ui.flows import plan_texts

        bench.copy(*plan_texts.copied_text(bench.state))


COMMANDS: tuple[Command, ...] = (
    Solve(),
    Build(),
    OpenPlanRow(),
    StopSolve(),
    Why(),
    WholePlan(),
    UnfoldSame(),
    SolverText(),
    CopyPlanRow(),
    SolveOffline(),
)
