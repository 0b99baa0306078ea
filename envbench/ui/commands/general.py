"""Verbs that are there everywhere."""

from dataclasses import replace

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import (
    BOX,
    ENVIRONMENTS,
    GPUS,
    INSPECTION,
    LOCK,
    PLAN,
    PROBE_RESULTS,
    PROBES,
    SIDE_ENVIRONMENTS,
    SIDE_GPU_USERS,
    SIDE_GPUS,
    SIDE_JOBS,
    SPEC,
    SPECS,
    Fact,
    ScreenState,
)

SIDES = frozenset({SPECS, SIDE_ENVIRONMENTS, SIDE_JOBS, INSPECTION, SIDE_GPUS, SIDE_GPU_USERS, BOX})
"""The panes beside the centre."""


class Help(Command):
    """Show the keys of this pane, what each does, and why some are off."""

    title = "help"
    key = "question_mark,f1"
    footer = 90

    async def run(self, bench: Bench) -> None:
        """Open the list."""
        bench.show_screen("help")


class Palette(Command):
    """Find any verb by its name; those that are off say why."""

    title = "commands"
    key = "colon,ctrl+p"
    footer = 91

    async def run(self, bench: Bench) -> None:
        """Open the list."""
        bench.show_screen("palette")


class Back(Command):
    """Go one level out: from the editor to its pane, from a text to its list, from there to the spec."""

    title = "out"
    key = "escape"

    async def run(self, bench: Bench) -> None:
        """Go one level out."""
        state = bench.state
        if state.zoomed:
            bench.change(zoomed=False)
        elif state.editing or state.focus in SIDES:
            bench.focus_pane(state.place)
        elif state.place == LOCK and state.preview != Fact():
            from envbench.ui.flows import locking

            locking.close_preview(bench)
        elif state.place == ENVIRONMENTS and state.comparison != Fact():
            from envbench.ui.flows import environments

            environments.close_comparison(bench)
        elif state.place == PROBES and state.probe_face != PROBE_RESULTS:
            from envbench.ui.flows import examining

            examining.show_results(bench)
        elif state.place == PLAN and state.plan_face.is_aside:
            from envbench.ui.flows import plan_acts

            plan_acts.step_back(bench)
        elif state.place == PLAN and state.plan_face.why:
            bench.change(plan_face=replace(state.plan_face, why=False))
        elif state.place == GPUS and not state.gpu_face.is_list:
            from envbench.ui.flows import gpus

            gpus.close_detail(bench)
        elif state.place != SPEC:
            bench.go(SPEC)
        else:
            bench.focus_pane("specs")


class Zoom(Command):
    """Give the centre the whole screen, or give it back."""

    title = "zoom"
    key = "z"

    async def run(self, bench: Bench) -> None:
        """Turn it on or off."""
        bench.change(zoomed=not bench.state.zoomed)
        if bench.state.zoomed and bench.state.focus in SIDES:
            bench.focus_pane(bench.state.place)


class Themes(Command):
    """Choose the colours, looking at them while choosing."""

    title = "themes"
    key = "ctrl+t"

    async def run(self, bench: Bench) -> None:
        """Open the list."""
        bench.show_screen("themes")


class DrawAgain(Command):
    """Write the whole screen anew, where another program or the link has spoilt it."""

    title = "redraw"
    key = "ctrl+l"

    async def run(self, bench: Bench) -> None:
        """Write it."""
        bench.draw_again()


class Messages(Command):
    """Read again what the screen said."""

    title = "messages"

    async def run(self, bench: Bench) -> None:
        """Open the list."""
        bench.show_screen("messages")


class CopyCommand(Command):
    """Copy the command line that does the same as the last action."""

    title = "copy command"
    key = "C"

    def refuse(self, state: ScreenState) -> str:
        """Something must have been done."""
        return "" if state.done else "nothing was done yet"

    async def run(self, bench: Bench) -> None:
        """Copy it."""
        bench.copy(bench.state.done[-1].command, "the command")


class Quit(Command):
    """Leave the screen; jobs go on, and unsaved work is kept and offered again."""

    title = "leave"
    key = "q"
    footer = 92
    newest_wins = True

    async def run(self, bench: Bench) -> None:
        """Say what goes on, then leave."""
        from envbench.ui.flows.leaving import leave_bench

        await leave_bench(bench)


COMMANDS: tuple[Command, ...] = (
    Help(),
    Palette(),
    Back(),
    Zoom(),
    Themes(),
    DrawAgain(),
    Messages(),
    CopyCommand(),
    Quit(),
)
