"""Verbs of the spec: open, edit, save, mend."""

from envbench.ui.bench import Bench
from envbench.ui.commands.command import Command
from envbench.ui.state import PROBLEMS, SPEC, SPECS, ScreenState


def need_spec(state: ScreenState) -> str:
    """Say that a spec must be open."""
    return "" if state.spec is not None else "no spec is open: Enter on one, or a for a new one"


class OpenChosen(Command):
    """Open the spec under the cursor in the editor."""

    title = "open"
    key = "enter"
    group = "Spec"
    panes = (SPECS,)
    footer = 1
    newest_wins = True

    async def run(self, bench: Bench) -> None:
        """Open it; a sample is opened as a copy that is not saved yet."""
        from envbench.ui.flows import spec_opening

        kind, _, path = bench.state.selected.get(SPECS, "").partition(":")
        if path:
            await spec_opening.open_path(bench, path, is_sample=kind == "sample")
            bench.go(SPEC)


class Edit(Command):
    """Put the keys into the editor: letters are text there, Esc leaves it."""

    title = "edit"
    key = "e"
    group = "Spec"
    footer = 10

    def refuse(self, state: ScreenState) -> str:
        """A spec must be open."""
        return need_spec(state)

    def run_now(self, bench: Bench) -> bool:
        """Go there before the next key, which is a letter of the text already."""
        _, _, place = bench.state.selected.get(PROBLEMS, "").partition(":")
        here = bench.state.focus == PROBLEMS
        if bench.state.place != SPEC:
            bench.go(SPEC)
        return _take_keys(bench, place if here else "")

    async def run(self, bench: Bench) -> None:
        """Go there from another place."""
        await bench.go_and_wait(SPEC)
        _take_keys(bench, "")


def _take_keys(bench: Bench, place: str) -> bool:
    _, _, where = place.partition(":")
    line, _, column = where.partition(":")
    if line.isdigit():
        bench.editor.go_to_line(int(line), int(column or 1))
    return bench.editor.take_keys()


class GoToProblem(Command):
    """Go to the problem under the cursor, in the text."""

    title = "go there"
    key = "enter"
    group = "Spec"
    panes = (PROBLEMS,)
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """A spec must be open."""
        return need_spec(state)

    async def run(self, bench: Bench) -> None:
        """Go there."""
        _, _, place = bench.state.selected.get(PROBLEMS, "").partition(":")
        _take_keys(bench, place)


class NewSpec(Command):
    """Make a new spec in this folder, with the lines that most specs need."""

    title = "new"
    key = "a"
    group = "Spec"
    footer = 12

    async def run(self, bench: Bench) -> None:
        """Ask for a name, then open it."""
        from envbench.ui.flows import spec_opening

        await spec_opening.make_new(bench)


class Save(Command):
    """Save the spec; a file that was changed meanwhile is never overwritten unasked."""

    title = "save"
    key = "ctrl+s"
    group = "Spec"
    in_editor = True
    footer = 1

    def refuse(self, state: ScreenState) -> str:
        """There must be something that can be saved."""
        return need_spec(state) or (state.spec.read_only if state.spec else "")

    async def run(self, bench: Bench) -> None:
        """Save it."""
        from envbench.ui.flows import saving

        await saving.save_open(bench)


class TakeFix(Command):
    """Make the edit that mends the problem on this line, or the next that has one."""

    title = "fix"
    key = "ctrl+o"
    group = "Spec"
    in_editor = True
    footer = 2

    def refuse(self, state: ScreenState) -> str:
        """There must be a problem with an edit."""
        if need_spec(state) or state.spec is None:
            return need_spec(state)
        if state.spec.is_sample:
            return ""
        if not state.spec.problems:
            return "the spec has no problems"
        offered = any(problem.edit is not None for problem in state.spec.problems)
        return "" if offered else "no problem here has a sure fix; its hint says what to do"

    async def run(self, bench: Bench) -> None:
        """Make the edit; undo takes it back."""
        from envbench.ui.flows import specs

        specs.take_fix(bench)


class NextProblem(Command):
    """Go to the next problem of the spec."""

    title = "next problem"
    key = "ctrl+g"
    group = "Spec"
    in_editor = True
    footer = 3

    def refuse(self, state: ScreenState) -> str:
        """There must be one."""
        if state.spec is not None and not state.spec.problems:
            return "the spec has no problems"
        return need_spec(state)

    async def run(self, bench: Bench) -> None:
        """Go there."""
        bench.editor.go_to_problem(1)


class Reload(Command):
    """Read the folder again, and the spec if it changed on disk."""

    title = "read again"
    key = "r"
    group = "Spec"
    panes = (SPECS,)
    footer = 3

    async def run(self, bench: Bench) -> None:
        """Read both."""
        from envbench.ui.flows import specs

        await specs.list_folder(bench)
        if bench.state.spec is not None and bench.state.spec.disk:
            await specs.reload(bench)


COMMANDS: tuple[Command, ...] = (
    OpenChosen(),
    Edit(),
    GoToProblem(),
    NewSpec(),
    Save(),
    TakeFix(),
    NextProblem(),
    Reload(),
)
