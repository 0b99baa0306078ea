"""The lines that a viewer shows, by their place in what is shown: all of a log, or the hits."""

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envbench.workbench.logs import LogIndex, ShownLine

_AHEAD = 64
_MOST_KEPT = 1024


class LogPages:
    """A log, all of it or only some lines, with the last read ones kept."""

    def __init__(self, log: "LogIndex") -> None:
        """Show all of a log."""
        self.log = log
        self.only: array[int] | None = None
        """Numbers of the lines that are shown, ascending; None for all."""
        self._kept: dict[int, ShownLine] = {}
        self._generation = log.generation

    @property
    def count(self) -> int:
        """How many entries there are."""
        return self.log.line_count if self.only is None else len(self.only)

    def number_of(self, entry: int) -> int:
        """Give the number of the line that an entry is."""
        if self.only is None:
            return entry
        return self.only[min(max(0, entry), len(self.only) - 1)] if self.only else 0

    def entry_of(self, number: int) -> int:
        """Give the entry of a line, or of the next line that is shown."""
        return number if self.only is None else bisect_left(self.only, number)

    def get(self, entry: int) -> "ShownLine | None":
        """Read an entry; None when there is no such line (any more)."""
        if not 0 <= entry < self.count:
            return None
        number = self.number_of(entry)
        if self._generation != self.log.generation:
            self._kept.clear()
            self._generation = self.log.generation
        line = self._kept.get(number)
        return line or self._read(number)

    def _read(self, number: int) -> "ShownLine | None":
        if self.only is None:
            lines = self.log.read_lines(number - number % _AHEAD, _AHEAD)
        else:
            lines = self.log.read_lines(number, 1)
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        # A line without an end changes: it is read each time.
        self._kept.update((line.number, line) for line in lines if line.has_ended)
        return next((line for line in lines if line.number == number), None)
