"""The locks of a spec: solved for each platform, nothing installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envbench.engine.solver.client import SolverProcess
from envbench.model.counting import count_of
from envbench.model.errors import UsageError
from envbench.model.lock import Lock
from envbench.settings.load import Settings
from envbench.workbench.locks.against import LockedBefore, read_against
from envbench.workbench.locks.hosts import choose_hosts, describe_nearer
from envbench.workbench.locks.nearer_boxes import plan_for_nearest, suggest_box
from envbench.workbench.locks.planning import PlatformLock, SpecPlanner
from envbench.workbench.locks.subjects import FoundSubject
from envbench.workbench.requests import make_solve_request
from envbench.workbench.specs import check_spec, require_sound
from envbench.workbench.values.lock_making import LockOrder, LockSubject, MadeLocks
from envbench.workers.engine import describe_engine

_MOST_NAMED = 8


def lock_spec(
    order: LockOrder, subject: FoundSubject, settings: Settings, solver: SolverProcess | None
) -> MadeLocks:
    """Lock a spec on each platform; when one has no solution, there is no lock at all.

    Raises:
        As `lock_making.make_locks`.
    """
    if subject.path is None:
        raise ValueError("a spec is a file")
    path = Path(subject.text) if not subject.text.startswith("file://") else subject.path
    hosts = choose_hosts(order)
    before = read_against(order.against, settings)
    specs = [
        require_sound(check_spec(path, settings, platform=host.platform)) for host in hosts.hosts
    ]
    # Before there is a solver: by this the secrets of the channels become known.
    requests = [
        make_solve_request(
            spec, settings, host, priority=order.priority, exclude_newer=order.exclude_newer
        )
        for spec, host in zip(specs, hosts.hosts, strict=True)
    ]
    locks: list[Lock] = []
    warnings = [*hosts.assumptions]
    with _solver_for(settings, solver) as chosen:
        planner = SpecPlanner(order=order, settings=settings, solver=chosen)
        for spec, request in zip(specs, requests, strict=True):
            platform = request.host.platform
            nearest = plan_for_nearest(planner, spec, request, before.on(platform), hosts.nearer)
            planned = nearest.planned
            if nearest.is_nearer:
                warnings = [describe_nearer(nearest.host)]
            if planned.conflict is not None or planned.lock is None:
                return MadeLocks(
                    subject=LockSubject.SPEC,
                    source=subject.describe(),
                    against=before.source,
                    warnings=tuple(warnings),
                    conflict=planned.conflict,
                    conflict_platform=platform,
                    conflict_hint=suggest_box(planned.conflict) if planned.conflict else "",
                )
            locks.append(planned.lock)
            warnings += planned.warnings
            warnings += _say_kept(before, platform, planned)
    _require_known(order, locks, before)
    changes = [change for lock in locks if (change := before.describe_change(lock))]
    return MadeLocks(
        subject=LockSubject.SPEC,
        source=subject.describe(),
        locks=tuple(locks),
        changes=tuple(changes),
        against=before.source,
        # Several platforms may give reason for the same words.
        warnings=tuple(dict.fromkeys(warnings)),
    )


@contextmanager
def _solver_for(settings: Settings, given: SolverProcess | None) -> Iterator[SolverProcess]:
    if given is not None and given.settings == describe_engine(settings):
        yield given
        return
    with SolverProcess(describe_engine(settings)) as solver:
        yield solver


def _say_kept(before: LockedBefore, platform: str, planned: PlatformLock) -> list[str]:
    """Say how far what was locked could be kept; nothing when all of it could."""
    if not before.source:
        return []
    if before.on(platform) is None:
        return [f"{platform}: not locked in {before.source}, so locked anew"]
    if not planned.moved:
        return []
    names = ", ".join(planned.moved[:_MOST_NAMED])
    more = f" and {len(planned.moved) - _MOST_NAMED} more" if planned.moved[_MOST_NAMED:] else ""
    proof = "fewer would not do" if planned.is_fewest else "none of them alone could have stayed"
    count = count_of(len(planned.moved), "locked package")
    return [
        f"{platform}: {count} had to give way to what the spec asks for: {names}{more} ({proof})"
    ]


def _require_known(order: LockOrder, locks: list[Lock], before: LockedBefore) -> None:
    """Refuse names to update that nothing has.

    Raises:
        UsageError: Such a name was given.
    """
    known = {package.name for lock in (*locks, *before.locks.values()) for package in lock.packages}
    known |= {package.name for lock in (*locks, *before.locks.values()) for package in lock.pip}
    unknown = [name for name in order.update if name not in known]
    if unknown:
        raise UsageError(
            f"nothing is locked by the name {', '.join(unknown)}",
            hint="--update takes names of packages as the lock has them.",
        )
