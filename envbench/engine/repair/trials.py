"""Asks the solver process whether changed requests have a solution, each question once."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from envbench.engine.errors import (
    ChannelFaultError,
    EngineError,
    FaultKind,
    SolverStoppedError,
    SolveTimeoutError,
)
from envbench.engine.repair.supplies import find_supply
from envbench.engine.repair.variants import Variant, vary
from envbench.engine.solver.client import SolverProcess
from envbench.engine.solver.protocol import Found, Tried
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.plan import Plan, RequestedSpec, SolveRequest
from envbench.model.repair_moves import Supply

_LEAST_S = 0.05
_SILENT_S = 3.0
"""So long a channel that is not listed may be silent, once there is a way out without it."""
_UNREACHABLE = frozenset({FaultKind.UNREACHABLE, FaultKind.TIMEOUT, FaultKind.TLS})


class BudgetOverError(Exception):
    """The time for the search is up; what was found so far stands."""


class Trials(Protocol):
    """Answers the questions of a search."""

    request: SolveRequest
    solves: int

    def narrow(self, common: frozenset[int]) -> None:
        """Say which specs no try will change, so that the index can be pruned for them."""

    def left_s(self) -> float:
        """Tell how much time is left."""

    def try_variant(self, variant: Variant) -> Tried:
        """Find out whether a variant has a solution."""

    def explain(self, variant: Variant) -> Conflict | None:
        """Find out why a variant has none; None when it has one."""

    def supply(self, name: str) -> Supply:
        """Tell what the channels have of a package."""

    def versions_in(
        self, group: ChannelGroup, name: str, *, is_urgent: bool = False
    ) -> tuple[str, ...]:
        """Tell what a further channel has of a package; an urgent question waits for no silent one."""


class SolverTrials:
    """Tries over a solver process.

    Every method raises `BudgetOverError` when the time is up, and `SolverStoppedError` when the
    process was cancelled.
    """

    def __init__(
        self,
        request: SolveRequest,
        solver: SolverProcess,
        *,
        ends: float,
        unreached: Callable[[str], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare.

        Args:
            request: The request as it stands.
            solver: A process that is kept.
            ends: `time.monotonic()` at which the budget is used up.
            unreached: Told the name of a further channel that could not be looked into.
            is_cancelled: Asked before each question whether nobody waits for the answer any more.
        """
        self.request = request
        self.solves = 0
        self._solver = solver
        self._ends = ends
        self._unreached = unreached
        self._is_cancelled = is_cancelled
        self._common: frozenset[int] = frozenset()
        self._tried: dict[tuple[object, ...], Tried] = {}
        self._explained: dict[tuple[object, ...], Conflict | None] = {}
        self._plans: dict[tuple[object, ...], Plan | None] = {}
        self._supplies: dict[str, Supply] = {}
        self._unreachable: set[str] = set()
        """Hosts."""
        self._broken: set[str] = set()

    def based_on(self, request: SolveRequest) -> "SolverTrials":
        """Make tries of another request with the same solver and the same budget."""
        return SolverTrials(request, self._solver, ends=self._ends, is_cancelled=self._is_cancelled)

    def narrow(self, common: frozenset[int]) -> None:
        """Say which specs no try will change, so that the index can be pruned for them."""
        self._common = common

    def left_s(self) -> float:
        """Tell how much time is left; raises when none is, or nobody waits any more."""
        if self._is_cancelled():
            raise SolverStoppedError("the search was cancelled")
        left = self._ends - time.monotonic()
        if left <= _LEAST_S:
            raise BudgetOverError
        return left

    def try_variant(self, variant: Variant) -> Tried:
        """Find out whether a variant has a solution."""
        if variant.key not in self._tried:
            request, kept = vary(self.request, variant, self._common)
            if not request.specs:
                return Tried(id=0)
            left = self.left_s()
            try:
                answer = self._solver.try_request(
                    replace(request, timeout_s=min(request.timeout_s, left)), kept=kept
                )
            except SolveTimeoutError:
                raise BudgetOverError from None
            self.solves += 1
            self._tried[variant.key] = answer
        return self._tried[variant.key]

    def explain(self, variant: Variant) -> Conflict | None:
        """Find out why a variant has no solution; None when it has one."""
        if variant.key not in self._explained:
            request, _ = vary(self.request, variant)
            left = self.left_s()
            try:
                outcome = self._solver.solve(
                    replace(request, timeout_s=min(request.timeout_s, left))
                )
            except SolveTimeoutError:
                raise BudgetOverError from None
            conflict = outcome if isinstance(outcome, Conflict) else None
            self.solves += 1 + (conflict.solves if conflict is not None else 0)
            self._explained[variant.key] = conflict
        return self._explained[variant.key]

    def plan_variant(self, variant: Variant, added: tuple[str, ...] = ()) -> Plan | None:
        """Solve a variant with further lines on the whole index; None when it has no solution."""
        key = (variant.key, added)
        if key not in self._plans:
            request, _ = vary(self.request, variant)
            left = self.left_s()
            request = replace(
                request,
                specs=(*request.specs, *(RequestedSpec(text) for text in added)),
                timeout_s=min(request.timeout_s, left),
            )
            try:
                outcome = self._solver.solve(request, explain=False)
            except SolveTimeoutError:
                raise BudgetOverError from None
            self.solves += 1
            self._plans[key] = outcome if isinstance(outcome, Plan) else None
        return self._plans[key]

    def supply(self, name: str) -> Supply:
        """Tell what the channels have of a package."""
        if name not in self._supplies:
            self._supplies[name] = find_supply(name, self._find, self._supply_for_any_box)
        return self._supplies[name]

    def _find(self, name: str) -> Found:
        request = self.request
        timeout_s = self.left_s()
        try:
            return self._solver.find(
                name,
                request.channels,
                request.host.platform,
                offline=request.offline,
                timeout_s=timeout_s,
            )
        except SolveTimeoutError:
            raise BudgetOverError from None

    def _supply_for_any_box(self, name: str) -> Supply | None:
        """Give what there is of a package for boxes without a driver, if this is one."""
        return self.supply(name) if self.request.host.cuda is None else None

    def versions_in(
        self, group: ChannelGroup, name: str, *, is_urgent: bool = False
    ) -> tuple[str, ...]:
        """List what a further channel has of a package; one that cannot be reached is noted."""
        if group.name in self._broken:
            return ()
        hosts = {urlsplit(url).netloc for url in group.urls}
        if not hosts.isdisjoint(self._unreachable):
            self._unreached(group.name)
            self._broken.add(group.name)
            return ()
        request = self.request
        try:
            found = self._solver.find(
                name,
                (group,),
                request.host.platform,
                offline=request.offline,
                timeout_s=self.left_s(),
                silent_s=_SILENT_S if is_urgent else None,
            )
        except SolverStoppedError:
            raise
        except SolveTimeoutError:
            self._unreached(group.name)
            raise BudgetOverError from None
        except EngineError as fault:
            if isinstance(fault, ChannelFaultError) and fault.fault in _UNREACHABLE:
                # Folders have no host: one that is missing says nothing of others.
                self._unreachable |= hosts - {""}
            # A channel that is not there has nothing that could be tried.
            if not (isinstance(fault, ChannelFaultError) and fault.fault is FaultKind.NOT_FOUND):
                self._unreached(group.name)
            self._broken.add(group.name)
            return ()
        return tuple(version for each in found.versions for version in each.versions)
