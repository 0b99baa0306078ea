"""A document that gives back the very text it was made of.

Textual's own document joins all lines by one kind of line ending and breaks lines at form feeds and
Unicode separators too. A spec must come back byte for byte, and its lines must be those that the
problems of a spec count: they end with a line feed, with or without a carriage return before it.
"""

from itertools import chain
from typing import TYPE_CHECKING, overload

from textual.document._document import DocumentBase, EditResult, Location, Newline
from textual.geometry import Size

from envbench.ui.widgets.spec_editor import visible


class ExactDocument(DocumentBase):
    """Lines, and how each of them ends."""

    def __init__(self, text: str) -> None:
        """Split a text; it may hold any characters."""
        self._lines, self._endings = _split(text)
        self._widths = [visible.width(line) for line in self._lines]
        returns = self._endings.count("\r\n")
        self._newline: Newline = "\r\n" if returns * 2 > len(self._lines) - 1 else "\n"
        self._text: str | None = text

    @property
    def lines(self) -> list[str]:
        """The lines without their endings; never empty."""
        return self._lines

    @property
    def text(self) -> str:
        """The whole text."""
        if self._text is None:
            self._text = "".join(chain.from_iterable(zip(self._lines, self._endings, strict=True)))
        return self._text

    @property
    def newline(self) -> Newline:
        """What most lines end with; new lines end with it too."""
        return self._newline

    @property
    def line_count(self) -> int:
        """The number of lines, at least 1."""
        return len(self._lines)

    @property
    def start(self) -> Location:
        """The first location."""
        return 0, 0

    @property
    def end(self) -> Location:
        """The location behind the last character."""
        return len(self._lines) - 1, len(self._lines[-1])

    def get_line(self, index: int) -> str:
        """Give a line without its ending."""
        return self._lines[index]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, line_index: int) -> str: ...
        @overload
        def __getitem__(self, line_index: slice) -> list[str]: ...

    def __getitem__(self, line_index: int | slice) -> str | list[str]:
        """Give a line, or some."""
        return self._lines[line_index]

    def get_size(self, indent_width: int) -> Size:  # noqa: ARG002 - a tab takes one cell here
        """Give the width of the widest line and the number of lines."""
        return Size(max(self._widths), len(self._lines))

    def get_text_range(self, start: Location, end: Location) -> str:
        """Give the text between two locations, with the endings as they are."""
        (top, left), (bottom, right) = self._order(start, end)
        if top == bottom:
            return self._lines[top][left:right]
        parts = [self._lines[top][left:], self._endings[top]]
        for row in range(top + 1, bottom):
            parts += (self._lines[row], self._endings[row])
        return "".join((*parts, self._lines[bottom][:right]))

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Put a text, exactly as it is, between two locations."""
        (top, left), (bottom, right) = self._order(start, end)
        replaced = self.get_text_range((top, left), (bottom, right))
        lines, endings = _split(text)
        end_column = len(lines[-1]) + (left if len(lines) == 1 else 0)
        lines[0] = self._lines[top][:left] + lines[0]
        lines[-1] += self._lines[bottom][right:]
        endings[-1] = self._endings[bottom]
        rows = slice(top, bottom + 1)
        self._lines[rows], self._endings[rows] = lines, endings
        self._widths[rows] = [visible.width(line) for line in lines]
        self._text = None
        return EditResult((top + len(lines) - 1, end_column), replaced)

    def location_of(self, offset: int) -> Location:
        """Find the location of a character of the text; within an ending it is the line's end."""
        for row, (line, ending) in enumerate(zip(self._lines, self._endings, strict=True)):
            size = len(line) + len(ending)
            if offset < size:
                return row, max(0, min(offset, len(line)))
            offset -= size
        return self.end

    def offset_of(self, location: Location) -> int:
        """Count the characters of the text before a location."""
        (row, column), _ = self._order(location, location)
        before = zip(self._lines[:row], self._endings, strict=False)
        return column + sum(len(line) + len(ending) for line, ending in before)

    def _order(self, start: Location, end: Location) -> tuple[Location, Location]:
        """Sort two locations and bring them into the text."""
        first, last = sorted((start, end))
        return self._clamp(first), self._clamp(last)

    def _clamp(self, location: Location) -> Location:
        row, column = location
        if row >= len(self._lines):
            return self.end
        row = max(0, row)
        return row, max(0, min(column, len(self._lines[row])))


def _split(text: str) -> tuple[list[str], list[str]]:
    """Give the lines and their endings; the last ending is empty."""
    lines = text.split("\n")
    endings = ["\n"] * (len(lines) - 1)
    if "\r\n" in text:
        for row in range(len(endings)):
            if lines[row].endswith("\r"):
                lines[row] = lines[row][:-1]
                endings[row] = "\r\n"
    return lines, [*endings, ""]
