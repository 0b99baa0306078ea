"""The lines that a search has found, in order, in little memory."""

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from envbench.ui.widgets.log_view.rows import Match, find_spans

if TYPE_CHECKING:
    from envbench.workbench.logs import LogHits, LogQuery, ShownLine


class HitList:
    """What is known of one search."""

    def __init__(self, query: "LogQuery | None" = None) -> None:
        """Begin without hits.

        Args:
            query: What is looked for; None when nothing is.
        """
        self.query = query
        self.lines = array("Q")
        """Numbers of the lines, ascending."""
        self._starts = array("L")
        self._lengths = array("L")
        self.done = query is None
        self.capped = False
        self.scanned = 0
        """Lines that were looked at."""

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, hits: "LogHits") -> None:
        """Take a batch; lines before the last one known are left out."""
        known = self.lines[-1] if self.lines else -1
        skip = bisect_left(hits.lines, known + 1)
        self.lines.extend(hits.lines[skip:])
        self._starts.extend(hits.starts[skip:])
        self._lengths.extend(hits.lengths[skip:])
        self.done = hits.done
        self.capped = hits.capped
        self.scanned = hits.scanned

    def find(self, number: int) -> int:
        """Give the place of the first hit at a line or behind it; the length when none is."""
        return bisect_left(self.lines, number)

    def at(self, number: int) -> int | None:
        """Give the place of a line among the hits; None when it is none."""
        place = self.find(number)
        return place if place < len(self) and self.lines[place] == number else None

    def match(self, line: "ShownLine", current: int | None) -> Match | None:
        """Say what was found in a line.

        A literal pattern is marked wherever it stands; of a regular expression, which nobody
        knows the cost of, only the match that the search itself has told.

        Args:
            line: The line.
            current: Number of the line that the user went to.
        """
        place = self.at(line.number) if self.query is not None else None
        if place is None or self.query is None:
            return None
        is_current = line.number == current
        if not self.query.regex and self.query.pattern:
            ignore_case = self.query.ignore_case
            spans = find_spans(line.text, self.query.pattern, ignore_case=ignore_case)
            if spans:
                return Match(spans, is_current)
        start, length = self._starts[place], self._lengths[place]
        return Match(((start, start + length),) if length else (), is_current)
