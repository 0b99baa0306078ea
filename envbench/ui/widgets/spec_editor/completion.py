"""What is offered while a word is typed, and which of it is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_ROWS = 8
"""Offers seen at once."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One offer."""

    insert: str
    """What is put into the text."""
    label: str
    """What is shown first: mostly the same."""
    detail: str
    """One fact about it, such as its newest version; may be empty."""
    start_column: int
    """Where the text begins that it replaces, up to the cursor: characters of the line before it."""


class Offers:
    """The offers of one moment.

    Nothing is chosen at first: Tab takes the first one, Enter stays Enter. After the first step down
    one is chosen, and Enter takes it.
    """

    def __init__(self, items: Sequence[Completion], row: int) -> None:
        """Offer something for a row (0-based) of the text."""
        self.items = tuple(items)
        self.row = row
        self.index = -1
        """The chosen one; -1 while nothing is chosen."""
        self.top = 0
        """The first one that is seen."""

    @property
    def is_chosen(self) -> bool:
        """Whether Enter takes one."""
        return self.index >= 0

    @property
    def best(self) -> Completion:
        """The chosen one, or else the first."""
        return self.items[max(0, self.index)]

    def step(self, by: int) -> bool:
        """Choose the next or the one before; False when a step leads out at the top."""
        if self.index + by < -1:
            return False
        self.index = min(self.index + by, len(self.items) - 1)
        self.top = max(0, min(self.top, self.index))
        self.top = max(self.top, self.index - MOST_ROWS + 1)
        return True

    def seen(self, rows: int) -> Sequence[tuple[int, Completion]]:
        """Give what is seen in a number of rows, each with its index."""
        top = max(self.top, self.index - rows + 1)
        return tuple(enumerate(self.items))[top : top + rows]

    def narrow(self, line: str, column: int) -> "Offers":
        """Keep what still fits after a key; without a choice.

        Args:
            line: The line as it is now.
            column: Characters before the cursor.
        """
        kept = [item for item in self.items if _fits(item, line, column)]
        return Offers(kept, self.row)


def _fits(item: Completion, line: str, column: int) -> bool:
    typed = line[item.start_column : column].casefold()
    return column > item.start_column and item.insert.casefold().startswith(typed)
