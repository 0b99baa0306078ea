"""Files compared with what would be written in their place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One file that would be written."""

    path: str
    state: str
    """`same`, `missing` or `differs`."""
    difference: str = ""
    """The first lines of a unified diff, from what is there to what would be written."""
