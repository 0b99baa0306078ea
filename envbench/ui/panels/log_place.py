"""The log of a job in the centre."""

import time
from typing import cast

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.widget import Widget

from envbench.ui.bench import Bench
from envbench.ui.flows import logs
from envbench.ui.ink import Line, cut
from envbench.ui.ink_styles import InkStyles
from envbench.ui.panels.find_line import FindLine
from envbench.ui.panels.job_lines import describe_foot
from envbench.ui.panels.job_log import JobLog
from envbench.ui.panels.log_words import describe_title
from envbench.ui.state import ScreenState
from envbench.ui.widgets.line_bar import LineBar
from envbench.ui.widgets.log_view.messages import CopyWanted, FindWanted, LogStatus

KEYS = "/ find  F levels  E error  [ ] other  o back"
NOTHING = "Nothing ran yet.\nb  builds the open spec\np  probes an environment"


class LogPlace(Vertical):
    """The log, a line to write into what is looked for, and how far the job is."""

    def __init__(self, *, id: str | None = None) -> None:
        """Show no job yet."""
        super().__init__(id=id)
        self._state: ScreenState | None = None
        self._only = False
        self._title: Line = ()

    def compose(self) -> ComposeResult:
        """Put the parts there; what is looked for is asked when it is wanted."""
        with Vertical(classes="place", id="log-frame"):
            yield JobLog(id="log-view")
            yield FindLine(id="log-find")
            yield LineBar(id="log-foot")

    def on_mount(self) -> None:
        """Say what to do while there is no job."""
        self.log_view.empty_text = NOTHING
        self.find_line.display = False
        self.query_one("#log-frame").border_subtitle = Text(KEYS, end="")

    def on_resize(self, _: Resize) -> None:
        """Say what fits."""
        if self._state is not None:
            self.show(self._state)

    def show(self, state: ScreenState) -> None:
        """Take a state."""
        self._state = state
        if not self.is_mounted:
            return
        job = state.shown_log
        self.log_view.take_pace(state.link)
        self.log_view.show_job(job.directory if job is not None else "")
        self._show_foot(state)
        self._show_title()

    def keys_target(self) -> Widget:
        """Give the log the keys."""
        return self.log_view

    @property
    def log_view(self) -> JobLog:
        """The log itself."""
        return self.query_one(JobLog)

    @property
    def find_line(self) -> FindLine:
        """Where what is looked for is written."""
        return self.query_one(FindLine)

    @property
    def bench(self) -> Bench:
        """The screen, for the flows."""
        return cast(Bench, self.app)

    # -- What the log and the line say --

    def on_log_status(self, message: LogStatus) -> None:
        """Say it in the title."""
        message.stop()
        self._show_title()
        if self._state is not None:
            self._show_foot(self._state)

    def on_copy_wanted(self, message: CopyWanted) -> None:
        """Copy it."""
        count = message.text.count("\n") + 1
        what = "the line" if count == 1 else f"{count} lines of the log"
        self.bench.copy(message.text, what)

    def on_find_wanted(self, message: FindWanted) -> None:
        """Ask what to look for."""
        query = self.log_view.search_query
        self._only = message.only
        self.find_line.ask(logs.show_pattern(query) if query is not None else "")

    def on_find_line_written(self, message: FindLine.Written) -> None:
        """Look for it, or for nothing any more."""
        self._close_line()
        if message.text is not None:
            logs.find(self.bench, self.log_view, message.text, only=self._only)
            self._show_title()

    def _close_line(self) -> None:
        self.find_line.display = False
        self.log_view.focus()

    # -- Frame and foot --

    def _show_foot(self, state: ScreenState) -> None:
        job, foot = state.shown_log, self.query_one("#log-foot", LineBar)
        width = max(2, self.log_view.size.width)
        lines = describe_foot(job, width, time.time()) if job is not None else ()
        if not self.query_one("#log-frame").styles.border_top[0]:
            # Without a frame there is no title: what it says of the place stands below, when the
            # log is not just followed.
            lines = (*self._describe_place(width), *lines)
        if len(lines) != len(foot.lines):
            foot.styles.height = len(lines)
        foot.show_lines(lines)

    def _describe_place(self, width: int) -> tuple[Line, ...]:
        log = self.log_view
        if self._state is None or (log.status.follow and log.search_query is None):
            return ()
        title = describe_title(self._state.shown_log, log.status, log.search_query, width)
        return (cut(title, width),)

    def _show_title(self) -> None:
        job = self._state.shown_log if self._state is not None else None
        log, width = self.log_view, max(4, self.size.width - 6)
        title = cut(describe_title(job, log.status, log.search_query, width), width)
        if title == self._title:
            return
        self._title = title
        styles = InkStyles.of(log)
        text = Text(end="")
        for piece in title:
            text.append(piece.text, style=styles.rich(piece.role))
        self.query_one("#log-frame").border_title = text
