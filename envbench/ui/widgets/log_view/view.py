"""The widget: keys and the poll move a place in a log, rows that differ are painted.

Nothing is painted unless what is seen has changed, so an idle log costs no byte. The log is read
in slices of milliseconds on the event loop; searching is for other processes.
"""

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from envbench.ui.ink import Piece
from envbench.ui.ink_styles import InkStyles, to_strip
from envbench.ui.widgets.log_view.frame import Frame
from envbench.ui.widgets.log_view.messages import (
    CopyWanted,
    FindWanted,
    LogStatus,
    SearchWanted,
)
from envbench.ui.widgets.log_view.rows import ScreenRow
from envbench.ui.widgets.log_view.source import LogSource
from envbench.ui.widgets.log_view.status import Status

if TYPE_CHECKING:
    from envbench.workbench.logs import LogHits, LogIndex, LogQuery

SLICE_S = 0.006
"""So long the log is read at a stretch; a key waits no longer than that."""
BREATH_S = 0.002
"""Between two slices."""
POLL_S = 0.1
BYTES_PER_S = 20_000
IDLE_POLL_S = 0.25
IDLE_AFTER_S = 5.0
"""A log that was silent for so long is looked at less often."""
WHEEL_ROWS = 3
SIDE_STEP = 16
_ROW_BYTES = 50
"""What a row costs beside its cells: moving there, and its styles."""


class LogView(Widget, can_focus=True):
    """Shows a log of any size.

    `show` gives it a log, which it closes when it gets another one. Messages: `LogStatus`,
    `CopyWanted`, `FindWanted`, `SearchWanted`.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "LogView { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", "Up", id="log.up", show=False),
        Binding("down,j", "scroll_rows(1)", "Down", id="log.down", show=False),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", "Page up", id="log.page_up", show=False),
        Binding("pagedown,space", "scroll_pages(1)", "Page down", id="log.page_down", show=False),
        Binding("home,g", "go_home", "First line", id="log.home", show=False),
        Binding("end,G", "follow", "Follow", id="log.follow", show=False),
        Binding("left", "scroll_side(-1)", "Left", id="log.left", show=False),
        Binding("right", "scroll_side(1)", "Right", id="log.right", show=False),
        Binding("shift+up", "move_mark(-1)", "Mark line above", id="log.mark_up", show=False),
        Binding("shift+down", "move_mark(1)", "Mark line below", id="log.mark_down", show=False),
        Binding("n", "go_to_match(1)", "Next match", id="log.next_match", show=False),
        Binding("N", "go_to_match(-1)", "Match before", id="log.previous_match", show=False),
        Binding("slash", "find(False)", "Find", id="log.find", show=False),
        Binding("ampersand", "find(True)", "Only matching lines", id="log.only", show=False),
        Binding("e", "find_first_error", "First error", id="log.first_error", show=False),
        Binding("w", "toggle_wrap", "Wrap", id="log.wrap", show=False),
        Binding("t", "toggle_times", "Times", id="log.times", show=False),
        Binding("y", "copy_line", "Copy line", id="log.copy_line", show=False),
        Binding("Y", "copy_page", "Copy page", id="log.copy_page", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        """Make a view without a log."""
        super().__init__(id=id)
        self.poll_s = POLL_S
        """Between two looks at the log, and so the least time between two repaints that nobody
        asked for; to be made longer on slow links."""
        self.bytes_per_s = BYTES_PER_S
        """What repaints that nobody asked for may send at most, roughly: large views are repainted
        less often."""
        self.is_held = False
        """While true, what comes is counted but not painted; keys still paint."""
        self.empty_text = "No log to show."
        """Shown when there is no log."""
        self.silent_text = "Nothing is in this log yet."
        """Shown while a log is empty."""
        self._source: LogSource | None = None
        self._frame = Frame()
        self._rows: list[ScreenRow] = []
        self._styles: InkStyles | None = None
        self._status = Status()
        self._timer: Timer | None = None
        self._composed: tuple[object, ...] = ()
        self._next_paint = 0.0
        self._grew_at = 0.0

    @property
    def status(self) -> Status:
        """How things stand, as in the last `LogStatus`."""
        return self._status

    @property
    def log_index(self) -> "LogIndex | None":
        """The log that is shown."""
        return self._source.log if self._source else None

    @property
    def search_query(self) -> "LogQuery | None":
        """What is looked for."""
        return self._frame.hits.query

    @property
    def searched_lines(self) -> int:
        """Lines that the search has looked at; where to go on when the log has grown."""
        return self._frame.hits.scanned

    @property
    def wrap(self) -> bool:
        """Whether long lines take several rows."""
        return self._frame.wrap

    def show(self, log: "LogIndex | None") -> None:
        """Show another log from its end, or none; the one before is closed.

        Args:
            log: The view owns it from now on.
        """
        if self._source is not None:
            self._source.close()
        self._source = LogSource(log) if log is not None else None
        self._frame.begin(self._source)
        self._grew_at = time.monotonic()
        if self.is_mounted:
            self._poll(must_paint=True)

    def begin_search(self, query: "LogQuery", *, jump: bool = True) -> None:
        """Forget the matches there are; `show_hits` will bring others.

        Args:
            query: What is looked for; says what is marked in the lines.
            jump: Go to the first match at the upper edge or behind it, as soon as it is known.
        """
        self._frame.begin_search(query, jump=jump)
        self._update()

    def show_hits(self, hits: "LogHits") -> None:
        """Take a batch of matches of the search that was begun."""
        self._frame.add_hits(hits)
        self._update()

    def clear_search(self) -> None:
        """Forget the matches, and show all lines again."""
        self._frame.clear_search()
        self._update()

    def show_only_matches(self, only: bool) -> None:
        """Leave out all lines that do not match, or show them again."""
        self._frame.filter(only)
        self._update()

    def go_to_line(self, number: int) -> None:
        """Show a line, counted from 0, and mark it."""
        self._frame.go_to(number)
        self._update()

    def set_follow(self, follow: bool) -> None:
        """Begin or end showing what comes."""
        self._frame.set_follow(follow)
        self._update()

    # What Textual calls.

    def on_mount(self) -> None:
        """Begin to look at the log."""
        self._poll(must_paint=True)

    def on_unmount(self) -> None:
        """Let the log go."""
        self._stop_timer()
        if self._source is not None:
            self._source.close()
            self._source = None

    def on_resize(self, _event: Resize) -> None:
        """Draw for the new size."""
        self._update()

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme."""
        self._styles = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row from what was composed; no file is read here."""
        if self._styles is None:
            self._styles = InkStyles.of(self)
        row = self._rows[y] if y < len(self._rows) else ScreenRow(())
        focused = self.has_focus
        return to_strip(
            row.line, self.size.width, self._styles, cursor=row.is_current, focused=focused
        )

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll; sideways with shift."""
        event.stop()
        self._wheel(-1, sideways=event.shift)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll; sideways with shift."""
        event.stop()
        self._wheel(1, sideways=event.shift)

    def on_click(self, event: Click) -> None:
        """Mark the line, or go where the scroll bar was hit."""
        if event.x >= self.size.width - 1 and self._frame.has_bar:
            self._frame.go_to_share(event.y / max(1, self.size.height - 1))
        else:
            self._frame.mark_row(event.y)
        self._update()

    # Keys.

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows."""
        self._frame.scroll(rows)
        self._update()

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by what is seen, less one row."""
        self._frame.scroll(pages * max(1, self.size.height - 1))
        self._update()

    def action_scroll_side(self, steps: int) -> None:
        """Scroll sideways, unless lines are wrapped."""
        self._frame.scroll_side(steps * SIDE_STEP)
        self._update()

    def action_go_home(self) -> None:
        """Show the first line."""
        self._frame.go_home()
        self._update()

    def action_follow(self) -> None:
        """Show the end and stay there."""
        self.set_follow(True)

    def action_move_mark(self, steps: int) -> None:
        """Mark the line before or behind the marked one."""
        self._frame.move_mark(steps)
        self._update()

    def action_go_to_match(self, steps: int) -> None:
        """Go to the next match or the one before; ask what to find when nothing is looked for."""
        if self._frame.hits.query is None:
            self.post_message(FindWanted(only=False))
            return
        self._frame.go_to_match(steps)
        self._update()

    def action_find(self, only: bool) -> None:
        """Ask for what to find; to leave out other lines, or to show them again."""
        if only and self._frame.is_filtered:
            self.show_only_matches(False)
        else:
            self.post_message(FindWanted(only=only))

    def action_find_first_error(self) -> None:
        """Ask for the first error to be found."""
        self.post_message(SearchWanted(levels=("error",), first_line=0, limit=1))

    def action_toggle_wrap(self) -> None:
        """Let long lines take several rows, or cut them at the edge."""
        self._frame.toggle_wrap()
        self._update()

    def action_toggle_times(self) -> None:
        """Hide the times that lead lines, or show them."""
        self._frame.toggle_times()
        self._update()

    def action_copy_line(self) -> None:
        """Ask for the marked line to be copied, or the last one that is seen."""
        text = self._frame.line_to_copy()
        if text is not None:
            self.post_message(CopyWanted(text))

    def action_copy_page(self) -> None:
        """Ask for all lines that are seen to be copied, whole ones."""
        texts = self._frame.lines_to_copy()
        if texts:
            self.post_message(CopyWanted("\n".join(texts)))

    def _wheel(self, steps: int, *, sideways: bool) -> None:
        if sideways:
            self._frame.scroll_side(steps * SIDE_STEP)
        else:
            self._frame.scroll(steps * WHEEL_ROWS)
        self._update()

    # The log.

    def _poll(self, *, must_paint: bool = False) -> None:
        """Read for a slice, repaint if it is time, and come again."""
        self._stop_timer()
        source = self._source
        if source is None:
            self._update()
            return
        now = time.monotonic()
        before = source.log.position
        more = source.advance(SLICE_S)
        if source.log.position != before:
            self._grew_at = now
        if must_paint or self._must_compose(source, now):
            self._update()
        self._timer = self.set_timer(BREATH_S if more else self._pace(now), self._poll)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _must_compose(self, source: LogSource, now: float) -> bool:
        """Tell whether something may look different now, and may be painted already."""
        return not self.is_held and source.state != self._composed and now >= self._next_paint

    def _pace(self, now: float) -> float:
        idle = now - self._grew_at > IDLE_AFTER_S
        return max(self.poll_s, IDLE_POLL_S) if idle else self.poll_s

    def _update(self) -> None:
        """Compose what is seen; paint the rows that differ; tell what a title would say."""
        width, height = self.size
        if width < 1 or height < 1:
            return
        self._composed = self._source.state if self._source else ()
        rows = self._frame.compose(width, height)
        if rows is None:
            return
        rows = rows or [ScreenRow((Piece(line, "faint"),)) for line in self._say_empty()]
        self._paint(rows[:height], height)
        status = self._frame.status()
        if status != self._status:
            self._status = status
            self.post_message(LogStatus(status))

    def _say_empty(self) -> list[str]:
        if self._source is None:
            return self.empty_text.splitlines()
        if self._frame.is_filtered:
            return ["No line matches."]
        return (self._source.log.fault or self.silent_text).splitlines()

    def _paint(self, rows: list[ScreenRow], height: int) -> None:
        before, self._rows = self._rows, rows
        blank = ScreenRow(())
        old = before[:height] + [blank] * (height - len(before))
        new = rows + [blank] * (height - len(rows))
        changed = [y for y in range(height) if old[y] != new[y]]
        if not changed:
            return
        width, first, count = self.size.width, changed[0], changed[-1] - changed[0] + 1
        self.refresh(Region(0, first, width, count))
        rest_s = count * (width + _ROW_BYTES) / max(1, self.bytes_per_s)
        self._next_paint = time.monotonic() + max(self.poll_s * 0.9, rest_s)
