"""The app: owns the state, the desk and the background work; keeps the promises of `Bench`."""

import asyncio
import os
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key

from envbench.ui.background import BackgroundWork
from envbench.ui.screens.bench_screen import BenchScreen
from envbench.ui.state import EDITOR, SPEC, Done, ScreenState, Told
from envbench.ui.terminal_app import TerminalApp

if TYPE_CHECKING:
    from envbench.ui.bench import EditorDoor, LogDoor
    from envbench.ui.commands.command import Command
    from envbench.ui.terminal.link import LinkState
    from envbench.ui.widgets.row_pane import RowPane
    from envbench.workbench.desk.desk import WorkbenchDesk
    from envbench.workbench.gpu_watch import GpuWatch

KEPT_LINES = 500
"""Of messages and of the command log."""
LAST_DRAFT_S = 2.0
"""How long the way out may wait for the recovery file."""
LAST_WATCH_S = 1.0
"""How long it may wait for the process that reads the GPUs: a driver may hold that for ever."""


class EnvbenchApp(TerminalApp):
    """The workbench on a folder."""

    CSS_PATH = "bench.tcss"
    TITLE = "envbench"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", show=False, id="leave-always", priority=True),
        Binding("ctrl+c", "copy_or_hint", show=False, id="interrupt"),
        Binding("ctrl+z", "suspend_process", show=False, id="suspend"),
    ]

    def __init__(self, directory: str, *, first_spec: str = "", demo: bool = False) -> None:
        """Prepare; nothing is read before the first paint.

        Args:
            directory: The folder to work on, absolute.
            first_spec: The spec to open first; empty chooses one of the folder.
            demo: Prepare the demo in the folder first.
        """
        super().__init__()
        self.farewell = ""
        """What is said in the shell after the screen is gone."""
        told = (Told(self.theme_fault, "warning"),) if self.theme_fault else ()
        self.state = ScreenState(directory=directory, theme=self.theme, told=told)
        self.first_spec = first_spec
        self.demo = demo
        self._desk: WorkbenchDesk | None = None
        self._gpu_watch: GpuWatch | None = None
        self._work = BackgroundWork(self._tell_fault)
        self._bench: BenchScreen | None = None
        self._passed: Key | None = None
        self._is_over = False

    def get_default_screen(self) -> BenchScreen:
        """Begin with the bench."""
        self._bench = BenchScreen(self.state, self.run_command, self.go)
        return self._bench

    def on_mount(self) -> None:
        """Begin the work behind the screen once the first picture is there."""
        self.call_after_refresh(self._begin_flows)

    async def _begin_flows(self) -> None:
        from envbench.ui.flows.opening import open_bench

        # The editor is always there, even when a key has already asked for another place.
        for place in dict.fromkeys((SPEC, self.state.place)):
            await self.bench_screen.bring(place)
        if self.demo:
            from envbench.ui.flows.demo import open_demo

            self.begin("open", open_demo(self))
        else:
            self.begin("open", open_bench(self, self.first_spec))

    # -- Bench: what is known --

    @property
    def desk(self) -> "WorkbenchDesk":
        """Where the workbench is asked; its processes start with the first question."""
        if self._desk is None:
            from envbench.workbench.desk.desk import WorkbenchDesk

            self._desk = WorkbenchDesk(self.state.directory, os.environ)
        return self._desk

    @property
    def gpu_watch(self) -> "GpuWatch":
        """Where the GPUs are read; its process starts with whoever follows first."""
        if self._gpu_watch is None:
            from envbench.workbench.gpu_watch import GpuWatch

            self._gpu_watch = GpuWatch(os.environ)
        return self._gpu_watch

    @property
    def bench_screen(self) -> BenchScreen:
        """The screen under all others."""
        if self._bench is None:
            raise AssertionError("the bench is made with the app")
        return self._bench

    @property
    def editor(self) -> "EditorDoor":
        """The spec editor."""
        from envbench.ui.panels.spec_place import SpecPlace

        return self.bench_screen.query_one(SpecPlace)

    @property
    def log_door(self) -> "LogDoor":
        """The log in the centre."""
        from envbench.ui.panels.log_place import LogPlace

        return self.bench_screen.query_one(LogPlace).log_view

    @property
    def is_ending(self) -> bool:
        """Whether the screen is being left: its widgets may be gone already."""
        return self._is_over or self.return_code is not None

    def preference(self, key: str) -> object:
        """Give the value of a key of the settings file; None before the settings are known."""
        rows = self.state.settings.value or ()
        return next((row.value for row in rows if row.key == key), None)

    def change(self, **parts: Any) -> None:
        """Replace parts of the state; panels that read them are drawn again."""
        self.state = replace(self.state, **parts)
        if self.state.walk >= 0:
            from envbench.ui.walk import advance

            self.state = replace(self.state, walk=advance(self.state))
        if self._bench is not None and self._bench.is_mounted and not self.is_ending:
            # While it ends, what would show the state goes piece by piece.
            self._bench.show(self.state)

    # -- Bench: saying --

    def tell(self, text: str, severity: str = "info") -> None:
        """Say a line at the foot of the screen."""
        said = Told(text, severity, time.strftime("%H:%M:%S"))
        self.change(told=(*self.state.told[-KEPT_LINES:], said))

    def toast(self, text: str, severity: str = "info") -> None:
        """Say what happened elsewhere, over the screen, for a few seconds."""
        self.tell(text, severity)
        kinds = {"error": "error", "warning": "warning"}
        self.notify(text, severity=kinds.get(severity, "information"), timeout=4, markup=False)  # type: ignore[arg-type]

    def note(self, command: str, outcome: str = "") -> None:
        """Put an action into the command log."""
        if command:
            entry = Done(command, time.strftime("%H:%M:%S"), outcome)
            self.change(done=(*self.state.done[-KEPT_LINES:], entry))

    # -- Bench: background work --

    def begin(self, name: str, work: "Coroutine[Any, Any, object]") -> None:
        """Run work in the background; work of the same name that still runs is cancelled."""
        self._work.begin(name, work)

    def later(self, seconds: float, name: str, work: "Coroutine[Any, Any, object]") -> None:
        """As `begin`, after a while."""
        self._work.later(seconds, name, work)

    def stop(self, name: str) -> bool:
        """Cancel background work; tells whether there was any."""
        return self._work.stop(name)

    def is_at_work(self, name: str) -> bool:
        """Whether background work of a name still runs."""
        return self._work.is_at_work(name)

    def _tell_fault(self, fault: Exception) -> None:
        from envbench.ui.flows.faults import tell_fault

        tell_fault(self, fault)

    # -- Bench: moving --

    def go(self, place: str) -> None:
        """Bring a place to the centre and give it the keys; at once where it was there before."""
        self.change(place=place, editing=False)
        if not self.bench_screen.bring_now(place):
            self.call_later(self._bring, place)
        self._follow(place)

    async def _bring(self, place: str) -> None:
        await self._work.guard(self.bench_screen.finish_bringing(place))

    async def go_and_wait(self, place: str) -> None:
        """As `go`, until the place is there."""
        self.change(place=place, editing=False)
        if not self.bench_screen.bring_now(place):
            await self.bench_screen.bring(place)
        self._follow(place)

    def _follow(self, place: str) -> None:
        from envbench.ui.flows.opening import follow_place

        follow_place(self, place)

    def focus_pane(self, pane: str) -> None:
        """Give a pane the keys."""
        self.bench_screen.focus_pane(pane)

    def select(self, pane: str, key: str) -> None:
        """Put the cursor of a pane on a row."""
        self.change(selected={**self.state.selected, pane: key})

    # -- Bench: asking --

    async def ask(self, question: str, details: Sequence[str] = (), *, yes: str = "y") -> bool:
        """Ask before something is lost; the default answer is no."""
        from envbench.ui.screens import asking

        return await asking.ask(self, question, details, yes)

    async def choose(
        self, title: str, options: Sequence[tuple[str, str]], details: Sequence[str] = ()
    ) -> str | None:
        """Let the user choose one of (key, text)."""
        from envbench.ui.screens import asking

        return await asking.choose(self, title, options, details)

    async def fill(
        self, title: str, fields: Sequence[tuple[str, str, str]], details: Sequence[str] = ()
    ) -> dict[str, str] | None:
        """Let the user fill a small form of (name, label, value)."""
        from envbench.ui.screens import asking

        return await asking.fill(self, title, fields, details)

    # -- Bench: the terminal --

    def copy(self, text: str, what: str) -> None:
        """Put a text into the clipboard of the terminal."""
        from envbench.ui.terminal.clipboard import copy_text

        self.tell(copy_text(self, text, what))

    def notify_ending(self, text: str) -> None:
        """Ring or notify through the terminal, as the settings say."""
        from envbench.ui.terminal.notifications import notify_terminal

        notify_terminal(self, text, str(self.preference("notify") or "bell"))

    def show_screen(self, name: str) -> None:
        """Open a screen over the bench."""
        from envbench.ui.screens.overlays import make_overlay

        self.push_screen(make_overlay(name, self), self._take_chosen)

    def _take_chosen(self, chosen: object) -> None:
        """Run the verb that was chosen in the palette."""
        from envbench.ui.commands.command import Command

        if isinstance(chosen, Command):
            self.run_command(chosen)

    def set_theme(self, name: str) -> None:
        """Change the colours."""
        from envbench.ui.themes.use import use_theme

        problem = use_theme(self, name)
        self.change(theme=self.theme)
        if problem:
            self.tell(problem, "warning")

    def leave(self, code: int = 0, farewell: str = "") -> None:
        """End the screen; jobs go on."""
        self.farewell = farewell
        self.exit(return_code=code)

    def take_link(self, link: "LinkState") -> None:
        """Show how fast the link is; panes that pour take their rates from it."""
        self.change(link=link)

    def apply_preferences(self) -> None:
        """Do what the settings say of the terminal."""
        self.use_glyphs(str(self.preference("glyphs") or "auto"))
        self.use_rates(str(self.preference("link") or "auto"))

    # -- Messages of the screen --

    async def on_bench_screen_pressed(self, message: BenchScreen.Pressed) -> None:
        """Run a verb, or say why it is off."""
        self.run_command(message.command)
        # A verb that only changes what is shown is done before the next key is looked at.
        await asyncio.sleep(0)

    def run_command(self, command: "Command") -> None:
        """Run a verb, or say why it is off; one that is at work is not begun again."""
        from envbench.ui.commands.command import find_refusal

        self._take_cursor()
        reason = find_refusal(command, self.state)
        if reason:
            self.tell(f"{command.say_title(self.state)} is off: {reason}", "warning")
        elif not command.newest_wins and self.is_at_work(f"verb-{command.id}"):
            self.tell(f"{command.title} is still at work", "warning")
        elif not command.run_now(self):
            self.begin(f"verb-{command.id}", command.run(self))

    def _take_cursor(self) -> None:
        """Know what the next verb is about: panes tell of focus and cursor only after their turn."""
        if self.screen is not self._bench:
            return
        name = self.bench_screen.pane_of(self.focused)
        if name != self.state.focus:
            self.change(focus=name, editing=name == EDITOR)
        pane = self.bench_screen.find_pane_of_keys()
        if pane is not None and self.state.selected.get(pane.id or "") != pane.selected:
            self.change(selected={**self.state.selected, pane.id or "": pane.selected})

    def on_key(self, event: Key) -> None:
        """Pass letters on that were typed ahead of the editor.

        Keys that come faster than panes change (a paste, a slow link) are on their way to the old
        pane when the editor gets the keys; neither that pane nor the verbs have a use for them.
        """
        editor = self.focused
        if event is self._passed or editor is None or editor.id != EDITOR or not event.is_printable:
            return
        event.stop()
        event.prevent_default()
        self._passed = Key(event.key, event.character)
        editor.post_message(self._passed)

    def on_bench_screen_went(self, message: BenchScreen.Went) -> None:
        """Go to a place."""
        self.go(message.place)

    def on_bench_screen_focused(self, message: BenchScreen.Focused) -> None:
        """Remember which pane has the keys."""
        if message.pane != self.state.focus:
            self.change(focus=message.pane, editing=message.pane == EDITOR)

    def on_row_pane_moved(self, message: "RowPane.Moved") -> None:
        """Remember the row under a pane's cursor."""
        pane = message.pane.id or ""
        if message.pane.selected != message.key:
            # It has moved on since, or was put elsewhere, and says so next: what came late would
            # take it back.
            return
        if self.state.selected.get(pane) != message.key:
            self.change(selected={**self.state.selected, pane: message.key})
            from envbench.ui.flows.opening import follow_selection

            follow_selection(self, pane, message.key)

    def on_row_pane_chosen(self, message: "RowPane.Chosen") -> None:
        """Do what Enter means in a pane."""
        from envbench.ui.commands.catalogue import find_default

        command = find_default(message.pane.id or "")
        if command is not None:
            self.run_command(command)

    def action_leave(self) -> None:
        """Leave, as the verb does."""
        from envbench.ui.commands.catalogue import by_id

        self.run_command(by_id("quit"))

    def action_copy_or_hint(self) -> None:
        """Do what Ctrl-C can mean on a screen whose jobs outlive it."""
        self.tell("Ctrl-C stops nothing here: x stops a job, q leaves (jobs go on)")

    def exit(self, *args: Any, **options: Any) -> None:
        """End the screen; the last keys are kept, whoever ends it."""
        with suppress(Exception):  # the way out stays open, whatever state the screen is in
            self.editor.hand_over()
        super().exit(*args, **options)

    async def on_unmount(self) -> None:
        """Keep what is unsaved, end the children; nothing of them is left behind."""
        self._is_over = True
        self._work.stop_all()
        if self._gpu_watch is not None:
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._gpu_watch.close(), LAST_WATCH_S)
        if self._desk is None:
            return
        from envbench.model.errors import EnvbenchError
        from envbench.ui.flows.drafts import keep_unsaved

        with suppress(EnvbenchError, TimeoutError):
            await asyncio.wait_for(keep_unsaved(self), LAST_DRAFT_S)
        with suppress(OSError):
            await self._desk.close()
