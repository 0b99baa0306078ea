"""Specs as they are opened and saved."""

from dataclasses import dataclass, field
from enum import StrEnum

from envbench.formats.line_ends import LineEnds
from envbench.workbench.values.drafts import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSpec:
    """A spec as it lies on disk, and the unsaved work on it."""

    path: str
    shown: str
    """The path, cleaned for showing."""
    text: str = field(repr=False)
    """Line ends as they are, without a byte order mark."""
    sha256: str
    """Of the file's bytes; `save_spec` wants it back."""
    has_bom: bool
    line_ends: LineEnds
    read_only: str = ""
    """Why it cannot be saved, in words; empty when it can."""
    modified: float
    """Seconds since 1970."""
    draft: Draft | None = None
    """Unsaved work that says something else than the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSpec:
    """A spec that was saved."""

    path: str
    sha256: str
    """Of the bytes that were written."""
    text: str = field(repr=False)
    """What the file holds now: the text given, or with the line ends that were kept."""
    modified: float
    """Seconds since 1970."""
    note: str = ""
    """What is worth knowing, such as that the owner changed; mostly empty."""


class ClashKind(StrEnum):
    """What became of the file since it was opened."""

    CHANGED = "changed"
    GONE = "gone"
    EXISTS = "exists"
    """It was to be made, and is there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveClash:
    """Nothing was saved: the file is not the one that was opened."""

    path: str
    kind: ClashKind
    message: str
    """One line, for showing."""
    disk_text: str = field(default="", repr=False)
    """What the file holds now; empty when it is gone or is no text any more."""
    disk_sha256: str = ""
    disk_has_bom: bool = False
    difference: tuple[str, ...] = ()
    """From the file to the text that was to be saved, as a unified diff, cut."""
    left_off: int = 0
    """Lines of the difference that were cut."""


@dataclass(frozen=True, slots=True)
class SaveOutcome:
    """What came of a save: one of the two."""

    saved: SavedSpec | None = None
    clash: SaveClash | None = None
