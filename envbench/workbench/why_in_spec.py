"""Why a package of a spec is there, and why it is not newer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packaging.utils import canonicalize_name

from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import BudgetSpentError, Counterfactuals
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError
from envbench.model.plan import Plan
from envbench.model.why import WhyReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.package_members import describe_plan
from envbench.workbench.values.why import WhyOrder
from envbench.workbench.why_not_newer import make_finder, say_fault
from envbench.workbench.why_pip import PipAnswers, open_pip
from envbench.workbench.why_tree import CLOSE_NAMES, add_note, read_name, tell_requirers

_NOT_KNOWN = (
    "Whether pip items require it, too, is known when they are installed: ask for the"
    " environment then."
)


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
        if self.asked.pip_lines:
            report = add_note(report, _NOT_KNOWN)
        yield report
        if not self.order.is_newer_asked or report.package.startswith("__"):
            return
        finder = make_finder(self.asked, plan, self.facts)
        try:
            found = finder.examine(report.package, report.version)
        except BudgetSpentError:
            yield add_note(
                report, "Time was up before it was known what keeps it from being newer."
            )
            return
        yield replace(report, newest=found.newest, held_back=found.held_back)

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
            note = f"The pip section was not resolved: {say_fault(fault).rstrip('.')}."
            yield add_note(told if line else self._tell_absent(report), note)
            return
        yield (
            add_note(told, "Its marker does not apply here.") if line else self._tell_absent(report)
        )

    def _tell_resolved(self, report: WhyReport, pip: PipAnswers) -> Iterator[WhyReport]:
        if report.line is None:
            report = add_note(
                report,
                "pip items require it; which ones is known when they are installed: ask for the"
                " environment then.",
            )
        yield report
        if not self.order.is_newer_asked:
            return
        try:
            held = pip.find_held_back(report.package)
        except EnvbenchError as fault:
            yield add_note(
                report, f"What keeps it from being newer is not known: {say_fault(fault)}."
            )
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
