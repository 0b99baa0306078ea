"""The conda part of a build from a lock: exactly what the lock says, or no build at all.

Where the lock has addresses nothing is solved. Formats without addresses pin name, version and
perhaps build; there the solver looks up where these packages lie and may choose nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from envbench.engine.backends.base import Backend, UnmetNeed
from envbench.engine.backends.rattler.errors import PackageError
from envbench.engine.errors import HostileRecordError
from envbench.model.build import LockedInput
from envbench.model.conflict import Conflict
from envbench.model.counting import count_of
from envbench.model.errors import NotFineError, PreventedError
from envbench.model.lock import Lock
from envbench.model.lock_comparison import Drift, compare_lock
from envbench.model.plan import PackageRecord, Plan, SolveRequest
from envbench.workers.phases import Phases

_MOST_NAMED = 5
_AGAIN = "make the lock again from an environment that works; do not mend it by hand"


def find_locked_packages(
    backend: Backend, locked: LockedInput, request: SolveRequest, phases: Phases
) -> Plan | Conflict:
    """Make a plan of the packages of a lock.

    Raises:
        NotFineError: The channels have these packages, but they need others that the lock lacks;
            or a package has a name that is no plain text.
        PreventedError: A channel cannot be used.
    """
    told = count_of(len(locked.packages), "package")
    if locked.has_addresses:
        with phases.run("read") as detail, _blaming(locked):
            plan = backend.adopt(locked.packages, request)
            detail.append(f"as locked, {told}")
        return plan
    with phases.run("solve") as detail:
        outcome = backend.solve(request)
        if isinstance(outcome, Plan):
            _refuse_other_packages(locked, outcome)
            detail.append(f"held to what is locked, {told}")
    return outcome


def complete_locked_packages(
    backend: Backend, locked: LockedInput, plan: Plan, request: SolveRequest, phases: Phases
) -> Plan:
    """Complete the records of what was fetched, and make sure that the box can run it.

    Raises:
        NotFineError: The box lacks what packages need: driver, C library, processor.
        PreventedError: What the lock says of an archive is not so.
    """
    if locked.has_addresses:
        with phases.run("complete"), locating(locked):
            plan = backend.complete(plan, request)
    unmet = backend.find_unmet(plan)
    _refuse_box([need for need in unmet if need.is_of_the_box], locked)
    for need in unmet:
        if not need.is_of_the_box:
            phases.say(f"{locked.place_of(need.package)}: {_say_need(need)}", level="warning")
    return plan


@contextmanager
def _blaming(locked: LockedInput) -> Iterator[None]:
    """Say of what is no plain text that the lock has it: no channel was asked."""
    try:
        yield
    except HostileRecordError as fault:
        raise NotFineError(
            f"the lock cannot be relied on: {fault.what}",
            where=locked.path,
            why=fault.why.replace("this record is broken", "what it says is broken"),
            hint=_AGAIN,
        ) from fault


@contextmanager
def locating(locked: LockedInput) -> Iterator[None]:
    """Tell of each package that cannot be had where the lock names it."""
    try:
        yield
    except PackageError as fault:
        place = f" ({fault.where})" if fault.where else ""
        raise PreventedError(
            fault.what.replace("its channel announces", "the lock says"),
            where=locked.place_of(fault.package),
            why=fault.why.replace("the channel announces", "the lock says") + place,
            hint=f"{fault.hint.rstrip('.')}; or {_AGAIN}",
        ) from fault


def refuse_drift(locked: LockedInput, built: Lock) -> None:
    """Make sure that what was built is what was locked.

    Raises:
        PreventedError: It is not; names what differs.
    """
    drifts = compare_lock(locked.says, built).drifts
    if not drifts:
        return
    told = [_say_drift(drift, locked) for drift in drifts[:_MOST_NAMED]]
    more = len(drifts) - len(told)
    raise PreventedError(
        "what was built is not what is locked",
        where=locked.path,
        why="; ".join(told) + (f"; and {more} more" if more else ""),
        hint=f"the environment in use was not touched; {_AGAIN}",
    )


def _refuse_other_packages(locked: LockedInput, plan: Plan) -> None:
    wanted = {package.name: package for package in locked.packages}
    found = {package.name: package for package in plan.packages}
    extra = [found[name].dist_name for name in found.keys() - wanted.keys()]
    missing = [wanted[name].name for name in wanted.keys() - found.keys()]
    others = [
        f"{found[name].dist_name} instead of {_say_pin(pin)}"
        for name, pin in wanted.items()
        if name in found and not _is_pinned(found[name], pin)
    ]
    if not (extra or missing or others):
        return
    told = [
        f"{what}: {_name_some(names)}"
        for what, names in (
            ("needed but not locked", extra),
            ("locked but not to be had", missing),
            ("not what is locked", others),
        )
        if names
    ]
    raise NotFineError(
        "the packages of the lock cannot be installed as they stand, nothing more and nothing less",
        where=locked.path,
        why="; ".join(told),
        hint=_AGAIN,
    )


def _is_pinned(found: PackageRecord, pin: PackageRecord) -> bool:
    return found.version == pin.version and pin.build in ("", found.build)


def _say_pin(pin: PackageRecord) -> str:
    return "-".join(part for part in (pin.name, pin.version, pin.build) if part)


def _refuse_box(unmet: list[UnmetNeed], locked: LockedInput) -> None:
    if not unmet:
        return
    told = [_say_need(need) for need in unmet[:_MOST_NAMED]]
    more = len(unmet) - len(told)
    raise NotFineError(
        "this box does not have what packages of the lock need",
        where=locked.place_of(unmet[0].package),
        why="; ".join(told) + (f"; and {more} more" if more else ""),
        hint="build on a box that has it, make the lock for this one, or, if you know that it will"
        f" run elsewhere, say what the box has: --virtual {_suggest_virtual(unmet[0])}",
    )


def _say_need(need: UnmetNeed) -> str:
    has = "this box has" if need.is_of_the_box else "the lock has"
    return f"{need.package} needs {need.needs}, {has} {need.found or 'none'}"


def _suggest_virtual(need: UnmetNeed) -> str:
    name, _, version = need.needs.partition(" ")
    return f"{name}={version.lstrip('>=~ ').partition(',')[0].removesuffix('.*') or 'VERSION'}"


def _say_drift(drift: Drift, locked: LockedInput) -> str:
    place = locked.place_of_pip(drift.name) if drift.manager == "pip" else locked.path
    was = drift.locked or "not locked"
    return f"{drift.name}: {was}, built {drift.installed or 'without it'} ({place})"


def _name_some(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(sorted(names)[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
