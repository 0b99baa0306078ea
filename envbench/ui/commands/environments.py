"""Verbs of environments: details, compare, verify, roll back, delete, use."""

from envbench.ui.bench import Bench
from envbench.ui.command_lines import join, quote
from envbench.ui.commands.command import Command
from envbench.ui.environment_choice import (
    PANES,
    chosen,
    chosen_row,
    is_own,
    is_unbuilt,
    refuse_unbuilt,
    show_name,
)
from envbench.ui.state import ENVIRONMENTS, Fact, ScreenState


def refuse_chosen(state: ScreenState) -> str:
    """Say why nothing can be done in the environment under the cursor."""
    reference, _ = chosen(state)
    return refuse_unbuilt(state, reference) if reference else "no environment is chosen"


def refuse_foreign(state: ScreenState) -> str:
    """Say why the environment under the cursor cannot be changed."""
    row = chosen_row(state)
    if row is None or is_unbuilt(row):
        return refuse_chosen(state)
    return "" if is_own(row) else f"{row.name}: {row.read_only}"


class ShowEnvironment(Command):
    """Let the panes be about the environment under the cursor, and show its generations."""

    title = "details"
    key = "enter"
    group = "Environments"
    panes = PANES
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """One must be chosen."""
        if state.comparison != Fact() and state.focus == ENVIRONMENTS:
            return "Esc goes back to the list"
        return "" if chosen(state)[0] else "no environment is chosen"

    async def run(self, bench: Bench) -> None:
        """Go to its details; to its lock when it was come to from a process."""
        from envbench.ui.flows import environments

        if bench.state.gpu_face.jumped and bench.state.gpu_face.jumped == chosen(bench.state)[0]:
            from envbench.ui.flows import gpu_acts

            gpu_acts.jump_to_lock(bench)
            return
        environments.show(bench, chosen(bench.state)[0])


class RollBack(Command):
    """Put the generation under the cursor in use, or else the one before; it asks first."""

    title = "roll back"
    key = "R"
    group = "Environments"
    panes = PANES
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """There must be another generation."""
        if refuse_foreign(state):
            return refuse_foreign(state)
        row, (reference, _) = chosen_row(state), chosen(state)
        if row is not None and row.generations < 2:
            return f"{row.name} has no other generation"
        if _target(state) is None:
            known = state.details.about == reference
            return "nothing is older than the live one" if known else "Enter shows its generations"
        return ""

    def twin(self, state: ScreenState) -> str:
        """`envbench rollback`."""
        return f"envbench rollback {quote(chosen(state)[0])} {_target(state) or ''}".rstrip()

    async def run(self, bench: Bench) -> None:
        """Ask, then do it."""
        from envbench.ui.flows import environment_acts

        target = _target(bench.state)
        if target is not None:
            await environment_acts.roll_back(bench, chosen(bench.state)[0], target)


def _live(state: ScreenState) -> int | None:
    """Give the generation in use of the environment under the cursor."""
    row = chosen_row(state)
    return row.live_generation if row is not None else None


def _target(state: ScreenState) -> int | None:
    """Give the generation under the cursor; on the live one, the newest one before it."""
    reference, number = chosen(state)
    live = _live(state)
    if number is not None and number != live:
        return number
    details = state.details.value
    if details is None or state.details.about != reference or live is None:
        return None
    return max((g.number for g in details.generations if g.number < live), default=None)


class Delete(Command):
    """Delete the environment under the cursor with all its generations; it asks first."""

    title = "delete"
    key = "D"
    group = "Environments"
    panes = PANES
    footer = 5

    def refuse(self, state: ScreenState) -> str:
        """It must be one of ours, and the cursor must not be on one generation of it."""
        name, number = chosen(state)
        if number is not None:
            return (
                "single generations go by themselves as newer ones come;"
                f" put the cursor on {name} to delete all of it"
            )
        return refuse_foreign(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench remove`."""
        return f"envbench remove {quote(chosen(state)[0])}"

    async def run(self, bench: Bench) -> None:
        """Ask, naming what is lost."""
        from envbench.ui.flows import environment_acts

        await environment_acts.remove(bench, chosen(bench.state)[0])


class Verify(Command):
    """Compare every file of the environment with its records; again stops it."""

    title = "verify"
    key = "v"
    group = "Environments"
    panes = PANES
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """It must be built."""
        return "" if state.verification.working else refuse_chosen(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench verify`."""
        return f"envbench verify {quote(reference(state))}"

    async def run(self, bench: Bench) -> None:
        """Read every file, beside whatever else is done."""
        from envbench.ui.flows import environments

        if bench.state.verification.working:
            bench.stop("verification")
            bench.tell("The comparison of files was stopped")
            return
        bench.begin("verification", environments.verify(bench, reference(bench.state)))


class Mark(Command):
    """Mark the environment or generation under the cursor; d compares another one with it."""

    title = "mark"
    key = "space"
    group = "Environments"
    panes = PANES

    def refuse(self, state: ScreenState) -> str:
        """One must be chosen."""
        return refuse_chosen(state)

    async def run(self, bench: Bench) -> None:
        """Mark it, or take the mark away."""
        here = reference(bench.state)
        is_marked = bench.state.marked == here
        bench.change(marked="" if is_marked else here)
        shown = show_name(bench.state, here)
        bench.tell(f"{shown} is no longer marked" if is_marked
                   else f"{shown} is marked: d on another one compares")  # fmt: skip


def reference(state: ScreenState) -> str:
    """Name what is under the cursor as verbs take it: `NAME`, `NAME@N` or a path."""
    name, number = chosen(state)
    return name if number is None else f"{name}@{number}"


class Diff(Command):
    """Compare with what was marked, or else a generation with the live one."""

    title = "diff"
    key = "d"
    group = "Environments"
    panes = PANES
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """There must be two."""
        if refuse_chosen(state):
            return refuse_chosen(state)
        one, other = _pair(state)
        return "" if one and other else "mark another one with space first"

    def twin(self, state: ScreenState) -> str:
        """`envbench diff`."""
        return join(("envbench", "diff", *_pair(state)))

    async def run(self, bench: Bench) -> None:
        """Show the difference."""
        from envbench.ui.flows import environments

        await environments.compare(bench, *_pair(bench.state))


def _pair(state: ScreenState) -> tuple[str, str]:
    here = reference(state)
    if state.marked and state.marked != here:
        return state.marked, here
    name, number = chosen(state)
    live = _live(state)
    older = number if number not in {None, live} else _before(state, number)
    return (f"{name}@{older}", f"{name}@{live}") if older and live else ("", "")


def _before(state: ScreenState, number: int | None) -> int | None:
    """Give the newest generation before one, the live one when None is given."""
    details, limit = state.details.value, number or _live(state)
    if details is None or state.details.about != chosen(state)[0] or limit is None:
        return None
    return max((g.number for g in details.generations if g.number < limit), default=None)


class Use(Command):
    """Copy the line that activates the environment, or run a shell or a command in it."""

    title = "use"
    key = "u"
    group = "Environments"
    panes = PANES
    footer = 6

    def refuse(self, state: ScreenState) -> str:
        """It must be built."""
        return refuse_chosen(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench shell`."""
        return f"envbench shell {quote(chosen(state)[0])}"

    async def run(self, bench: Bench) -> None:
        """Let the user choose how."""
        from envbench.ui.flows import environment_acts

        await environment_acts.use(bench, chosen(bench.state)[0])


class ListAgain(Command):
    """Look for environments again, and measure them."""

    title = "look again"
    key = "r"
    group = "Environments"
    panes = PANES

    async def run(self, bench: Bench) -> None:
        """Read all of it anew."""
        from envbench.ui.flows import environments

        environments.learn_again(bench)


COMMANDS: tuple[Command, ...] = (
    ShowEnvironment(),
    RollBack(),
    Diff(),
    Mark(),
    Verify(),
    Delete(),
    Use(),
    ListAgain(),
)
