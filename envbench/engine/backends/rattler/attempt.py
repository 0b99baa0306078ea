"""One request made ready for the library: parsed, mapped, and solvable in whole or in part."""

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envbench.engine.backends.rattler.pins import constrain_to
from envbench.engine.backends.rattler.runaway import (
    NOTHING_LEARNED,
    PROOF_LIMIT_S,
    UNORDERED,
    Lessons,
    Part,
    watch_solve,
)
from envbench.engine.channel_faults import shorten_library_text
from envbench.engine.channels import build_sources, map_spec
from envbench.engine.conflict_text import is_refusal, is_time_up
from envbench.engine.errors import EngineError, SolveTimeoutError
from envbench.engine.outside_text import show_text
from envbench.engine.rattler_values import to_rattler
from envbench.engine.virtual_packages import build_virtual_packages, list_subdirs
from envbench.model.channel import ChannelPriority
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.plan import RequestedSpec, SolveRequest

if TYPE_CHECKING:
    from rattler import Gateway, MatchSpec, RepoDataRecord, Subdir

ENDLESS_TEXT = (
    "(The solver's own explanation has no end: packages depend on each other in a circle.)"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Everything that is the same for all solves of one request."""

    request: SolveRequest
    gateway: "Gateway"
    specs: tuple["MatchSpec", ...]
    """Parsed, channels mapped; one for each of `request.specs`."""
    ends: float
    """`time.monotonic()` at which the answer is late."""
    lessons: Lessons = NOTHING_LEARNED
    is_refused: bool = False
    """The request as a whole is known to have no solution."""

    @property
    def subdirs(self) -> list["Subdir"]:
        """List the subdirs that packages may come from."""
        return list_subdirs(self.request.host.platform)

    async def run(
        self, chosen: Sequence[int] | None = None, *, unordered: bool = False
    ) -> list["RepoDataRecord"]:
        """Solve for all specs, or for the chosen ones.

        Args:
            chosen: Indexes of specs.
            unordered: With flexible instead of strict channel priority.

        Raises:
            rattler.exceptions.SolverError: There is no solution.
            SolveTimeoutError: Time is up.
            EngineError: The library cannot work with what it was given.
            RunawayError: There is no solution, or so it seems, and the process must be ended.
        """
        from rattler.exceptions import SolverError

        indexes = tuple(range(len(self.specs)) if chosen is None else sorted(chosen))
        part = (UNORDERED, *indexes) if unordered else indexes
        if part in self.lessons.unsolvable:
            raise SolverError(ENDLESS_TEXT)
        limit_s = max(0.01, self.ends - time.monotonic())
        if part != self.lessons.suspect:
            return await self._run_watched(part, limit_s, suspect=False)
        await self._warm_up(indexes)
        try:
            return await self._run_watched(part, min(limit_s, PROOF_LIMIT_S), suspect=True)
        except SolveTimeoutError:
            # It was solving all the time: heavy, but honest.
            return await self._run_watched(part, limit_s, suspect=True)

    async def _run_watched(
        self, part: Part, limit_s: float, *, suspect: bool
    ) -> list["RepoDataRecord"]:
        from rattler.exceptions import SolverError

        try:
            return await watch_solve(
                self._solve(part, limit_s),
                part,
                limit_s=limit_s,
                suspect=suspect,
                trusted=self.is_refused or bool(self.lessons.unsolvable),
            )
        except SolverError as error:
            if is_time_up(str(error)):
                raise SolveTimeoutError(
                    f"the solver found no answer within {self.request.timeout_s:g} s",
                    hint="Pin more versions, or give it more time.",
                ) from None
            if not is_refusal(str(error)):
                raise EngineError(
                    "the solver cannot work with these channels",
                    why=shorten_library_text(str(error)),
                ) from None
            raise

    async def _solve(self, part: Part, limit_s: float) -> list["RepoDataRecord"]:
        from rattler.solver.solver import solve

        unordered = UNORDERED in part
        priority = ChannelPriority.FLEXIBLE if unordered else self.request.channel_priority
        return await solve(
            build_sources(self.request.channels),
            [self.specs[index] for index in part if index != UNORDERED],
            gateway=self.gateway,
            platforms=self.subdirs,
            locked_packages=to_rattler(self.request.installed),
            constraints=constrain_to(self.request.pinned),
            virtual_packages=build_virtual_packages(self.request.host),
            channel_priority=_translate_priority(priority),
            exclude_newer=read_instant(self.request.exclude_newer),
            timestamp_policy="allow-missing",
            channel_relations="disabled",
            timeout=datetime.timedelta(seconds=limit_s),
        )

    async def _warm_up(self, indexes: Sequence[int]) -> None:
        """Bring all records into memory: fetching them is not bound by the solver's time limit."""
        await self.gateway.query(
            build_sources(self.request.channels),
            self.subdirs,
            [self.specs[index] for index in indexes],
            channel_relations="disabled",
        )


def parse_specs(request: SolveRequest) -> tuple["MatchSpec", ...]:
    """Parse the specs of a request leniently, as conda does, channels mapped.

    Raises:
        UsageError: One is no match spec, or there is no channel to look in.
    """
    if not any(group.urls for group in request.channels):
        raise UsageError(
            "no channel to look in",
            hint="List channels in the spec (`channels:`) or in condarc.",
        )
    return tuple(_parse_spec(spec, request) for spec in request.specs)


def _parse_spec(spec: RequestedSpec, request: SolveRequest) -> "MatchSpec":
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    where = f"line {spec.line}" if spec.line is not None else ""
    shown = show_text(spec.text, limit=200)
    # The library reads `-c conda-forge` as a package named `-c`.
    if spec.text.lstrip().startswith("-"):
        raise UsageError(f"{shown!r} is an option and no package", where=where)
    try:
        return MatchSpec(map_spec(spec.text, request.channels))
    except (InvalidMatchSpecError, ValueError) as error:
        raise UsageError(
            f"{shown!r} is no match spec", where=where, why=shorten_library_text(str(error))
        ) from None


def _translate_priority(priority: ChannelPriority) -> Any:
    from rattler import ChannelPriority as Theirs

    return {
        ChannelPriority.STRICT: Theirs.Strict,
        ChannelPriority.FLEXIBLE: Theirs.Flexible,
        ChannelPriority.DISABLED: Theirs.Disabled,
    }[priority]


def read_instant(text: str | None) -> datetime.datetime | None:
    """Read an ISO 8601 instant as the library wants it: in UTC, without a zone.

    Raises:
        UsageError: It is none.
    """
    if text is None:
        return None
    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{clean(text, limit=80)!r} is no ISO 8601 instant") from None
    if instant.tzinfo is not None:
        # The library drops the zone instead of converting it.
        instant = instant.astimezone(datetime.UTC).replace(tzinfo=None)
    return instant
