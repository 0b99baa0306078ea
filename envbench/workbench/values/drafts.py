"""Unsaved work that is kept."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Unsaved work of one file."""

    path: str
    """The file that it belongs to."""
    shown: str
    """The path, cleaned for showing."""
    text: str = field(repr=False)
    base_sha256: str
    """Of the file's bytes when it was opened; empty for a file that did not exist."""
    has_bom: bool = False
    written: str
    """ISO 8601, UTC."""
    disk_sha256: str = ""
    """Of the file's bytes now; empty when it cannot be read."""

    @property
    def is_outdated(self) -> bool:
        """Whether the file has changed since the work began."""
        return self.disk_sha256 != self.base_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftNote:
    """That there is unsaved work; `find_draft` gives it."""

    path: str
    shown: str
    """The path, cleaned for showing."""
    written: str
    """ISO 8601, UTC."""
    characters: int
    is_outdated: bool
    """Whether the file has changed since the work began."""
