"""Shifting lines of YAML to the right or to the left."""

INDENT = "  "


def shift_line(line: str, by: int) -> str:
    """Shift a line by one step: to the right (`by` > 0; blank lines stay) or back."""
    if by > 0:
        return INDENT + line if line.strip() else line
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, len(INDENT)) :]


def indent_of(line: str) -> str:
    """Give the blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" "))]
