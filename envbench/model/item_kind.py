"""The kinds of items that a spec is made of."""

from enum import StrEnum


class ItemKind(StrEnum):
    """What stands on a line of a spec."""

    CONDA = "conda"
    PIP = "pip"
    CHANNEL = "channel"
    NAME = "name"
    VARIABLE = "variable"
    OTHER = "other"
    """Keys, comments, blank lines and what edits do not touch."""
