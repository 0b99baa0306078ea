"""Ways out of a conflict: found, proved, told as they come, and written into the user's file."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from envbench.engine.errors import SolverStoppedError, SolveTimeoutError
from envbench.engine.repair import (
    BudgetOverError,
    Ledger,
    PipRepairSearch,
    Progress,
    RepairSearch,
    RepairTask,
    SolverTrials,
)
from envbench.engine.solver.client import SolverProcess
from envbench.envs.installed import read_environment
from envbench.model.channel import ChannelGroup
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, NotFineError, UsageError
from envbench.model.plan import PackageRecord
from envbench.model.problem import Severity
from envbench.model.repair import Fix, FixReport, MoveKind
from envbench.model.well_known import CHANNELS
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec, open_spec, solver_for
from envbench.workbench.environments import find_prefix
from envbench.workbench.fix_pip import FixPip
from envbench.workbench.fix_proof import FixProver
from envbench.workbench.pip_conflict import find_pip_conflict, tell_pip_conflict
from envbench.workbench.spec_files import SavedSpec, save_spec
from envbench.workbench.spec_files import open_spec as open_file
from envbench.workbench.values.fixing import FixOrder as FixOrder
from envbench.workbench.values.why import SpecConditions

_NO_CHANNELS = frozenset({"nodefaults"})
_IN_PLACE = frozenset({MoveKind.PIN, MoveKind.RELEASE, MoveKind.DROP_BUILD})
"""Moves after which all other lines stand where they stood."""
_PARTS_OF_DEFAULTS = "pkgs/"


def find_fixes(
    order: FixOrder,
    settings: Settings,
    solver: SolverProcess | None = None,
    known: tuple[str, Conflict] | None = None,
) -> Iterator[FixReport]:
    """Look for ways out of the conflict of a spec; every fix told was solved.

    Args:
        order: The spec, and the conditions.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this search alone when None.
        known: What a solve under the same conditions found, and the SHA-256 of the text that it
            was about; it is not solved again when the text is still that.

    Yields:
        Reports, each with more in it than the one before: first the conflict, then the fixes as
        they are proved. The last one is over. A spec that has a solution gives one report without a
        conflict.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps it from being solved; the solver was cancelled.
    """
    conditions = _read_conditions(order)
    asked = open_spec(conditions, settings)
    installed = _read_installed(order.against, settings)
    with solver_for(conditions, settings, solver) as ready:
        yield from _Fixing(order, asked, settings, ready, installed, known).run()


def apply_fix(report: FixReport, fix: Fix, settings: Settings) -> SavedSpec:
    """Write a fix into the user's file, unless the file is not the one that was solved.

    Raises:
        UsageError: The fix is no matter of the file, the file changed or is gone, or cannot be
            read.
        PreventedError: The system refused; the old content is still there.
    """
    if fix.edit is None:
        raise UsageError(
            "this fix changes nothing in the file",
            where=report.path,
            hint=f"solve with {fix.command}" if fix.command else "",
        )
    opened = open_file(report.path, settings)
    if opened.sha256 != report.sha256:
        raise NotFineError(
            "the fix is not applied",
            where=report.path,
            why="the file is not the one that was solved: it has changed since",
            hint="look for fixes again",
        )
    outcome = save_spec(
        report.path,
        fix.edit.apply(opened.text),
        settings,
        expected_sha256=report.sha256,
        has_bom=opened.has_bom,
    )
    if outcome.saved is None:
        message = outcome.clash.message if outcome.clash is not None else "it cannot be saved"
        raise NotFineError("the fix is not applied", where=report.path, why=message)
    return outcome.saved


@dataclass(slots=True)
class _Fixing:
    """One search and what it is known by."""

    order: FixOrder
    asked: AskedSpec
    settings: Settings
    solver: SolverProcess
    installed: tuple[PackageRecord, ...]
    known: tuple[str, Conflict] | None = None

    def run(self) -> Iterator[FixReport]:
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
            conflict = find_pip_conflict(asked, pip, outcome)
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
        asked, notes = self.asked, list[str]()
        trials = SolverTrials(
            asked.request,
            self.solver,
            ends=began + self.order.budget_s,
            note=notes.append,
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
            told = _tell(report, progress, notes, trials, prover, began)
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
            yield from self._go_on_with_pip(task, trials, search.ledger, pip)
        yield from search.search_channels()
        yield search.ledger.snapshot(is_over=True)

    def _go_on_with_pip(
        self, task: RepairTask, trials: SolverTrials, ledger: Ledger, pip: FixPip
    ) -> Iterator[Progress]:
        """Where pip refuses what solves conda's part, change lines of pip as well."""
        refused = [
            (moves, plan)
            for moves, plan in ledger.list_pip_refused()
            if all(move.kind in _IN_PLACE for move in moves)
        ]
        if not refused:
            return
        moves, plan = min(refused, key=lambda each: len(each[0]))
        texts = {(move.line, move.name): move.new for move in moves}
        specs = tuple(
            replace(spec, text=texts.get((line.line, line.name), spec.text))
            for spec, line in zip(task.request.specs, task.lines, strict=True)
        )
        try:
            conflict = tell_pip_conflict(pip.find_cores(plan))
        except BudgetOverError:
            ledger.not_tried.append("changes of the pip section")
            return
        if conflict is None:
            return
        based = replace(task, request=replace(task.request, specs=specs), conflict=conflict)
        search = PipRepairSearch(based, trials.based_on(based.request), ledger, pip, moves)
        yield from (progress for progress in search.run() if not progress.is_over)

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


def _tell(
    report: FixReport,
    progress: Progress,
    notes: list[str],
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
        not_tried=(*progress.not_tried, *notes),
        is_over=progress.is_over,
        solves=report.solves + trials.solves + prover.solves,
        seconds=time.monotonic() - began,
        first_fix_s=first - began if first is not None else None,
    )


def _read_conditions(order: FixOrder) -> SpecConditions:
    return SpecConditions(
        spec=order.spec,
        host_file=order.host_file,
        virtual=order.virtual,
        priority=order.priority,
        exclude_newer=order.exclude_newer,
        offline=order.offline,
        budget_s=order.budget_s,
    )


def _read_installed(name: str | None, settings: Settings) -> tuple[PackageRecord, ...]:
    return read_environment(find_prefix(name, settings)).packages if name else ()
