"""What verbs and flows may do to the screen; the app keeps this promise."""

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from envbench.ui.state import ScreenState

if TYPE_CHECKING:
    from envbench.model.problem import Edit, Problem
    from envbench.ui.widgets.log_view.status import Status
    from envbench.workbench.desk.desk import WorkbenchDesk
    from envbench.workbench.gpu_watch import GpuWatch
    from envbench.workbench.logs import LogHits, LogQuery


class EditorDoor(Protocol):
    """What flows may do to the editor."""

    def load(self, text: str, path: str) -> int:
        """Show another text, undo begins anew; give the version to check it as."""

    def replace_text(self, text: str) -> int:
        """Show a newer text of the same file, undo goes back to the old one; give its version."""

    def apply_edit(self, edit: "Edit", version: int) -> bool:
        """Make the edit of a version as one step that undo takes back; tells whether it was made."""

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor on a line, both counted from 1."""

    def go_to_problem(self, step: int) -> None:
        """Go to the next (1) or previous (-1) problem."""

    def show_problems(self, problems: "Sequence[Problem]", version: int) -> None:
        """Mark the problems of the text at a version; older versions are ignored."""

    def take_keys(self) -> bool:
        """Let letters go into the text, from the next one on; tells whether they do."""

    def hand_over(self) -> None:
        """Let the state have the text as it stands now, not when the keys rest."""

    @property
    def cursor_line(self) -> int:
        """The line of the cursor, from 1."""


class LogDoor(Protocol):
    """What flows may do to the log in the centre."""

    @property
    def directory(self) -> str:
        """The directory of the job whose log is shown; empty for none."""

    @property
    def status(self) -> "Status":
        """How things stand."""

    @property
    def search_query(self) -> "LogQuery | None":
        """What is looked for."""

    @property
    def searched_lines(self) -> int:
        """Lines that the search has looked at; where to go on when the log has grown."""

    def begin_search(self, query: "LogQuery", *, jump: bool = True) -> None:
        """Forget the matches there are; `show_hits` will bring others."""

    def show_hits(self, hits: "LogHits") -> None:
        """Take a batch of matches."""

    def clear_search(self) -> None:
        """Look for nothing, and show all lines again."""

    def show_only_matches(self, only: bool) -> None:
        """Leave out all lines that do not match, or show them again."""

    def go_to_line(self, number: int) -> None:
        """Show a line, counted from 0, and mark it."""

    def action_find(self, only: bool) -> None:
        """Ask for what to find; to leave out other lines, or to show them again."""

    def action_go_to_match(self, steps: int) -> None:
        """Go to a match further on or before."""

    def action_toggle_wrap(self) -> None:
        """Let long lines take several rows, or cut them."""

    def action_toggle_times(self) -> None:
        """Hide the times that lead lines, or show them."""

    def action_copy_line(self) -> None:
        """Copy the marked line, or the last one that is seen."""

    def action_copy_page(self) -> None:
        """Copy all lines that are seen."""


class Bench(Protocol):
    """The screen as verbs and flows see it."""

    @property
    def state(self) -> ScreenState:
        """What is known now."""

    @property
    def desk(self) -> "WorkbenchDesk":
        """Where the workbench is asked."""

    @property
    def gpu_watch(self) -> "GpuWatch":
        """Where the GPUs are read."""

    def preference(self, key: str) -> object:
        """Give the value of a key of the settings file; None before the settings are known."""

    @property
    def editor(self) -> EditorDoor:
        """The spec editor."""

    @property
    def log_door(self) -> LogDoor:
        """The log in the centre; only while that is the place."""

    def change(self, **parts: Any) -> None:
        """Replace parts of the state; panels that read them are drawn again."""

    def tell(self, text: str, severity: str = "info") -> None:
        """Say a line at the foot of the screen; `info`, `ok`, `warning` or `error`."""

    def toast(self, text: str, severity: str = "info") -> None:
        """Say what happened elsewhere, over the screen, for a few seconds."""

    def note(self, command: str, outcome: str = "") -> None:
        """Put an action into the command log, as the command line that does the same."""

    def begin(self, name: str, work: "Coroutine[Any, Any, object]") -> None:
        """Run work in the background; work of the same name that still runs is cancelled."""

    def stop(self, name: str) -> bool:
        """Cancel background work; tells whether there was any."""

    def go(self, place: str) -> None:
        """Bring a place to the centre and give it the keys."""

    async def go_and_wait(self, place: str) -> None:
        """As `go`, until the place is there."""

    def focus_pane(self, pane: str) -> None:
        """Give a pane the keys."""

    def select(self, pane: str, key: str) -> None:
        """Put the cursor of a pane on a row."""

    async def ask(self, question: str, details: Sequence[str] = (), *, yes: str = "y") -> bool:
        """Ask before something is lost; the default answer is no."""

    async def choose(
        self, title: str, options: Sequence[tuple[str, str]], details: Sequence[str] = ()
    ) -> str | None:
        """Let the user choose one of (key, text); None when he does not."""

    async def fill(
        self, title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str] = ()
    ) -> dict[str, str] | None:
        """Let the user fill a small form of (name, label, value); None when he does not."""

    def copy(self, text: str, what: str) -> None:
        """Put a text into the clipboard of the terminal; `what` names it in the message."""

    def notify_ending(self, text: str) -> None:
        """Ring or notify through the terminal, as the settings say."""

    def draw_again(self) -> None:
        """Write the whole screen anew, whatever the terminal shows."""

    def show_screen(self, name: str) -> None:
        """Open `help`, `palette`, `themes` or `messages` over the bench."""

    def apply_preferences(self) -> None:
        """Do what the settings say of the terminal: glyphs, rates."""

    def set_theme(self, name: str) -> None:
        """Change the colours."""

    async def suspend_for(self, command: Sequence[str]) -> int:
        """Give the terminal to another program until it ends; its exit code."""

    def leave(self, code: int = 0, farewell: str = "") -> None:
        """End the screen; jobs go on. The farewell is said in the shell afterwards."""

    def later(self, seconds: float, name: str, work: "Coroutine[Any, Any, object]") -> None:
        """As `begin`, after a while."""
