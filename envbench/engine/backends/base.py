"""What every backend promises: solve, fetch, link. rattler is the one kind so far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from envbench.model.conflict import Conflict
from envbench.model.event import AnyEvent
from envbench.model.plan import PackageRecord, Plan, SolveRequest

ProgressSink = Callable[[AnyEvent], None]
"""Takes the events of the work; called from the thread that does it, never after it returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What is now in the package cache, and what a user should know of it."""

    fetched: tuple[str, ...] = ()
    """Distributions that were not in the cache, or were damaged there."""
    downloaded_bytes: int = 0
    link_scripts: tuple[str, ...] = ()
    """Distributions with post-link or pre-unlink scripts, sorted."""
    warnings: tuple[str, ...] = ()
    """One line each; they were sent as events too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReport:
    """What was linked and proven."""

    packages: int
    files: int
    """Verified: hard links to validated files, and files whose digest was compared."""
    linked_bytes: int
    """Size of these files."""
    mended: tuple[str, ...] = ()
    """Distributions that were damaged in the cache and fetched again."""


@dataclass(frozen=True, slots=True)
class UnmetNeed:
    """A need of a package that neither the other packages nor the box meet."""

    package: str
    """`name-version-build`."""
    needs: str
    """The match spec, `__cuda >=12`."""
    found: str
    """Which version is there instead; empty when there is none."""

    @property
    def is_of_the_box(self) -> bool:
        """Whether the box would have to meet it: driver, C library, processor."""
        return self.needs.startswith("__")


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
    """All that a build needs. Each call works to its end or raises; the caller ends it by killing.

    What is solved goes from `solve` to `fetch` and `link`; what is locked from `adopt` to `fetch`,
    `complete` and `link`.
    """

    def adopt(self, packages: Sequence[PackageRecord], request: SolveRequest) -> Plan:
        """Make a plan of the packages of a lock, as they stand; only their places need be known.

        Args:
            packages: Each with name, version, build and address.
            request: Says the channels and the box; nothing is solved.

        Raises:
            PreventedError: A package has a name that is no plain text.
        """

    def complete(self, plan: Plan, request: SolveRequest) -> Plan:
        """Complete the records of a plan that `fetch` has seen to, from the archives themselves.

        Args:
            plan: As `adopt` made it; every archive is in the cache.
            request: As `adopt` got it.

        Returns:
            The same packages, dependencies first; what the plan said already is kept.

        Raises:
            PreventedError: What the plan says of an archive is not so; names the package.
        """

    def find_unmet(self, plan: Plan) -> tuple[UnmetNeed, ...]:
        """List what the packages of a complete plan need and neither they nor its box have."""

    def fetch(self, plan: Plan, progress: ProgressSink) -> FetchReport:
        """Bring all archives of a plan into the package cache, checked and vetted.

        Raises:
            PreventedError: An archive cannot be had, is broken, or is refused; names the package.
        """

    def link(
        self,
        plan: Plan,
        prefix: Path,
        target_prefix: Path,
        progress: ProgressSink,
        *,
        requested: Sequence[str] = (),
        run_link_scripts: bool = False,
    ) -> LinkReport:
        """Make the packages of a plan, all of them in the cache, into a prefix; verify each file.

        Args:
            plan: What to link.
            prefix: The directory to fill.
            target_prefix: The path that the files are told they live at.
            progress: Takes the events.
            requested: The user's specs, which the records of the prefix name.
            run_link_scripts: Run post-link scripts of packages: code of strangers.

        Raises:
            PreventedError: Disk full, read-only, a package refused; `prefix` is then unusable.
        """
