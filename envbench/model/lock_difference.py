"""What differs between two environments, generations or locks."""

from dataclasses import dataclass

from envbench.model.lock import PipPackage
from envbench.model.plan import ChangeKind, PackageChange


@dataclass(frozen=True, slots=True)
class PipChange:
    """One distribution of the pip part that differs."""

    kind: ChangeKind
    name: str
    old: PipPackage | None
    new: PipPackage | None


@dataclass(frozen=True, slots=True)
class VariableChange:
    """One variable that differs."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockDifference:
    """All that differs; empty parts are equal."""

    conda: tuple[PackageChange, ...] = ()
    """By name."""
    pip: tuple[PipChange, ...] = ()
    variables: tuple[VariableChange, ...] = ()
    channels: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """(old, new) lists, when they differ; their order counts."""
    platform: tuple[str, str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no difference."""
        parts = (self.conda, self.pip, self.variables, self.channels, self.platform)
        return not any(parts)
