"""Why a package of a spec is there, and why it is not newer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packaging.utils import canonicalize_name

from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import BudgetSpentError, Counterfactuals
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError
from envbench.model.known_names import pypi_name_of
from envbench.model.plan import Plan
from envbench.model.why import WhyReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.package_members import describe_plan
from envbench.workbench.pip_tasks import owned_versions
from envbench.workbench.values.why import WhyOrder
from envbench.workbench.why_not_newer import make_finder, say_fault
from envbench.workbench.why_pip import PipAnswers, open_pip
from envbench.workbench.why_tree import CLOSE_NAMES, add_note, read_name, tell_requirers


@dataclass(slots=True)
class SpecQuestion:
    """One package of one spec."""

    order: WhyOrder
    asked: AskedSpec
    settings: Settings
    solver: SolverProcess
    facts: Counterfactuals = field(init=False)

    def answer(self, budget_s: float) -> Iterator[WhyReport]:
        """Give reports, each with more in it than the one before.

        Raises:
            UsageError: The package's name is none.
            PreventedError: A channel or this box keeps the spec from being solved.
        """
        path, name = self.asked.checked.path, read_name(self.order.package)
        outcome = self.asked.solve(self.solver)
        if isinstance(outcome, Conflict):
            yield WhyReport(subject=path, package=name, conflict=outcome)
            return
        ends = time.monotonic() + budget_s
        self.facts = Counterfactuals(self.solver, self.asked.request, ends)
        lines = (*self.asked.conda_lines, *self.asked.pip_lines)
        report = tell_requirers(path, name, describe_plan(outcome, lines))
        if report.version:
            yield from self._tell_conda(report, outcome)
        elif self.asked.pip_lines:
            yield from self._tell_pip(report, outcome)
        else:
            yield self._tell_absent(report)

    def _tell_conda(self, report: WhyReport, plan: Plan) -> Iterator[WhyReport]:
        yield report
        if report.package.startswith("__"):
            return
        if self.order.is_newer_asked:
            report = self._ask_newer(report, plan)
            yield report
        # Last of all: package indexes take longer than everything else.
        distribution = pypi_name_of(report.package)
        if self.asked.pip_lines and distribution in owned_versions(plan, {}):
            yield self._add_pip_items(report, plan, distribution)

    def _ask_newer(self, report: WhyReport, plan: Plan) -> WhyReport:
        finder = make_finder(self.asked, plan, self.facts)
        try:
            found = finder.examine(report.package, report.version)
        except BudgetSpentError:
            return add_note(
                report, "Time was up before it was known what keeps it from being newer."
            )
        return replace(report, newest=found.newest, held_back=found.held_back)

    def _add_pip_items(self, report: WhyReport, plan: Plan, distribution: str) -> WhyReport:
        """Add the pip items that require what conda brings."""
        try:
            with open_pip(self.asked, plan, self.settings, self.solver, self.facts.ends) as pip:
                found, untold = pip.find_requirers(distribution)
        except EnvbenchError as fault:
            return add_note(report, f"Which pip items require it is not known: {_say(fault)}.")
        return replace(report, requirers=(*report.requirers, *found), more=report.more + untold)

    def _tell_pip(self, report: WhyReport, plan: Plan) -> Iterator[WhyReport]:
        """Look for it among what pip would install; if it is not there, say what else is known."""
        name = canonicalize_name(report.package)
        line = next((line for line in self.asked.pip_lines if line.name == name), None)
        told = replace(report, package=name, is_pip=True, line=line, close_names=())
        if line is not None:
            yield told
        try:
            with open_pip(self.asked, plan, self.settings, self.solver, self.facts.ends) as pip:
                version = pip.versions().get(name, "")
                if version:
                    yield from self._tell_resolved(replace(told, version=version), pip)
                    return
        except EnvbenchError as fault:
            note = f"The pip section was not resolved: {_say(fault)}."
            yield add_note(told if line else self._tell_absent(report), note)
            return
        yield (
            add_note(told, "Its marker does not apply here.") if line else self._tell_absent(report)
        )

    def _tell_resolved(self, report: WhyReport, pip: PipAnswers) -> Iterator[WhyReport]:
        yield report
        try:
            found, untold = pip.find_requirers(report.package)
            report = replace(report, requirers=found, more=untold)
            yield report
            if not self.order.is_newer_asked:
                return
            held = pip.find_held_back(report.package)
        except EnvbenchError as fault:
            yield add_note(report, f"More is not known: {_say(fault)}.")
            return
        newest = held.newest if held is not None else report.version
        yield replace(report, newest=newest, held_back=held)

    def _tell_absent(self, report: WhyReport) -> WhyReport:
        """Tell of a package that the plan lacks: whether it exists, and whether it would fit."""
        name = report.package
        found = self.facts.find(name)
        if not found.versions:
            close = tuple(dict.fromkeys((*report.close_names, *found.close_names)))
            note = f"No channel in use has a package {name}: no conda line could bring it."
            return add_note(replace(report, close_names=close[:CLOSE_NAMES]), note)
        return add_note(report, self._say_fit(name))

    def _say_fit(self, name: str) -> str:
        base = f"No package of the plan requires {name}"
        try:
            tried = self.facts.try_with(self.facts.everything, (name,))
        except BudgetSpentError:
            return f"{base}."
        picked = next((pick for pick in tried.picks if pick.name == name), None)
        if picked is None:
            return f"{base}, and a line `{name}` would have no solution beside the others."
        return f"{base}; a line `{name}` would bring {picked.version} from {picked.channel}."


def _say(fault: EnvbenchError) -> str:
    return say_fault(fault).rstrip(".")
