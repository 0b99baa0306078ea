"""Specs that were opened lately."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecentSpec:
    """A spec that was opened before."""

    path: str
    shown: str
    """The path, cleaned for showing."""
    opened: str
    """When it was last opened: ISO 8601, UTC."""
