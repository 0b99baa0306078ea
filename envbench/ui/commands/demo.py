"""Verbs of the first minutes: the guided walk, and the hints of an empty centre."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import WELCOME, ScreenState


def need_walk(state: ScreenState) -> str:
    """Say that the walk must be on."""
    return (
        "" if state.walk >= 0 else "no walk is on: `guided walk` in the list of commands begins it"
    )


class OpenOffered(Command):
    """Open the spec or sample under the cursor."""

    title = "open"
    key = "enter"
    group = "Spec"
    panes = (WELCOME,)

    async def run(self, bench: Bench) -> None:
        """Open it; a sample is opened as a copy that is not saved yet."""
        from envbench.ui.flows import spec_opening

        kind, _, path = bench.state.selected.get(WELCOME, "").partition(":")
        if path:
            await spec_opening.open_path(bench, path, is_sample=kind == "sample")


class GuidedWalk(Command):
    """Go through the whole work step by step, on the three specs of the demo."""

    title = "guided walk"

    def refuse(self, state: ScreenState) -> str:
        """The specs of the demo must be here."""
        from envbench.ui.flows import demo

        return demo.refuse_walk(state)

    async def run(self, bench: Bench) -> None:
        """Begin at the first step."""
        bench.change(walk=0)


class SkipStep(Command):
    """Go to the next step of the guided walk, done or not."""

    title = "skip step"
    key = "full_stop"

    def refuse(self, state: ScreenState) -> str:
        """A walk must be on."""
        return need_walk(state)

    async def run(self, bench: Bench) -> None:
        """Go there; behind the last one the walk ends."""
        from envbench.ui.flows import demo

        demo.skip_step(bench)


class EndWalk(Command):
    """End the guided walk; everything stays as it is."""

    title = "end walk"
    key = "W"

    def refuse(self, state: ScreenState) -> str:
        """A walk must be on."""
        return need_walk(state)

    async def run(self, bench: Bench) -> None:
        """End it."""
        from envbench.ui.flows import demo

        demo.end_walk(bench)


COMMANDS: tuple[Command, ...] = (OpenOffered(), GuidedWalk(), SkipStep(), EndWalk())
