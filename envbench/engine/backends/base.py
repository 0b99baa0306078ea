"""What every backend promises: solve, fetch, link. rattler is the one kind so far."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from envbench.model.event import AnyEvent
from envbench.model.plan import Conflict, Plan, SolveRequest

ProgressSink = Callable[[AnyEvent], None]
"""Takes the events of the work; called from the thread that does it, never after it returned."""


class Solver(Protocol):
    """The part of a backend that finds out what to install."""

    def solve(self, request: SolveRequest) -> Plan | Conflict:
        """Find the packages for a request.

        Raises:
            ChannelFaultError: A channel cannot be used.
            UsageError: The request itself cannot be read.
            PreventedError: No answer for another reason: time is up, the solver died.
        """


class Backend(Solver, Protocol):
    """All that a build needs. Each call works to its end or raises; the caller ends it by killing."""

    def fetch(self, plan: Plan, progress: ProgressSink) -> None:
        """Bring all archives of a plan into the package cache, checked and vetted.

        Raises:
            PreventedError: An archive cannot be had, is broken, or is refused; names the package.
        """

    def link(self, plan: Plan, prefix: Path, target_prefix: Path, progress: ProgressSink) -> None:
        """Make the packages of a plan, all of them in the cache, into a prefix.

        Args:
            plan: What to link.
            prefix: The directory to fill.
            target_prefix: The path that the files are told they live at.
            progress: Takes the events.

        Raises:
            PreventedError: Disk full, read-only, a package refused; `prefix` is then unusable.
        """
