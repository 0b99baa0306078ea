"""A pack that is being read: where it lies, whom to tell how far it is, and how it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError

OnBytes = Callable[[int, int], None]
"""Told how many bytes are done, and of how many."""


@dataclass(frozen=True, slots=True)
class PackSource:
    """A tar or a folder that claims to be a pack."""

    path: Path
    on_bytes: OnBytes

    def refuse(self, why: str) -> NotFineError:
        """Make the refusal of a pack that is not what it says."""
        return NotFineError(
            "this pack cannot be relied on, and nothing of it is used",
            where=clean(str(self.path), limit=1000),
            why=why,
            hint="Copy it again from where it came; if it stays so, pack the environment again.",
        )
