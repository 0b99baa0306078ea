"""A list with a cursor, a window and a filter: what a pane of rows does, without drawing."""

from collections.abc import Sequence

from envbench.ui.ink import Line
from envbench.ui.pane_view import FIRST_ROW, Row


class RowList:
    """Rows, the cursor among them, and the part of them that is seen.

    The cursor belongs to a row's key, so that it stays on its thing while others come and go.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: tuple[Row, ...] = ()
        self.pattern = ""
        """Rows that do not contain it are left out; letter case does not matter."""
        self.key = ""
        """Key of the row under the cursor; empty when there is none."""
        self.top = 0
        """The first line that is seen."""
        self._shown: list[Row] = []
        self._lines: list[tuple[int, Line]] = []
        self._first: list[int] = []
        self._index = 0
        self._aimed = ""

    @property
    def shown(self) -> Sequence[Row]:
        """The rows that pass the filter."""
        return self._shown

    @property
    def lines(self) -> Sequence[tuple[int, Line]]:
        """Every line that passes, with the index of its row in `shown`."""
        return self._lines

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._shown[self._index] if self.key and self._shown else None

    @property
    def position(self) -> tuple[int, int]:
        """Which of how many selectable rows the cursor is on, from 1; (0, 0) without any."""
        places = self._places()
        return (places.index(self._index) + 1, len(places)) if self.key in self._keys() else (0, 0)

    def replace(self, rows: tuple[Row, ...]) -> None:
        """Take other rows; the cursor stays on its key, or else near where it was."""
        self.rows = rows
        self._arrange()

    def filter(self, pattern: str) -> None:
        """Leave out rows that do not contain a text."""
        self.pattern = pattern
        self._arrange()

    def move(self, steps: int) -> bool:
        """Move the cursor by selectable rows; tells whether it moved."""
        places = self._places()
        if not places:
            return False
        here = places.index(self._index) if self._index in places else 0
        return self._put(places[max(0, min(len(places) - 1, here + steps))])

    def move_to(self, key: str) -> bool:
        """Put the cursor on a key; tells whether it moved."""
        for index in self._places():
            if self._shown[index].key == key:
                return self._put(index)
        return False

    def aim(self, key: str) -> bool:
        """Put the cursor on a key now, or when rows come that have it; tells whether it moved."""
        self._aimed = key
        before = self.key
        self._settle()
        return self.key != before

    def move_to_line(self, line: int) -> bool:
        """Put the cursor on the row that owns a line of `lines`."""
        if 0 <= line < len(self._lines):
            index = self._lines[line][0]
            if self._shown[index].selectable:
                self._put(index)
                return True
        return False

    def scroll(self, lines: int, height: int) -> bool:
        """Move the window without the cursor; tells whether it moved."""
        old = self.top
        self.top = max(0, min(len(self._lines) - height, self.top + lines))
        return self.top != old

    def reveal(self, height: int) -> None:
        """Move the window so that the whole row under the cursor is seen."""
        highest = max(0, len(self._lines) - height)
        if self.key and self._shown and height > 0:
            start = self._first[self._index]
            end = start + len(self._shown[self._index].lines)
            first, *others = self._places() or [-1]
            if others and self._index == others[-1]:
                # What is said below the last row comes into sight with it: no key goes further.
                end = max(end, min(len(self._lines), start + height))
            self.top = min(self.top, start) if start < self.top else max(self.top, end - height)
            if start < self.top:
                self.top = start
            # Headings over the first row come into sight with it.
            if self._index == first:
                self.top = 0 if end <= height else self.top
        self.top = max(0, min(self.top, highest))

    def _put(self, index: int) -> bool:
        self._aimed = ""
        moved = self._shown[index].key != self.key
        self._index, self.key = index, self._shown[index].key
        return moved

    def _places(self) -> list[int]:
        return [index for index, row in enumerate(self._shown) if row.selectable]

    def _keys(self) -> set[str]:
        return {row.key for row in self._shown if row.selectable}

    def _arrange(self) -> None:
        wanted = self.pattern.casefold()
        self._shown = [
            row
            for row in self.rows
            if not wanted or (row.selectable and wanted in row.plain.casefold())
        ]
        self._lines, self._first = [], []
        for index, row in enumerate(self._shown):
            self._first.append(len(self._lines))
            self._lines += [(index, line) for line in row.lines]
        self._settle()

    def _settle(self) -> None:
        places = self._places()
        if not places:
            self._index = 0
            if not self.pattern:
                # A text has come into the place of a list: it is read from its beginning.
                self.top = 0 if self.key else self.top
                self.key = ""
            return
        keys = {self._shown[index].key: index for index in places}
        if self._aimed == FIRST_ROW:
            self._aimed = self._shown[places[0]].key
        for key in (self._aimed, self.key):
            if key in keys:
                self._index, self.key = keys[key], key
                self._aimed = "" if key == self._aimed else self._aimed
                return
        near = [index for index in places if index >= self._index] or places[-1:]
        self._index, self.key = near[0], self._shown[near[0]].key
