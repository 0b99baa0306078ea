"""One search for the ways out of a spec's conflict, as it goes on."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from envbench.engine.errors import SolverStoppedError, SolveTimeoutError
from envbench.engine.repair import (
    BudgetOverError,
    JoinedSearch,
    Ledger,
    PipRepairSearch,
    Progress,
    RepairSearch,
    RepairTask,
    SolverTrials,
)
from envbench.engine.solver.client import SolverProcess
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError
from envbench.model.plan import PackageRecord
from envbench.model.problem import Severity
from envbench.model.repair import FixReport
from envbench.model.well_known import CHANNELS
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.fix_pip import FixPip
from envbench.workbench.fix_proof import FixProver
from envbench.workbench.values.fixing import FixOrder

_NO_CHANNELS = frozenset({"nodefaults"})
_PARTS_OF_DEFAULTS = "pkgs/"


@dataclass(slots=True)
class FixSearch:
    """One search and what it is known by."""

    order: FixOrder
    asked: AskedSpec
    settings: Settings
    solver: SolverProcess
    installed: tuple[PackageRecord, ...]
    known: tuple[str, Conflict] | None = None
    is_cancelled: Callable[[], bool] = lambda: False

    def run(self) -> Iterator[FixReport]:
        """Search; see `fixing.find_fixes`."""
        began = time.monotonic()
        pip = FixPip(
            self.asked,
            self._offline_settings(),
            self.solver,
            ends=began + self.order.budget_s,
            is_wanted=self.order.with_pip,
        )
        try:
            yield from self._run(pip, began)
        finally:
            pip.close()

    def _recall(self) -> Conflict | None:
        """Give the conflict that is known already, when it is of this text."""
        sha256, conflict = self.known or ("", None)
        return conflict if sha256 == self.asked.checked.sha256 else None

    def _offline_settings(self) -> Settings:
        settings = self.settings
        if self.order.offline:
            return replace(settings, network=replace(settings.network, offline=True))
        return settings

    def _run(self, pip: FixPip, began: float) -> Iterator[FixReport]:
        asked = self.asked
        report = FixReport(
            path=asked.checked.path,
            sha256=asked.checked.sha256,
            asked=(*asked.conda_lines, *asked.pip_lines),
            trying="the spec as it is",
        )
        yield report
        outcome = self._recall() or asked.solve(self.solver)
        if isinstance(outcome, Conflict):
            report = _add_conflict(report, outcome, outcome.solves, began)
            yield report
            yield from self._search(report, outcome, pip, began)
            return
        report = replace(report, solves=1, one_solve_s=outcome.solve_s)
        try:
            items = [item.text for item in asked.spec.pip]
            is_refused = bool(pip.resolve(items, outcome).refusal)
            conflict = pip.find_conflict(outcome) if is_refused else None
        except SolverStoppedError:
            raise
        except (BudgetOverError, EnvbenchError) as fault:
            why = fault.what if isinstance(fault, EnvbenchError) else "time was up"
            pip.prevented = pip.prevented or f"not tried: {why}"
            conflict = None
        if conflict is None:
            said = (
                (f"the pip section: {pip.prevented}",) if pip.prevented and asked.pip_lines else ()
            )
            yield replace(
                report, trying="", is_over=True, not_tried=said,
                seconds=time.monotonic() - began,
            )  # fmt: skip
            return
        report = _add_conflict(report, conflict, 1, began)
        yield report
        yield from self._search(report, conflict, pip, began)

    def _search(
        self, report: FixReport, conflict: Conflict, pip: FixPip, began: float
    ) -> Iterator[FixReport]:
        asked, unreached = self.asked, list[str]()
        trials = SolverTrials(
            asked.request,
            self.solver,
            ends=began + self.order.budget_s,
            unreached=unreached.append,
            is_cancelled=self.is_cancelled,
        )
        prover = FixProver(
            asked.spec.source, self.order, self.settings, asked.host, self.solver, pip
        )
        task = RepairTask(
            request=asked.request,
            lines=asked.conda_lines,
            pip_lines=asked.pip_lines,
            conflict=conflict,
            further=self._find_further(),
            installed=self.installed,
            may_use_pip=not pip.prevented,
            against=self.order.against or "",
        )
        for progress in self._make_steps(task, trials, prover, pip):
            told = _tell(report, progress, unreached, trials, prover, began)
            if progress.is_over and told.one_solve_s is None:
                told = replace(told, one_solve_s=self._measure_solve(began))
            yield told

    def _make_steps(
        self, task: RepairTask, trials: SolverTrials, prover: FixProver, pip: FixPip
    ) -> Iterator[Progress]:
        if any(line.is_pip for core in task.conflict.cores for line in core.lines):
            ledger = Ledger(task, trials, prover)
            yield from PipRepairSearch(task, trials, ledger, pip).run()
            return
        search = RepairSearch(task, trials, prover)
        yield from search.search_lines()
        if not any(not fix.cost.removals for fix in search.ledger.fixes):
            yield from JoinedSearch(task, trials, search, pip).run()
        yield from search.search_channels()
        yield search.ledger.snapshot(is_over=True)

    def _measure_solve(self, began: float) -> float | None:
        """Time one solve of the spec as it is, when everything else is done."""
        left = began + self.order.budget_s - time.monotonic()
        if left <= 0:
            return None
        started = time.perf_counter()
        try:
            self.solver.solve(replace(self.asked.request, timeout_s=left), explain=False)
        except SolveTimeoutError:
            return None
        return time.perf_counter() - started

    def _find_further(self) -> tuple[ChannelGroup, ...]:
        """List well-known channels that the request lacks and that the settings allow."""
        if not self.order.looks_further:
            return ()
        channels = self.settings.channels
        listed = {url for group in self.asked.request.channels for url in group.urls}
        found = []
        for name in dict.fromkeys((*channels.known_names, *CHANNELS)):
            if name in _NO_CHANNELS or name.startswith(_PARTS_OF_DEFAULTS):
                continue
            resolved = channels.resolve([name, "nodefaults"])
            if any(p.severity is Severity.ERROR for p in resolved.problems):
                continue
            found += [g for g in resolved.groups if g.name == name and not listed & set(g.urls)]
        return tuple(found)


def _add_conflict(report: FixReport, conflict: Conflict, solves: int, began: float) -> FixReport:
    now = time.monotonic() - began
    return replace(report, conflict=conflict, solves=solves, seconds=now, first_core_s=now)


def _say_unreached(channels: list[str]) -> tuple[str, ...]:
    """Name the channels that could not be looked into, in one line."""
    names = ", ".join(dict.fromkeys(channels))
    return (f"the channels {names} (not reachable)",) if names else ()


def _tell(
    report: FixReport,
    progress: Progress,
    unreached: list[str],
    trials: SolverTrials,
    prover: FixProver,
    began: float,
) -> FixReport:
    first = progress.first_fix_at
    return replace(
        report,
        fixes=progress.fixes,
        failed=progress.failed,
        trying=progress.trying,
        not_tried=(*progress.not_tried, *_say_unreached(unreached)),
        is_over=progress.is_over,
        solves=report.solves + trials.solves + prover.solves,
        seconds=time.monotonic() - began,
        first_fix_s=first - began if first is not None else None,
    )
