"""Verbs of the plan: solve, stop, build, and looking closer at what a solve said."""

from dataclasses import replace

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.commands.spec import need_spec
from envbench.ui.fix_choice import chosen_fix
from envbench.ui.solve_choice import has_conflict, refuse_asking, refuse_taking
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
    """Stop the solve or the search that is at work; nothing is changed, what it found stays."""

    title = "stop"
    key = "x"
    group = "Plan"
    panes = (PLAN,)

    def refuse(self, state: ScreenState) -> str:
        """Something must be at work."""
        asked = (state.solve, state.fixes, state.why, state.what_if)
        return "" if any(fact.working for fact in asked) else "nothing is at work here"

    def run_now(self, bench: Bench) -> bool:
        """Stop it."""
        from envbench.ui.flows import solving

        solving.stop(bench)
        return True


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
    """Apply the fix or the column under the cursor and solve; else go to the line of the row."""

    title = "open"
    key = "enter"
    group = "Plan"
    panes = (PLAN,)
    footer = 1

    def say_title(self, state: ScreenState) -> str:
        """Say what it does on this row."""
        if state.plan_face.what_if:
            return "take over"
        return "apply" if chosen_fix(state) is not None else self.title

    def refuse(self, state: ScreenState) -> str:
        """There must be a row; a fix must be one of the text as it is."""
        view, key = _chosen(state)
        if state.plan_face.what_if or chosen_fix(state) is not None:
            return refuse_taking(state)
        return "" if view is not None and key else "nothing is chosen"

    async def run(self, bench: Bench) -> None:
        """Open it."""
        from envbench.ui.flows import plan_acts

        await plan_acts.open_row(bench)


class MarkPlanRow(Command):
    """List the packages that stay; in a conflict, mark a fix, then compare another one with it."""

    title = "what stays"
    key = "space"
    group = "Plan"
    panes = (PLAN,)

    def say_title(self, state: ScreenState) -> str:
        """Say what it does here."""
        return "compare" if has_conflict(state) else self.title

    def refuse(self, state: ScreenState) -> str:
        """There must be a difference, or a fix under the cursor."""
        if has_conflict(state):
            return "" if chosen_fix(state) is not None else "the cursor is not on a fix"
        view = state.solve.value
        if view is not None and view.report.plan is not None and not view.against:
            return "nothing is built yet, so every package is new"
        return _need_plan(state)

    def run_now(self, bench: Bench) -> bool:
        """Turn it on or off, or mark."""
        from envbench.ui.flows import fixing

        face = bench.state.plan_face
        if has_conflict(bench.state):
            fixing.mark(bench, bench.state.selected.get(PLAN, ""))
        else:
            bench.change(plan_face=replace(face, unfolded=not face.unfolded))
        return True


class Why(Command):
    """Show which lines need the package under the cursor, and what holds it back, proved."""

    title = "why"
    key = "w"
    group = "Plan"
    panes = (PLAN,)
    footer = 2

    def is_in_footer(self, state: ScreenState) -> bool:
        """Where there are packages."""
        return not has_conflict(state)

    def refuse(self, state: ScreenState) -> str:
        """There must be a plan."""
        if has_conflict(state):
            return "the spec has no solution; its lines say who needs what"
        return _need_plan(state) or refuse_asking(state)

    def run_now(self, bench: Bench) -> bool:
        """Turn it on or off."""
        from envbench.ui.flows import whys

        whys.turn(bench)
        return True


class WholePlan(Command):
    """Show all packages of the plan, or only what it changes."""

    title = "whole plan"
    key = "d"
    group = "Plan"
    panes = (PLAN,)
    footer = 3

    def is_in_footer(self, state: ScreenState) -> bool:
        """Where there are packages."""
        return not has_conflict(state)

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
    MarkPlanRow(),
    WholePlan(),
    CopyPlanRow(),
    SolveOffline(),
)
