"""Locking for ever nearer boxes, where an ordinary one cannot have what a spec asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from envbench.model.conflict import Conflict, CoreKind
from envbench.model.errors import NotFineError
from envbench.model.host import HostProfile
from envbench.model.lock import Lock
from envbench.model.plan import SolveRequest
from envbench.model.spec import EnvironmentSpec
from envbench.model.version import parse_version
from envbench.workbench.locks.planning import PlatformLock, SpecPlanner

_FLOOR = re.compile(r"(__[a-z_]+) +(?:>=|==?)([0-9]+(?:\.[0-9]+)*)")


@dataclass(frozen=True, slots=True)
class NearestLock:
    """What came of a spec on one platform, and for which box."""

    planned: PlatformLock
    host: HostProfile
    is_nearer: bool
    """Whether the box is none of those that it was to be locked for at first."""


def plan_for_nearest(
    planner: SpecPlanner,
    spec: EnvironmentSpec,
    request: SolveRequest,
    kept: Lock | None,
    nearer: Sequence[HostProfile],
) -> NearestLock:
    """Lock a spec for a box; for the first of the others that can have it, if that cannot.

    Args:
        planner: Of the spec.
        spec: Sound on the platform of the request.
        request: Of its conda part, for the box.
        kept: What was locked before.
        nearer: The other boxes, of the same platform.

    Raises:
        As `SpecPlanner.plan`, for the box of the request.
    """
    fault, planned = None, PlatformLock()
    try:
        planned = planner.plan(spec, request, kept)
    except NotFineError as refused:
        # Wheels ask for a C library, too.
        fault = refused
    if planned.lock is not None:
        return NearestLock(planned, request.host, is_nearer=False)
    for host in nearer:
        found = _try(planner, spec, replace(request, host=host), kept)
        if found is not None:
            return NearestLock(found, host, is_nearer=True)
    if fault is not None:
        raise fault
    return NearestLock(planned, request.host, is_nearer=False)


def _try(
    planner: SpecPlanner, spec: EnvironmentSpec, request: SolveRequest, kept: Lock | None
) -> PlatformLock | None:
    # Asked shortly at first: why there is no solution has been found out already.
    if not planner.solver.try_request(request).is_solvable:
        return None
    try:
        planned = planner.plan(spec, request, kept)
    except NotFineError:
        return None
    return planned if planned.lock is not None else None


def suggest_box(conflict: Conflict) -> str:
    """Say how to lock for a box that has what a conflict misses; empty when no box would do."""
    missed = [
        text
        for core in conflict.cores
        if core.kind is CoreKind.MISSING_VIRTUAL or core.meeting.startswith("__")
        for text in (*(chain.demand for chain in core.chains), *core.explanation)
    ]
    floors: dict[str, str] = {}
    for name, version in (found.groups() for text in missed for found in _FLOOR.finditer(text)):
        floors[name] = max(floors.get(name, version), version, key=parse_version)
    if not floors:
        return ""
    given = " ".join(f"--virtual {name}={version}" for name, version in sorted(floors.items()))
    return f"for boxes that have it: {given}, or --host FILE (envbench host > FILE, on such a box)"
