"""One format a lock can be written in: what is said of it in lists, and doors to its module.

A module is loaded when its format is used: lists and readers need none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import LockAspect

Write = Callable[[Sequence[Lock], ExportOptions], tuple[ExportedFile, ...]]
"""Writes one environment on one or more platforms; the first file is the format's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFormat:
    """One format."""

    name: str
    """As the command line takes it."""
    file_name: str
    """The name under which consumers recognise the format; a relative path for some."""
    summary: str
    """One line for help texts."""
    module: str
    """Below `envbench.formats`: `locks.explicit`."""
    write_door: str = "write"
    """Name of the writer in its module."""
    kept_door: str = "KEPT"
    """Name of the set of aspects in its module."""
    losses_door: str = "find_losses"
    """Name of the function that tells more losses; a module need not have one."""
    many_platforms: bool = False
    """Whether one file holds several platforms."""
    is_lock: bool = True
    """Whether it is read back and can be built from; else it is a file for another tool."""
    names_packages: bool = True
    """Whether it, or a file beside it, names packages; else it only points to an environment."""
    choices: frozenset[str] = frozenset()
    """Fields of `ExportOptions` that matter to it, the time apart."""
    names_python: bool = False
    """Whether a Python that is no conda package (of a virtual environment) is named."""

    @property
    def kept(self) -> frozenset[LockAspect]:
        """What the format can say."""
        kept: frozenset[LockAspect] = self._door(self.kept_door)
        return kept

    def write(self, locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
        """Write one environment, on one platform or each of its platforms.

        Returns:
            The files; the first one is the format's own.

        Raises:
            UsageError: The format cannot hold this lock.
        """
        write: Write = self._door(self.write_door)
        return write(locks, options)

    def find_losses(self, lock: Lock, options: ExportOptions) -> tuple[Loss, ...]:
        """Tell the losses beyond those that follow from what is kept."""
        always: Callable[[Lock], tuple[Loss, ...]] | None = self._door(self.losses_door)
        chosen: Callable[[Lock, ExportOptions], tuple[Loss, ...]] | None
        chosen = self._door("find_option_losses")
        return (*(always(lock) if always else ()), *(chosen(lock, options) if chosen else ()))

    def _door(self, name: str) -> Any:
        return getattr(import_module(f"envbench.formats.{self.module}"), name, None)
