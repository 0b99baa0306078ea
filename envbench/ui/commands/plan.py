"""Verbs of the plan: solve, stop, build."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.commands.spec import need_spec
from envbench.ui.state import PLAN, ScreenState


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


class StopSolve(Command):
    """Stop the solve that is at work."""

    title = "stop"
    key = "x"
    group = "Plan"
    panes = (PLAN,)
    footer = 2

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


COMMANDS: tuple[Command, ...] = (Solve(), Build(), StopSolve())
