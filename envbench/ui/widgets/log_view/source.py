"""A log while it is being counted: its end can be shown long before all its lines have numbers."""

from typing import TYPE_CHECKING

from envbench.ui.widgets.log_view.pages import LogPages

if TYPE_CHECKING:
    from envbench.workbench.logs import LogIndex

TAIL_BYTES = 512 * 1024
_FAR_BYTES = 8 * 1024 * 1024
"""So much can be counted in the blink of an eye; with more left, the end is shown by itself."""


class LogSource:
    """A log, and for a while an index of its end alone."""

    def __init__(self, log: "LogIndex") -> None:
        """Take over a log."""
        self.log = log
        self.pages = LogPages(log)
        self.has_more = True
        """Not all of the log is counted yet."""
        self._tail: LogPages | None = None
        self._had_tail = False

    def close(self) -> None:
        """Let the files go."""
        self.log.close()
        if self._tail is not None:
            self._tail.log.close()

    @property
    def end_pages(self) -> LogPages:
        """What to show at the end: the tail while it is there, all of the log else."""
        return self._tail or self.pages

    @property
    def state(self) -> tuple[object, ...]:
        """Equal as long as nothing has become of the log."""
        return (self.log.position, self.log.generation, self.log.fault, self.has_more)

    def advance(self, budget_s: float) -> bool:
        """Count on; tells whether more is left."""
        self.has_more = self.log.advance(budget_s)
        left = self.log.size - self.log.position
        if self.has_more and left > _FAR_BYTES and not self._had_tail:
            self._open_tail()
        if self._tail is not None and self.has_more:
            self._tail.log.advance(budget_s / 2)
        return self.has_more

    def drop_tail(self) -> int:
        """Stop showing the end by itself.

        Returns:
            The number that its first line has in the whole log.
        """
        tail, self._tail = self._tail, None
        if tail is None:
            return 0
        tail.log.close()
        return self.log.line_at(tail.log.first_offset)

    def _open_tail(self) -> None:
        self._had_tail = True
        # The same kind of index, over the end of the same log.
        tail = type(self.log)(self.log.directory, tail_bytes=TAIL_BYTES)
        tail.advance(1.0)
        self._tail = LogPages(tail)
