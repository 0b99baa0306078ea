"""Who works in an environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentUser:
    """One process of this user that uses an environment."""

    pid: int
    name: str
    """The kernel's short name of it."""
    how: str
    """`runs it`, `works in it`, `has files of it mapped`, `has it activated`."""
    generation: int | None = None
    """Which generation it uses; None for environments of other tools."""
