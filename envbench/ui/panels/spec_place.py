"""The spec in the centre: the editor, and the problems below it."""

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from envbench.ui.bench import Bench
from envbench.ui.flows import editing, specs
from envbench.ui.panels.problems_panel import ProblemsPanel
from envbench.ui.panels.welcome import WelcomePanel, is_welcome_wanted
from envbench.ui.state import PROBLEMS, WELCOME, ScreenState
from envbench.ui.widgets.spec_editor import messages
from envbench.ui.widgets.spec_editor.completion import Completion
from envbench.ui.widgets.spec_editor.spec_editor import SpecEditor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envbench.model.completion import CompletionItem
    from envbench.model.problem import Edit, Problem


class SpecPlace(Vertical):
    """The editor, where letters are text, and the problems, where letters act."""

    def compose(self) -> ComposeResult:
        """Put both there."""
        with Vertical(classes="place", id="editor-frame"):
            yield SpecEditor(id="editor")
        yield ProblemsPanel(id=PROBLEMS)
        yield WelcomePanel(id=WELCOME)

    def show(self, state: ScreenState) -> None:
        """Take a state."""
        if not self.is_mounted:
            return
        self._show_welcome(state)
        self.query_one(ProblemsPanel).show(state)
        spec = state.spec
        frame = self.query_one("#editor-frame")
        title = Text("No spec" if spec is None else spec.name, style="bold", end="")
        if spec is not None and spec.is_dirty:
            title.append("  unsaved", style="italic")
        if spec is not None and (spec.disk or spec.read_only):
            title.append(f"  {spec.disk or 'read only'}")
        if frame.border_title != title.markup:
            frame.border_title = title
        frame.display = spec is not None
        if spec is not None:
            self.code.read_only_reason = spec.read_only

    def _show_welcome(self, state: ScreenState) -> None:
        """Show the first hints in the place of the problems while there is no spec."""
        welcome, problems = self.query_one(WelcomePanel), self.query_one(ProblemsPanel)
        wanted = is_welcome_wanted(state)
        had_keys = welcome.has_focus or problems.has_focus
        if welcome.display != wanted:
            welcome.display, problems.display = wanted, not wanted
            if had_keys:
                self.keys_target().focus()
        welcome.show(state)

    def keys_target(self) -> Widget:
        """Give the list of problems the keys: letters act there, `e` goes to the text."""
        welcome = self.query_one(WelcomePanel)
        return welcome if welcome.display else self.query_one(ProblemsPanel)

    @property
    def code(self) -> SpecEditor:
        """The editor widget."""
        return self.query_one(SpecEditor)

    @property
    def bench(self) -> Bench:
        """The screen, for the flows."""
        return cast(Bench, self.app)

    # -- EditorDoor --

    def load(self, text: str, path: str) -> int:
        """Show another text; give the version to check it as."""
        return self.code.load(text, path)

    def replace_text(self, text: str) -> int:
        """Show a newer text of the same file; undo goes back."""
        return self.code.replace_text(text)

    def apply_edit(self, edit: "Edit", version: int) -> bool:
        """Make an edit as one step."""
        done = self.code.apply_edit(edit, version=version)
        self.code.flush()
        return done

    def show_problems(self, problems: "Sequence[Problem]", version: int) -> None:
        """Mark the problems of a version."""
        self.code.show_problems(problems, version)

    def offer(self, items: "Sequence[CompletionItem]", version: int) -> None:
        """Offer what may stand at the cursor."""
        offers = [Completion(i.insert, i.label, i.detail, i.start_column) for i in items]
        self.code.show_completions(offers, version)

    def show_inspection(self, line: int, headline: str) -> None:
        """Say under the text what a line means."""
        self.code.show_inspection(line, (headline, "dim"))

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor on a line."""
        self.code.move_cursor((max(0, line - 1), max(0, column - 1)), center=True)

    def go_to_problem(self, step: int) -> None:
        """Go to a problem, and into the text."""
        self.code.go_to_problem(step)
        self.code.focus()

    def take_keys(self) -> bool:
        """Give the text the keys, from the next one on; tells whether it has them."""
        self.screen.set_focus(self.code)
        return self.screen.focused is self.code

    @property
    def cursor_line(self) -> int:
        """The line of the cursor, from 1."""
        return self.code.cursor_location[0] + 1

    def hand_over(self) -> None:
        """Let the state have the text as it stands now."""
        specs.take_text(self.bench, self.code.text, self.code.version)

    # -- What the editor says --

    def on_spec_editor_text_edited(self, message: messages.TextEdited) -> None:
        """Check and keep what was written."""
        specs.take_text(self.bench, message.text, message.version)

    def on_spec_editor_save_wanted(self, _: messages.SaveWanted) -> None:
        """Save it, with what was written since."""
        self._run("save")

    def on_spec_editor_fix_wanted(self, message: messages.FixWanted) -> None:
        """Make the edit of a problem."""
        if message.problem.edit is not None and self.apply_edit(
            message.problem.edit, message.version
        ):
            self.bench.tell(f"Did: {message.problem.edit.title}; ^Z takes it back", "ok")

    def on_spec_editor_leave_wanted(self, _: messages.LeaveWanted) -> None:
        """Give the keys back to the verbs, from the next one on."""
        self.screen.set_focus(self.keys_target())

    def on_spec_editor_refused(self, message: messages.Refused) -> None:
        """Say why a key did nothing."""
        self.bench.tell(message.reason, "warning")

    def on_spec_editor_completion_wanted(self, message: messages.CompletionWanted) -> None:
        """Ask what may stand here."""
        place = (message.line, message.column)
        work = editing.complete(self.bench, self, self.code.text, place, message.version)
        self.bench.begin("complete", work)

    def on_spec_editor_inspect_wanted(self, message: messages.InspectWanted) -> None:
        """Ask what the line means."""
        work = editing.inspect(self.bench, self, self.code.text, message.line_number)
        self.bench.begin("inspect", work)

    def on_spec_editor_editor_wanted(self, message: messages.EditorWanted) -> None:
        """Open the file in the user's own editor."""
        self.bench.begin("external", editing.edit_outside(self.bench, message.line))

    def on_spec_editor_form_wanted(self, message: messages.FormWanted) -> None:
        """Open the small form."""
        line = message.line if message.kind == "edit" else None
        self.bench.begin("form", editing.fill_dependency(self.bench, message.line, line))

    def _run(self, name: str) -> None:
        from envbench.ui.commands.catalogue import by_id

        run = getattr(self.app, "run_command", None)
        if run is not None:
            run(by_id(name))
