"""The log under the centre while a job runs: its end and how far it is, or one line of that."""

import time

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize

from envbench.ui.ink import Line
from envbench.ui.ink_styles import InkStyles
from envbench.ui.job_words import name_job
from envbench.ui.panels.job_lines import describe_foot, describe_line
from envbench.ui.panels.job_log import JobLog
from envbench.ui.state import LOG, ScreenState
from envbench.ui.widgets.line_bar import LineBar

TAIL_BYTES = 32 * 1024
ONE_LINE = "-one-line"


def is_wanted(state: ScreenState) -> bool:
    """Tell whether there is something to show that the centre does not show itself."""
    if state.place == LOG or state.zoomed or state.shown_log is None:
        return False
    return bool(state.log_job or state.running_jobs)


class LogStrip(Vertical):
    """Never has the keys: `o` opens the log itself."""

    def __init__(self, *, id: str | None = None) -> None:
        """Show no job yet."""
        super().__init__(id=id)
        self._state: ScreenState | None = None

    def compose(self) -> ComposeResult:
        """Put the log and the line below it there."""
        log = JobLog(id="strip-log", tail_bytes=TAIL_BYTES)
        log.can_focus = False
        yield log
        yield LineBar(id="strip-foot")

    def on_mount(self) -> None:
        """Name the key that shows more."""
        self.border_subtitle = Text("o bigger", end="")
        if self._state is not None:
            self.show(self._state)

    def on_resize(self, _: Resize) -> None:
        """Show what fits."""
        if self._state is not None:
            self.show(self._state)

    def show(self, state: ScreenState) -> None:
        """Take a state."""
        self._state = state
        self.display = is_wanted(state)
        self.set_class(state.link is not None and state.link.mode == "strip", ONE_LINE)
        if not self.is_mounted or not self.display:
            return
        job, log = state.shown_log, self.query_one(JobLog)
        is_high = self.size.height > 1
        log.display = is_high
        log.take_pace(state.link)
        log.show_job(job.directory if job is not None and is_high else "")
        self.query_one(LineBar).show_lines(self._describe_foot(state, is_high=is_high))
        if job is not None:
            self._show_title(name_job(job))

    def _describe_foot(self, state: ScreenState, *, is_high: bool) -> tuple[Line, ...]:
        job, width, now = state.shown_log, max(2, self.size.width), time.time()
        if job is None:
            return ()
        if is_high:
            return describe_foot(job, width, now)[:1]
        return (describe_line(state, width, now),)

    def _show_title(self, name: str) -> None:
        title = Text("Log  ", style=InkStyles.of(self).rich("dim"), end="")
        self.border_title = title.append(name, style="bold")
