"""Places in a text."""

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
