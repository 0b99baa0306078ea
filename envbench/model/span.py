"""Places in a text."""

import re
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of a text, in characters of the decoded text (CRLF kept)."""

    start: int
    """Offset of the first character, 0-based."""
    end: int
    """Offset behind the last character."""
    line: int
    """Line of `start`, 1-based."""
    column: int
    """Column of `start`, 1-based, in characters."""

    @classmethod
    def locate(cls, text: str, start: int, end: int) -> "Span":
        """Make the span of `text[start:end]`, counting lines by line feeds."""
        line_start = text.rfind("\n", 0, start) + 1
        return cls(start, end, text.count("\n", 0, start) + 1, start - line_start + 1)


class LineIndex:
    """Finds line and column of many places of one text, each in logarithmic time."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        """Index the line starts of `text` (lines end with a line feed)."""
        self.text = text
        self._starts = [0]
        self._starts += [match.end() for match in re.finditer("\n", text)]

    def span(self, start: int, end: int) -> Span:
        """Make the span of `text[start:end]`; equal to `Span.locate`."""
        line = bisect_right(self._starts, start)
        return Span(start, end, line, start - self._starts[line - 1] + 1)

    def line_start(self, offset: int) -> int:
        """Give the offset at which the line of `offset` begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_end(self, offset: int) -> int:
        """Give the offset behind the line of `offset`, its line feed included."""
        line = bisect_right(self._starts, offset)
        return self._starts[line] if line < len(self._starts) else len(self.text)
