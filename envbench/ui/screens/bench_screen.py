"""The bench: header, panes on both sides, the place in the centre, the log, message and keys."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from envbench.ui import bars
from envbench.ui.commands.catalogue import COMMANDS, KEYS, find_command
from envbench.ui.commands.command import Command
from envbench.ui.panels import places
from envbench.ui.panels.places import Showing, make_pane
from envbench.ui.state import (
    BOX,
    EDITOR,
    INSPECTION,
    PLACES,
    PROBLEMS,
    SIDE_LOG,
    SPEC,
    SPECS,
    WELCOME,
    ScreenState,
)
from envbench.ui.widgets.line_bar import LineBar
from envbench.ui.widgets.row_pane import RowPane

if TYPE_CHECKING:
    from envbench.ui.panels.log_strip import LogStrip

INNER_PANES = frozenset({EDITOR, PROBLEMS, WELCOME})
"""Parts of a place that keys are meant for; each is the id of a widget."""
ASIDE = frozenset({SPECS, INSPECTION, BOX})
"""Panes of the columns that no place of the centre shows: Tab reaches them at any width."""


class BenchScreen(Screen[None]):
    """Everything that is there while no question is asked."""

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual has it as a plain attribute
        (0, "-tiny"),
        (60, "-narrow"),
        (90, "-left"),
        (110, "-wide"),
        (160, "-vast"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (20, "-low"),
        (30, "-high"),
        (48, "-tall"),
    ]
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"press('{key}')", show=False) for key in KEYS),
        *(Binding(digit, f"go('{place}')", show=False) for digit, place, _ in PLACES),
        Binding("tab", "next_pane(1)", show=False),
        Binding("shift+tab", "next_pane(-1)", show=False),
    ]

    class Pressed(Message):
        """A verb was asked for."""

        def __init__(self, command: Command) -> None:
            """Say which."""
            super().__init__()
            self.command = command

    class Went(Message):
        """A place was asked for."""

        def __init__(self, place: str) -> None:
            """Say which."""
            super().__init__()
            self.place = place

    class Focused(Message):
        """Another pane has the keys."""

        def __init__(self, pane: str) -> None:
            """Say which."""
            super().__init__()
            self.pane = pane

    def __init__(
        self, state: ScreenState, run: Callable[[Command], None], go: Callable[[str], None]
    ) -> None:
        """Show a state from the first paint on.

        Args:
            state: What is known.
            run: Runs a verb, before the next key is read.
            go: Brings a place to the centre.
        """
        super().__init__()
        self.state = state
        self._run, self._go = run, go
        self._panes: dict[str, Widget] = {}
        self._bringing = asyncio.Lock()
        self._wanted = state.place
        self._strip: LogStrip | None = None

    def compose(self) -> ComposeResult:
        """Lay the bench out; the columns come after the first picture, places when gone to."""
        yield LineBar(id="header")
        yield LineBar(id="tabs")
        with Horizontal(id="body"):
            yield Vertical(id="left")
            with Vertical(id="middle"):
                yield Container(id="centre")
            yield Vertical(id="right")
        yield LineBar(id="gpu-strip")
        yield LineBar(id="walk")
        yield LineBar(id="status")
        yield LineBar(id="keys")

    def on_mount(self) -> None:
        """Fill in what is known."""
        self._show_bars()
        self.call_after_refresh(self._fill_columns)

    async def _fill_columns(self) -> None:
        if self._is_ending:
            return
        with self.app.batch_update():
            columns = {side: self.query_one(f"#{side}", Vertical) for side in places.SIDES}
            for mounted in [at.mount(*self._make_side(side)) for side, at in columns.items()]:
                await mounted
        if not self._is_ending:
            self.show(self.state)

    @property
    def _is_ending(self) -> bool:
        """Whether the widgets go already; the screen may be left at any point of its beginning."""
        return bool(getattr(self.app, "is_ending", False))

    def show(self, state: ScreenState) -> None:
        """Hand a state to everything that is there."""
        self.state = state
        for pane in self._panes.values():
            if pane.display:
                cast("Showing", pane).show(state)
        self._show_bars()
        self.set_class(state.zoomed, "-zoomed")
        # Tables need the width; what is on the right belongs to the spec.
        self.set_class(state.place == SPEC, "-at-spec")
        gpus = state.gpus.value
        self.set_class(gpus is not None and bool(gpus.gpus), "-has-gpus")
        self._show_strip(state)

    def pane(self, name: str) -> Widget | None:
        """Give a pane that is there."""
        return self._panes.get(name)

    async def bring(self, place: str) -> None:
        """Put a place into the centre and give it the keys, unless another one is wanted by then."""
        self._wanted = place
        await self.finish_bringing(place)

    async def finish_bringing(self, place: str) -> None:
        """Put the place that `bring_now` had not at hand into the centre, if it is still wanted."""
        async with self._bringing:
            if self._is_ending:
                return
            if place not in self._panes:
                pane = make_pane(place, places.PLACES[place])
                pane.display = False
                await self.query_one("#centre", Container).mount(pane)
                self._panes[place] = pane
            if place == self._wanted and not self._is_ending:
                self._put_into_centre(place)

    def bring_now(self, place: str) -> bool:
        """As `bring`, before the next key is read; tells whether the place was there already."""
        self._wanted = place
        if place not in self._panes or self._bringing.locked():
            return False
        self._put_into_centre(place)
        return True

    def _put_into_centre(self, place: str) -> None:
        for name in places.PLACES:
            if name in self._panes:
                self._panes[name].display = name == place
        self.show(self.state)
        self.focus_pane(place)

    def focus_pane(self, name: str) -> None:
        """Give a pane the keys; one whose column is hidden takes the room of the centre."""
        pane = self._panes.get(name)
        if pane is not None and not self._is_ending:
            self._show_aside(name)
            # At once: keys that were pressed meanwhile belong to this pane.
            self.set_focus(cast("Showing", pane).keys_target())

    def find_pane_of_keys(self) -> RowPane | None:
        """Give the list that has the keys; None when something else has them."""
        return self.focused if isinstance(self.focused, RowPane) else None

    def pane_of(self, widget: Widget | None) -> str:
        """Name the pane that a widget is in; the parts of the spec's place have names, too."""
        for node in widget.ancestors_with_self if widget is not None else ():
            name = node.id or ""
            if name in INNER_PANES or name in self._panes:
                return name
        return ""

    def on_descendant_focus(self) -> None:
        """Say which pane has the keys now."""
        name = self.pane_of(self.focused)
        self._show_aside(name)
        self.post_message(self.Focused(name))

    def on_resize(self) -> None:
        """Lay the bars out anew, and let no hidden pane have the keys."""
        self._show_bars()
        self.call_after_refresh(self._mend_focus)

    def _mend_focus(self) -> None:
        focused = self.focused
        if focused is None or focused.size.width <= 0:
            self.focus_pane(self.state.place)

    def _show_aside(self, name: str) -> None:
        """Let a column whose pane has the keys stand in the place of the centre if it is hidden."""
        for side, panes in places.SIDES.items():
            is_hidden = self.size.width < self._seen_from(side) or self.state.zoomed
            self.set_class(name in panes and is_hidden, f"-aside-{side}")

    def _seen_from(self, side: str) -> int:
        """Give the width from which on a column stands beside the centre."""
        if side == "left":
            return 90
        return 110 if self.state.place == SPEC else 160

    def on_line_bar_hit(self, message: LineBar.Hit) -> None:
        """Let tabs and keys be clicked."""
        text = message.piece.text.strip()
        for digit, place, name in PLACES:
            if message.bar.id == "tabs" and text in {digit, name, f"{digit} {name.upper()}"}:
                self.post_message(self.Went(place))
        if message.bar.id == "keys":
            for command in bars.choose_footer(self.state, COMMANDS):
                if text in {command.say_title(self.state), bars.show_key(command.key)}:
                    self.post_message(self.Pressed(command))
                    return

    def action_press(self, key: str) -> None:
        """Run the verb of a key, as it is meant in the pane that has the keys."""
        now = replace(self.state, focus=self.pane_of(self.focused))
        command = find_command(key, now)
        if command is not None:
            self._run(command)

    def action_go(self, place: str) -> None:
        """Go to a place, before the next key is read."""
        self._go(place)

    def action_next_pane(self, step: int) -> None:
        """Give the keys to the next pane, in reading order."""
        shown = [name for name in self._order() if self._is_seen(name)]
        here = self.pane_of(self.focused)
        here = self.state.place if here in INNER_PANES else here
        at = shown.index(here) if here in shown else -step
        if shown:
            self.focus_pane(shown[(at + step) % len(shown)])

    def _order(self) -> tuple[str, ...]:
        return (*places.SIDES["left"], self.state.place, *places.SIDES["right"])

    def _is_seen(self, name: str) -> bool:
        pane = self._panes.get(name)
        if name == self.state.place or (name in ASIDE and not self.state.zoomed):
            return True
        return pane is not None and pane.display and pane.size.height > 0 and pane.is_on_screen

    def _make_side(self, side: str) -> list[Widget]:
        return [self._make(name, source) for name, source in places.SIDES[side].items()]

    def _make(self, name: str, source: str) -> Widget:
        pane = make_pane(name, source)
        self._panes[name] = pane
        return pane

    def _show_walk(self) -> None:
        """Say the step of the guided walk, in as many lines as it needs; mostly there is none."""
        bar = self.query_one("#walk", LineBar)
        if self.state.walk < 0:
            bar.display = False
            return
        from envbench.ui.walk import describe_walk

        lines = describe_walk(self.state, self.size.width)
        bar.show_lines(lines)
        bar.styles.height = len(lines)
        bar.display = bool(lines)

    def _show_strip(self, state: ScreenState) -> None:
        """Show the strip of the log; it comes with the first job that runs."""
        if self._strip is None:
            if not state.running_jobs and not state.log_job:
                return
            from envbench.ui.panels.log_strip import LogStrip

            self._strip = LogStrip(id=SIDE_LOG)
            self.query_one("#middle").mount(self._strip)
        self._strip.show(state)

    def _show_gpu_strip(self) -> None:
        """Show the GPUs in one line where no pane shows them; mostly there are none."""
        bar = self.query_one("#gpu-strip", LineBar)
        if self.state.gpus.value is None or not self.state.gpus.value.gpus:
            bar.display = False
            return
        from envbench.ui.panels.gpu_strip import describe_gpu_strip

        line = describe_gpu_strip(self.state, self.size.width, self.size.height)
        bar.display = bool(line)
        bar.show_lines([line] if line else [])

    def _show_bars(self) -> None:
        if self._is_ending:
            return
        self._show_walk()
        state, width = self.state, self.size.width
        self._show_gpu_strip()
        self.query_one("#header", LineBar).show_lines([bars.describe_header(state, width)])
        self.query_one("#tabs", LineBar).show_lines([bars.describe_tabs(state, width)])
        self.query_one("#status", LineBar).show_lines([bars.describe_status(state, width)])
        shown = bars.choose_footer(state, COMMANDS)
        self.query_one("#keys", LineBar).show_lines([bars.describe_keys(state, shown, width)])
