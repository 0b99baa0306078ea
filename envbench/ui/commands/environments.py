"""Verbs of environments: compare, verify, roll back, delete, use."""

from typing import TYPE_CHECKING

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import ENVIRONMENTS, SIDE_ENVIRONMENTS, ScreenState

if TYPE_CHECKING:
    from envbench.workbench.environment_rows import EnvironmentRow

PANES = (ENVIRONMENTS, SIDE_ENVIRONMENTS)


def chosen(state: ScreenState) -> tuple[str, int | None]:
    """Give the environment that is meant, and its generation when the cursor is on one.

    Row keys are `environment:NAME` and `generation:NAME@N`.
    """
    pane = state.focus if state.focus in PANES else ENVIRONMENTS
    kind, _, rest = state.selected.get(pane, "").partition(":")
    if kind == "generation":
        name, _, number = rest.rpartition("@")
        return name, int(number)
    return (rest if kind == "environment" else state.environment), None


def chosen_row(state: ScreenState) -> "EnvironmentRow | None":
    """Give what is known of the environment that is meant."""
    name, _ = chosen(state)
    rows = state.environments.value or ()
    return next((row for row in rows if name in {row.key, row.name}), None)


def need_environment(state: ScreenState) -> str:
    """Say that an environment must be meant, and be built."""
    row = chosen_row(state)
    if row is None:
        return "no environment is chosen"
    return f"{row.name} is not built yet" if row.kind == "unbuilt" else ""


def need_own(state: ScreenState) -> str:
    """Say that it must be one that envbench built."""
    row = chosen_row(state)
    return need_environment(state) or (row.read_only if row is not None else "")


class ShowEnvironment(Command):
    """Show the generations of the environment under the cursor."""

    title = "details"
    key = "enter"
    group = "Environments"
    panes = PANES
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """One must be chosen."""
        return "" if chosen_row(state) else "no environment is chosen"

    async def run(self, bench: Bench) -> None:
        """Go to its details."""
        from envbench.ui.flows import environments

        bench.change(environment=chosen(bench.state)[0])
        bench.go(ENVIRONMENTS)
        await environments.learn_details(bench)


class RollBack(Command):
    """Put the generation under the cursor, or the previous one, back in use; it asks first."""

    title = "roll back"
    key = "R"
    group = "Environments"
    panes = PANES
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """There must be a generation to go back to."""
        if need_own(state):
            return need_own(state)
        return "" if _target(state) else "there is no other generation to go back to"

    def twin(self, state: ScreenState) -> str:
        """`envbench rollback`."""
        return f"envbench rollback {chosen(state)[0]} {_target(state) or ''}".rstrip()

    async def run(self, bench: Bench) -> None:
        """Ask, then do it."""
        from envbench.ui.flows import environments

        target = _target(bench.state)
        if target is not None:
            await environments.roll_back(bench, chosen(bench.state)[0], target)


def _target(state: ScreenState) -> int | None:
    """Give the generation under the cursor, else the newest one before the live one."""
    name, number = chosen(state)
    details = state.details.value
    if details is None or details.name != name:
        return number
    live = next((g.number for g in details.generations if g.is_live), None)
    if number is not None:
        return number if number != live else None
    older = [g.number for g in details.generations if live is not None and g.number < live]
    return max(older, default=None)


class Delete(Command):
    """Delete the environment under the cursor with all its generations; it asks first."""

    title = "delete"
    key = "D"
    group = "Environments"
    panes = PANES
    footer = 5

    def refuse(self, state: ScreenState) -> str:
        """It must be one of ours."""
        return need_own(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench remove`."""
        return f"envbench remove {chosen(state)[0]}"

    async def run(self, bench: Bench) -> None:
        """Ask, naming what is lost."""
        from envbench.ui.flows import environments
        from envbench.ui.sizes import show_bytes

        row = chosen_row(bench.state)
        if row is None:
            return
        details = []
        if row.unique_bytes is not None:
            details.append(f"It frees {show_bytes(row.unique_bytes)}.")
        if row.users:
            details.append(f"{len(row.users)} processes use it: " + _name_users(row))
        await environments.remove(bench, row.name, details)


def _name_users(row: "EnvironmentRow") -> str:
    return ", ".join(f"pid {user.pid}" for user in row.users[:5])


class Verify(Command):
    """Compare every file of the environment with what was built."""

    title = "verify"
    key = "v"
    group = "Environments"
    panes = PANES
    footer = 4

    def refuse(self, state: ScreenState) -> str:
        """It must be built."""
        if state.verification.working:
            return "one is being verified"
        return need_environment(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench verify`."""
        return f"envbench verify {chosen(state)[0]}"

    async def run(self, bench: Bench) -> None:
        """Read every file."""
        from envbench.ui.flows import environments

        await environments.verify(bench, chosen(bench.state)[0])


class Mark(Command):
    """Mark the environment or generation under the cursor; d compares another one with it."""

    title = "mark"
    key = "space"
    group = "Environments"
    panes = PANES

    def refuse(self, state: ScreenState) -> str:
        """One must be chosen."""
        return need_environment(state)

    async def run(self, bench: Bench) -> None:
        """Mark it, or take the mark away."""
        here = reference(bench.state)
        bench.change(marked="" if bench.state.marked == here else here)


def reference(state: ScreenState) -> str:
    """Name what is under the cursor as verbs take it: `NAME` or `NAME@N`."""
    name, number = chosen(state)
    return name if number is None else f"{name}@{number}"


class Diff(Command):
    """Compare with what was marked, or else the live generation with the one before it."""

    title = "diff"
    key = "d"
    group = "Environments"
    panes = PANES
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """There must be two."""
        if need_environment(state):
            return need_environment(state)
        one, other = _pair(state)
        return "" if one and other else "mark another one with space first"

    def twin(self, state: ScreenState) -> str:
        """`envbench diff`."""
        return "envbench diff {} {}".format(*_pair(state))

    async def run(self, bench: Bench) -> None:
        """Show the difference."""
        from envbench.ui.flows import environments

        await environments.compare(bench, *_pair(bench.state))


def _pair(state: ScreenState) -> tuple[str, str]:
    here = reference(state)
    if state.marked and state.marked != here:
        return state.marked, here
    name, number = chosen(state)
    details = state.details.value
    live = None
    if details is not None and details.name == name:
        live = next((g.number for g in details.generations if g.is_live), None)
    other = number if number not in {None, live} else _target(state)
    return (f"{name}@{other}", f"{name}@{live}") if other and live else ("", "")


class CopyActivate(Command):
    """Copy the line that activates the environment in your shell."""

    title = "use"
    key = "u"
    group = "Environments"
    panes = PANES
    footer = 6

    def refuse(self, state: ScreenState) -> str:
        """It must be built."""
        return need_environment(state)

    def twin(self, state: ScreenState) -> str:
        """`envbench shell`."""
        return f"envbench shell {chosen(state)[0]}"

    async def run(self, bench: Bench) -> None:
        """Let the user choose a shell when several are known."""
        from envbench.ui.flows import environments

        await environments.copy_activation(bench, chosen(bench.state)[0])


COMMANDS: tuple[Command, ...] = (
    ShowEnvironment(),
    RollBack(),
    Diff(),
    Mark(),
    Verify(),
    Delete(),
    CopyActivate(),
)
