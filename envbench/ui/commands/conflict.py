"""Verbs of a conflict and of other conditions: look for fixes, take them back, look closer."""

from typing import ClassVar

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.solve_choice import has_conflict, refuse_asking, refuse_taking
from envbench.ui.state import PLAN, ScreenState


class FindFixes(Command):
    """Look for solved ways out, in other channels too; of a plan: ask whether its pip part fits."""

    title = "find fixes"
    key = "f"
    group = "Plan"
    panes = (PLAN,)
    footer = 2

    def is_in_footer(self, state: ScreenState) -> bool:
        """Where there is a conflict; beside a plan the pane itself names the key."""
        return has_conflict(state)

    def refuse(self, state: ScreenState) -> str:
        """There must be a conflict of just this text, or a plan with a pip part."""
        view = state.solve.value
        if not has_conflict(state) and (view is None or not view.report.pip_items):
            return "there is no conflict, and no pip part that could be in one"
        return refuse_asking(state) or refuse_taking(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench fix`."""
        from envbench.ui.flows import solve_orders

        return solve_orders.spec_twin(state, "fix")

    def run_now(self, bench: Bench) -> bool:
        """Look for them."""
        from envbench.ui.flows import fix_search

        fix_search.begin(bench, far=True)
        return True


class UndoFix(Command):
    """Take the last fix back: the text is byte for byte what it was; ^S saves it so."""

    title = "undo fix"
    key = "U"
    group = "Plan"
    panes = (PLAN,)
    footer = 4

    def is_in_footer(self, state: ScreenState) -> bool:
        """In a conflict, as long as there is one to take back."""
        return has_conflict(state) and not self.refuse(state)

    def refuse(self, state: ScreenState) -> str:
        """One must have been taken, and the text be as it left it."""
        from envbench.ui.flows import fixing

        return fixing.refuse_undo(state)

    def run_now(self, bench: Bench) -> bool:
        """Take it back."""
        from envbench.ui.flows import fixing

        fixing.undo(bench)
        return True


class WhatIf(Command):
    """Solve the spec under other conditions side by side: pythons, hosts, priorities, dates."""

    title = "what if"
    key = "i"
    group = "Plan"
    panes = (PLAN,)
    footer = 3

    def is_in_footer(self, state: ScreenState) -> bool:
        """Where there is a conflict; beside a plan the pane itself names the key."""
        return has_conflict(state)

    def refuse(self, state: ScreenState) -> str:
        """Something must have been solved of just this text."""
        if state.plan_face.what_if:
            return ""
        return refuse_asking(state) or refuse_taking(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench solve --what-if`."""
        from envbench.ui.flows import what_if

        return what_if.twin(state)

    def run_now(self, bench: Bench) -> bool:
        """Open the table, or close it."""
        from envbench.ui.flows import what_if

        what_if.turn(bench)
        return True


class PreviousColumn(Command):
    """Choose the column to the left in the table of other conditions."""

    title = "column left"
    key = "left"
    group = "Plan"
    panes = (PLAN,)
    step: ClassVar[int] = -1

    def refuse(self, state: ScreenState) -> str:
        """The table must be shown."""
        return "" if state.plan_face.what_if else "the table of other conditions is not shown: i"

    def run_now(self, bench: Bench) -> bool:
        """Choose it before the next key."""
        from envbench.ui.flows import what_if

        what_if.move(bench, self.step)
        return True


class NextColumn(PreviousColumn):
    """Choose the column to the right in the table of other conditions."""

    title = "column right"
    key = "right"
    step = 1


class SolverText(Command):
    """Show the solver's own words about a conflict: folded, untouched, not at all."""

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

    def run_now(self, bench: Bench) -> bool:
        """Go from folded to untouched, and back to the conflict."""
        from envbench.ui.flows import plan_acts

        plan_acts.turn_solver_text(bench)
        return True


COMMANDS: tuple[Command, ...] = (
    FindFixes(),
    UndoFix(),
    WhatIf(),
    SolverText(),
    PreviousColumn(),
    NextColumn(),
)
