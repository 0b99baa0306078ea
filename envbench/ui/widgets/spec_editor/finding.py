"""Finding a text in the lines of a document."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MOST_MATCHES = 10_000


class Match(NamedTuple):
    """Where a text was found."""

    row: int
    start: int
    end: int


def find_all(lines: Sequence[str], wanted: str) -> tuple[Match, ...]:
    """Find a text in every line, at most `MOST_MATCHES` times.

    Letter case matters only when a capital is looked for.
    """
    if not wanted:
        return ()
    flags = re.IGNORECASE if wanted == wanted.lower() else re.NOFLAG
    search = re.compile(re.escape(wanted), flags).finditer
    found: list[Match] = []
    for row, line in enumerate(lines):
        found += [Match(row, one.start(), one.end()) for one in search(line)]
        if len(found) >= MOST_MATCHES:
            break
    return tuple(found[:MOST_MATCHES])


class Finder:
    """A text that is looked for, and where it is."""

    def __init__(self) -> None:
        """Look for nothing yet."""
        self.wanted = ""
        self.matches: tuple[Match, ...] = ()
        self.index = -1
        """The match that the cursor was put on; -1 without one."""

    def look(self, lines: Sequence[str], wanted: str, row: int, column: int) -> Match | None:
        """Look for a text and give the first match at or behind a place, around the end."""
        self.wanted = wanted
        self.matches = find_all(lines, wanted)
        later = (i for i, one in enumerate(self.matches) if (one.row, one.start) >= (row, column))
        self.index = next(later, 0) if self.matches else -1
        return self.current

    @property
    def current(self) -> Match | None:
        """The match that the cursor was put on."""
        return self.matches[self.index] if self.index >= 0 else None

    def step(self, by: int) -> Match | None:
        """Go to the next match or the one before, around the end."""
        if self.matches:
            self.index = (self.index + by) % len(self.matches)
        return self.current

    def on(self, row: int) -> list[Match]:
        """Give the matches of a line."""
        return [one for one in self.matches if one.row == row]

    @property
    def count(self) -> str:
        """How many there are, in words."""
        if not self.wanted:
            return "type what to find"
        total = len(self.matches)
        if total == 0:
            return "not found"
        more = "+" if total == MOST_MATCHES else ""
        return f"{self.index + 1} of {total:,}{more}"
