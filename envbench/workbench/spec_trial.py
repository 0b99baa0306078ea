"""Trying a changed spec: does the solver find environments for it, conda's part and pip's."""

from collections.abc import Mapping
from dataclasses import dataclass

from envbench.engine.pip_section import PipPlanRequest, plan_pip_section
from envbench.engine.pip_section.errors import PipNoSolutionError
from envbench.engine.solver.client import SolverProcess
from envbench.formats.environment_yml import check_text
from envbench.model.conflict import Conflict
from envbench.model.errors import NotFineError
from envbench.model.host import HostProfile
from envbench.model.plan import Plan
from envbench.model.spec import EnvironmentSpec, SpecText
from envbench.settings.load import Settings
from envbench.workbench.pip_tasks import make_pip_task, python_version_of
from envbench.workbench.requests import make_solve_request
from envbench.workbench.specs import describe_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of solving a text."""

    versions: Mapping[str, str]
    """Package, of conda or of pip, to the version that was chosen; empty when refused."""
    refusal: str = ""
    """Why it has no solution; empty when it has one."""


class SpecTrials:
    """Solves variants of one spec, each text once; nothing is installed."""

    def __init__(
        self,
        settings: Settings,
        host: HostProfile,
        solver: SolverProcess,
        owned_names: Mapping[str, str],
        timeout_s: float,
    ) -> None:
        """Prepare.

        Args:
            settings: The user's settings.
            host: The box to solve for.
            solver: A solver that is kept between solves.
            owned_names: conda package to the Python distribution that it brings, where known.
            timeout_s: Limit of one solve.
        """
        self._settings = settings
        self._host = host
        self._solver = solver
        self._owned_names = owned_names
        self._timeout_s = timeout_s
        self._known: dict[str, Trial] = {}

    @property
    def count(self) -> int:
        """How many texts were solved."""
        return len(self._known)

    def try_text(self, source: SpecText) -> Trial:
        """Solve a text.

        Raises:
            NotFineError: The text has errors.
            UsageError: Its channels cannot be used as they are written.
            PreventedError: A channel, an index or this box keeps it from being solved.
        """
        if source.text not in self._known:
            self._known[source.text] = self._solve(source)
        return self._known[source.text]

    def _solve(self, source: SpecText) -> Trial:
        parsed = check_text(source, describe_context(self._settings, self._host.platform))
        errors = [problem for problem in parsed.problems if problem.is_error]
        if parsed.spec is None or errors:
            raise NotFineError(errors[0].message if errors else "the text is no spec")
        request = make_solve_request(
            parsed.spec, self._settings, self._host, timeout_s=self._timeout_s
        )
        outcome = self._solver.solve(request)
        if isinstance(outcome, Conflict):
            return Trial(versions={}, refusal=outcome.summary)
        versions = {record.name: record.version for record in outcome.packages}
        if not parsed.spec.pip:
            return Trial(versions=versions)
        return self._resolve_pip(parsed.spec, outcome, versions)

    def _resolve_pip(self, spec: EnvironmentSpec, plan: Plan, versions: Mapping[str, str]) -> Trial:
        python = python_version_of(plan)
        if not python:
            return Trial(versions={}, refusal="the pip section needs a python among the packages")
        request = PipPlanRequest(
            task=make_pip_task(
                spec,
                plan,
                self._settings,
                timeout_s=self._timeout_s,
                owned_names=self._owned_names,
            ),
            python_version=python,
            platform=plan.platform,
            glibc=self._host.glibc,
        )
        try:
            found = plan_pip_section(request)
        except PipNoSolutionError as refused:
            return Trial(
                versions={}, refusal=" ".join(part for part in (refused.what, refused.why) if part)
            )
        return Trial(versions={**versions, **{p.name: p.version for p in found.packages}})
