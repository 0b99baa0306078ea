"""Locking anew with as few changes as can be: what was locked stays where the spec allows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict
from envbench.model.keep_search import KeepAnswer, find_fewest_freed
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.plan import PackageRecord, Plan, RequestedSpec, SolveRequest
from envbench.model.version_match import satisfies_match


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """A plan that keeps what it can."""

    plan: Plan
    moved: tuple[str, ...] = ()
    """Packages that were to be kept and had to give way, sorted."""
    is_fewest: bool = True
    """Whether fewer could not have given way."""


def plan_keeping(
    request: SolveRequest,
    solver: SolverProcess,
    kept: Sequence[PackageRecord],
    update: Collection[str] = (),
) -> KeptPlan | Conflict:
    """Solve a request; packages that were locked stay as they are, as many as possible.

    Args:
        request: Of the spec as it is now, without anything installed or pinned.
        solver: A solver that is kept.
        kept: What was locked before, however little the lock says of each.
        update: Names that get what they would have if nothing were locked.

    Raises:
        UsageError: The request cannot be read.
        PreventedError: A channel or this box keeps it from being solved.
    """
    if not kept:
        outcome = solver.solve(request)
        return outcome if isinstance(outcome, Conflict) else KeptPlan(plan=outcome)
    renewed = frozenset(update)
    if renewed:
        fresh = solver.solve(request)
        if isinstance(fresh, Conflict):
            return fresh
        request = _ask_for_versions(request, fresh, renewed)
    pins = {record.name: _essence(record) for record in kept if record.name not in renewed}
    excluded = _find_excluded(request.specs, pins)
    held = {name: pin for name, pin in pins.items() if name not in excluded}

    def pin(names: Collection[str]) -> SolveRequest:
        return replace(request, pinned=tuple(held[name] for name in sorted(names)))

    def ask(names: frozenset[str]) -> KeepAnswer:
        tried = solver.try_request(pin(names))
        return KeepAnswer(tried.is_solvable, _find_named(tried.refusal, names))

    found = find_fewest_freed(held, ask)
    if found is None:
        # Not one of the kept packages is to blame.
        outcome = solver.solve(request)
        return outcome if isinstance(outcome, Conflict) else KeptPlan(plan=outcome)
    outcome = solver.solve(pin(held.keys() - found.freed))
    if isinstance(outcome, Conflict):
        return outcome
    return KeptPlan(plan=outcome, moved=tuple(sorted(found.freed)), is_fewest=found.is_fewest)


def _essence(record: PackageRecord) -> PackageRecord:
    """Leave only what a pin needs: hundreds of them travel with every question."""
    return PackageRecord(
        name=record.name,
        version=record.version,
        build=record.build,
        build_number=0,
        subdir="",
        file_name="",
        url="",
        channel="",
        md5=record.md5,
        sha256=record.sha256,
    )


def _ask_for_versions(request: SolveRequest, fresh: Plan, names: Collection[str]) -> SolveRequest:
    wanted = (
        RequestedSpec(f"{record.name}[version='=={record.version}',build='{record.build}']")
        for record in fresh.packages
        if record.name in names
    )
    return replace(request, specs=(*request.specs, *wanted))


def _find_excluded(
    specs: Sequence[RequestedSpec], pins: dict[str, PackageRecord]
) -> frozenset[str]:
    """Find what the spec's own lines rule out; where that is not certain, the solver is asked."""
    matches = filter(None, (_parse(spec.text) for spec in specs))
    return frozenset(
        match.name
        for match in matches
        if (pin := pins.get(match.name)) is not None
        and pin.build
        and satisfies_match(pin.version, pin.build, match) is False
    )


def _parse(text: str) -> MatchSpec | None:
    try:
        return parse_match_spec(text)
    except MatchSpecError:
        return None


def _find_named(refusal: str, names: Collection[str]) -> frozenset[str]:
    """Pick out the packages that a refusal speaks of."""
    words = set(refusal.replace(",", " ").replace("=", " ").split())
    return frozenset(words & set(names))
