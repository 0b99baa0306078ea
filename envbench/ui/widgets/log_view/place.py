"""Where a view stands in a list of lines that may take several rows each; pure."""

from collections.abc import Callable

RowsOf = Callable[[int], int]
"""How many rows an entry takes, at least 1."""


class Place:
    """The first row that is shown: an entry, and how many of its rows are above the edge."""

    def __init__(self) -> None:
        """Begin at the end, following it."""
        self.top = 0
        self.sub = 0
        self.follow = True

    def settle(self, count: int, height: int, rows_of: RowsOf) -> None:
        """Keep within what there is; when following, move to the end."""
        end = find_end(count, height, rows_of)
        if self.follow:
            self.top, self.sub = end
        elif self.top < 0:
            self.top, self.sub = 0, 0
        elif (self.top, self.sub) > end:
            self.top, self.sub = end
        elif self.sub and self.sub >= rows_of(self.top):
            self.sub = rows_of(self.top) - 1

    def scroll(self, rows: int, count: int, height: int, rows_of: RowsOf) -> None:
        """Move by rows; following ends when it goes up, and begins when it goes down to the end."""
        self.settle(count, height, rows_of)
        if rows < 0:
            before = (self.top, self.sub)
            self._go_up(-rows, rows_of)
            if (self.top, self.sub) != before:
                self.follow = False
        elif not self.follow:
            self._go_down(rows, count, rows_of)
            end = find_end(count, height, rows_of)
            if (self.top, self.sub) >= end:
                self.top, self.sub = end
                self.follow = True

    def go_to(self, entry: int) -> None:
        """Put an entry at the upper edge; following ends."""
        self.top, self.sub, self.follow = max(0, entry), 0, False

    def _go_up(self, rows: int, rows_of: RowsOf) -> None:
        self.sub -= rows
        while self.sub < 0 and self.top > 0:
            self.top -= 1
            self.sub += rows_of(self.top)
        self.sub = max(0, self.sub)

    def _go_down(self, rows: int, count: int, rows_of: RowsOf) -> None:
        self.sub += rows
        while self.top < count - 1 and self.sub >= (taken := rows_of(self.top)):
            self.top += 1
            self.sub -= taken


def find_end(count: int, height: int, rows_of: RowsOf) -> tuple[int, int]:
    """Find the place from which the last entries just fill a height."""
    entry, rows = count, 0
    while entry > 0 and rows < height:
        entry -= 1
        rows += rows_of(entry)
    return entry, max(0, rows - height)
