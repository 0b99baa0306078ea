"""One solve through the library: a request in, a plan or a conflict out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from envbench.engine.backends.rattler.attempt import Attempt, parse_specs
from envbench.engine.backends.rattler.conflicts.explain import explain_conflict
from envbench.engine.backends.rattler.repodata import ReportPending
from envbench.engine.backends.rattler.runaway import NOTHING_LEARNED, Lessons
from envbench.engine.backends.rattler.solver_memory import SolverMemory
from envbench.engine.channel_faults import describe_fault
from envbench.engine.channels import ChannelNames, normalise_url
from envbench.engine.conflict_text import read_conflict
from envbench.engine.errors import EngineError
from envbench.engine.rattler_values import from_rattler, sort_for_linking
from envbench.engine.virtual_packages import build_virtual_packages, list_subdirs
from envbench.model.conflict import Conflict
from envbench.model.plan import Plan, SolveRequest

if TYPE_CHECKING:
    from rattler import RepoDataRecord


async def solve_request(
    memory: SolverMemory,
    request: SolveRequest,
    report: ReportPending = lambda _: None,
    *,
    lessons: Lessons = NOTHING_LEARNED,
    explain: bool = True,
) -> Plan | Conflict:
    """Find the packages for a request.

    Args:
        memory: The indexes of channels; loaded here where they are missing or old.
        request: What to solve.
        report: Told which channels are being loaded.
        lessons: What was learned from processes that ran away with the same request.
        explain: Narrow a refusal down to lines; without, it is only the solver's text.

    Raises:
        UsageError: A spec, a channel list or the host profile cannot be read.
        ChannelFaultError: A channel cannot be used.
        SolveTimeoutError: Time is up.
        RunawayError: The process must be ended, and the request tried again with this lesson.
        HostileRecordError: A channel offers a package with a name that is no plain text.
    """
    from rattler.exceptions import SolverError

    began = time.monotonic()
    attempt = await _open_attempt(memory, request, report, lessons)
    started = time.perf_counter()
    try:
        records = await _run(attempt)
    except SolverError as error:
        # Which lines exclude each other is not the question where packages are pinned.
        if not explain or request.pinned:
            text = read_conflict(str(error)).text
            return Conflict("no solution", (), text, is_proven=False)
        return await explain_conflict(memory, replace(attempt, is_refused=True), str(error), began)
    return _build_plan(request, records, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class TryOutcome:
    """What came of a try."""

    picks: tuple["RepoDataRecord", ...]
    """The packages; empty when there is no solution."""
    name_channel: ChannelNames
    """Names their channels as the user does."""
    refusal: str
    """The solver's words, cleaned; empty when there is a solution."""
    solve_s: float
    records: int
    """How many records there were to choose from; 0 when that was not counted."""


async def try_request(
    memory: SolverMemory,
    request: SolveRequest,
    kept: Sequence[int],
    report: ReportPending = lambda _: None,
    *,
    lessons: Lessons = NOTHING_LEARNED,
) -> TryOutcome:
    """Find out whether a changed request has a solution.

    Args:
        memory: As for `solve_request`.
        request: What to solve.
        kept: Indexes of specs that all tries of one search have in common.
        report: Told which channels are being loaded.
        lessons: What was learned from processes that ran away with the same request.

    Raises:
        As `solve_request`.
    """
    from rattler.exceptions import SolverError

    whole = await _open_attempt(memory, request, report, lessons)
    small = await memory.searches.find_pruned(whole, memory.stamp(request), kept) if kept else None
    attempt = small.adapt(whole) if small is not None else whole
    records: list[RepoDataRecord] = []
    refusal = ""
    started = time.perf_counter()
    try:
        records = await _run(attempt)
    except SolverError as error:
        text = small.restore(str(error)) if small is not None else str(error)
        refusal = read_conflict(text).text or "no solution"
    return TryOutcome(
        picks=tuple(records),
        name_channel=ChannelNames(attempt.request.channels),
        refusal=refusal,
        solve_s=time.perf_counter() - started,
        records=small.records if small is not None else 0,
    )


async def _open_attempt(
    memory: SolverMemory, request: SolveRequest, report: ReportPending, lessons: Lessons
) -> Attempt:
    ends = time.monotonic() + request.timeout_s
    specs = parse_specs(request)
    build_virtual_packages(request.host)
    list_subdirs(request.host.platform)
    gateway = await memory.store.load(
        request.channels,
        request.host.platform,
        offline=request.offline,
        ends=ends,
        report=report,
    )
    return Attempt(request, gateway, specs, ends, lessons)


async def _run(attempt: Attempt) -> list["RepoDataRecord"]:
    from rattler.exceptions import GatewayError

    try:
        return await attempt.run()
    except GatewayError as error:
        raise await _locate_fault(attempt, str(error)) from None


def _build_plan(request: SolveRequest, records: list["RepoDataRecord"], solve_s: float) -> Plan:
    names = ChannelNames(request.channels)
    return Plan(
        platform=request.host.platform,
        packages=tuple(from_rattler(record, names) for record in sort_for_linking(records)),
        channels=request.channels,
        channel_priority=request.channel_priority,
        host=request.host,
        solve_s=solve_s,
    )


async def _locate_fault(attempt: Attempt, text: str) -> EngineError:
    """Find out which channel a fault during the solve belongs to, by asking each by itself."""
    from rattler import Channel
    from rattler.exceptions import GatewayError

    for group in attempt.request.channels:
        for url in map(normalise_url, group.urls):
            try:
                await attempt.gateway.query(
                    [Channel(url)],
                    attempt.subdirs,
                    list(attempt.specs),
                    channel_relations="disabled",
                )
            except GatewayError as error:
                return describe_fault(str(error), channel=group.name, url=url)
    first = attempt.request.channels[0]
    return describe_fault(text, channel=first.name, url=first.urls[0])
