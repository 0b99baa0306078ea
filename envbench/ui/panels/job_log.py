"""A job's log as the bench shows it: at the pace of the link, at rest while nobody sees it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Hide, Show

from envbench.ui.widgets.log_view.view import LogView

if TYPE_CHECKING:
    from envbench.ui.terminal.link import LinkState

PACE_S = 0.25
"""Between two paints that nobody asked for, as long as nothing is known of the link."""
REST_S = 5.0
"""Between two looks at a log that is not seen."""
_LETTERS = frozenset(("n", "N", "slash", "ampersand", "e", "w", "t", "y", "Y"))
"""Keys of the viewer that verbs of the bench stand for: those are in the key list, too."""


def _only_movement() -> list[BindingType]:
    return [each for each in LogView.BINDINGS if getattr(each, "key", "") not in _LETTERS]


class JobLog(LogView, inherit_bindings=False):
    """Shows the log of one job."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_only_movement(),
        Binding("backspace", "scroll_pages(-1)", show=False),
    ]

    def __init__(self, *, id: str | None = None, tail_bytes: int = 0) -> None:
        """Show none yet.

        Args:
            id: Of the widget.
            tail_bytes: Leave out all but about so much of the end; 0 for the whole log.
        """
        self._is_held = False
        super().__init__(id=id)
        self.directory = ""
        """Of the job."""
        self._tail_bytes = tail_bytes
        self._pace_s = self.poll_s = PACE_S

    @property
    def is_held(self) -> bool:
        """Whether what comes is only counted: the link is behind, or nobody sees it."""
        governor: Any = getattr(self.app, "governor", None)
        return self._is_held or (governor is not None and not governor.allows_pour())

    @is_held.setter
    def is_held(self, held: bool) -> None:
        self._is_held = held

    def show_job(self, directory: str) -> None:
        """Show the log in a job's directory; none when that is empty."""
        if directory == self.directory:
            return
        self.directory = directory
        self.show(_open(directory, self._tail_bytes) if directory else None)

    def take_pace(self, link: "LinkState | None") -> None:
        """Paint as often as the link bears."""
        self._pace_s = max(PACE_S, link.log_interval_s) if link is not None else PACE_S
        if not self._is_held:
            self.poll_s = self._pace_s

    def on_hide(self, _: Hide) -> None:
        """Rest."""
        self.is_held, self.poll_s = True, REST_S

    def on_show(self, _: Show) -> None:
        """Catch up at once."""
        was_held = self._is_held
        self.is_held, self.poll_s = False, self._pace_s
        if was_held:
            self._poll(must_paint=True)


def _open(directory: str, tail_bytes: int) -> Any:
    from envbench.workbench.logs import open_log, open_log_end

    path = Path(directory)
    return open_log_end(path, tail_bytes) if tail_bytes else open_log(path)
