"""Each direct dependency of a spec: is it the newest there is, and what keeps it back."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from envbench.engine.errors import SolveTimeoutError
from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import BudgetSpentError, Counterfactuals
from envbench.engine.why.held_back import HeldBackFinder
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError
from envbench.model.plan import Plan
from envbench.model.why import HeldBack, HeldBackReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.values.why import SpecConditions
from envbench.workbench.why_pip import PipAnswers, open_pip


def make_finder(asked: AskedSpec, plan: Plan, facts: Counterfactuals) -> HeldBackFinder:
    """Prepare to look into conda packages of a spec."""
    dependencies = asked.spec.dependencies_on(asked.host.platform)
    matches = tuple(item.match for item in dependencies)
    return HeldBackFinder(facts, asked.conda_lines, matches, plan.packages)


def walk_dependencies(
    conditions: SpecConditions, asked: AskedSpec, settings: Settings, solver: SolverProcess
) -> Iterator[HeldBackReport]:
    """Look into one direct dependency after the other, in the order of the file.

    Raises:
        PreventedError: A channel or this box keeps the spec from being solved.
    """
    began = time.monotonic()
    outcome = asked.solve(solver)
    report = HeldBackReport(path=asked.checked.path)
    if isinstance(outcome, Conflict):
        seconds = time.monotonic() - began
        solves = outcome.solves
        yield replace(report, conflict=outcome, is_over=True, solves=solves, seconds=seconds)
        return
    facts = Counterfactuals(solver, asked.request, time.monotonic() + conditions.budget_s)
    for known in _Walk(asked, outcome, settings, facts, report).go():
        yield replace(known, solves=1 + facts.solves, seconds=time.monotonic() - began)


@dataclass(slots=True)
class _Walk:
    asked: AskedSpec
    plan: Plan
    settings: Settings
    facts: Counterfactuals
    report: HeldBackReport

    def go(self) -> Iterator[HeldBackReport]:
        yield from self._through_conda()
        if self.asked.pip_lines:
            yield from self._through_pip()
        yield replace(self.report, is_over=True)

    def _through_conda(self) -> Iterator[HeldBackReport]:
        finder = make_finder(self.asked, self.plan, self.facts)
        versions = {record.name: record.version for record in self.plan.packages}
        lines = dict.fromkeys(line.name for line in self.asked.conda_lines)
        names = [name for name in lines if name in versions]
        for number, name in enumerate(names):
            yield replace(self.report, trying=name)
            try:
                found = finder.examine(name, versions[name])
            except BudgetSpentError:
                self._give_up(names[number:], "time was up")
                return
            except SolveTimeoutError as fault:
                self._give_up([name], say_fault(fault))
            else:
                self._add(f"{name} {versions[name]}", found.held_back)

    def _through_pip(self) -> Iterator[HeldBackReport]:
        names = dict.fromkeys(line.name for line in self.asked.pip_lines if line.name)
        waiting = list(names)
        if time.monotonic() >= self.facts.ends:
            self._give_up(waiting, "time was up")
            return
        solver, ends = self.facts.solver, self.facts.ends
        try:
            with open_pip(self.asked, self.plan, self.settings, solver, ends) as pip:
                yield replace(self.report, trying="the pip section")
                versions = pip.versions()
                while waiting:
                    yield replace(self.report, trying=waiting[0])
                    self._ask_pip(waiting[0], versions, pip)
                    waiting.pop(0)
        except EnvbenchError as fault:
            self._give_up(waiting, say_fault(fault))

    def _ask_pip(self, name: str, versions: Mapping[str, str], pip: PipAnswers) -> None:
        if name in versions:
            self._add(f"{name} {versions[name]}", pip.find_held_back(name))
        else:
            self._give_up([name], "conda installs it, or its marker does not apply here")

    def _add(self, label: str, held: HeldBack | None) -> None:
        report = self.report
        if held is None:
            self.report = replace(report, newest=(*report.newest, label))
        else:
            self.report = replace(report, held_back=(*report.held_back, held))

    def _give_up(self, names: Sequence[str], why: str) -> None:
        if names:
            untold = f"{', '.join(names)}: {why}"
            self.report = replace(self.report, not_tried=(*self.report.not_tried, untold))


def say_fault(fault: EnvbenchError) -> str:
    """Say in one line what kept a pip section from being resolved."""
    return f"{fault.what}: {fault.why.splitlines()[0]}" if fault.why else fault.what
