"""What a title can say of the log that is shown."""

from typing import NamedTuple


class Status(NamedTuple):
    """How things stand in a log viewer."""

    follow: bool = True
    """The end is shown and stays shown."""
    lines: int = 0
    """Lines of the log that are known."""
    new_lines: int = 0
    """Lines that came since following ended and that were not seen."""
    counting: bool = False
    """More of the log is there and will be counted soon."""
    percent: int = 100
    """How far down what is shown lies."""
    matches: int = 0
    match: int = 0
    """Which match the current line is, from 1; 0 when it is none."""
    searching: bool = False
    """More matches may come."""
    capped: bool = False
    """There are more matches than are told."""
    filtered: bool = False
    """Only matching lines are shown."""
    note: str = ""
    """What became of the file, or why it cannot be read; empty when all is as expected."""
