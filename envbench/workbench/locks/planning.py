"""The lock of a spec on one platform: conda's part solved, the pip part resolved beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.pip_section import PipPlanRequest, PipSectionResult, plan_pip_section
from envbench.engine.pip_section.errors import PipNoSolutionError
from envbench.engine.solver.client import SolverProcess
from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, NotFineError
from envbench.model.lock import Lock, PipPackage
from envbench.model.plan import Plan, SolveRequest
from envbench.model.redaction import redact
from envbench.model.spec import EnvironmentSpec
from envbench.settings.load import Settings
from envbench.workbench.locks.keeping import plan_keeping
from envbench.workbench.pip_provenance import list_indexes
from envbench.workbench.pip_tasks import make_pip_task, python_version_of
from envbench.workbench.values.lock_making import LockOrder

_PIP_TIMEOUT_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLock:
    """What came of a spec on one platform."""

    lock: Lock | None = None
    conflict: Conflict | None = None
    moved: tuple[str, ...] = ()
    """Packages that were to be kept and had to give way, in both parts."""
    is_fewest: bool = True
    """Whether fewer could not have given way."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecPlanner:
    """Locks one spec, platform by platform."""

    order: LockOrder
    settings: Settings
    solver: SolverProcess

    def plan(self, spec: EnvironmentSpec, request: SolveRequest, kept: Lock | None) -> PlatformLock:
        """Lock it for a box.

        Args:
            spec: Sound on the platform of the request.
            request: Of its conda part, for the box.
            kept: What was locked before; None starts anew.

        Raises:
            NotFineError: The pip section has no solution beside conda's part.
            PreventedError: A channel, an index or this box keeps it from being locked.
        """
        outcome = plan_keeping(
            request, self.solver, kept.packages if kept else (), self.order.update
        )
        if isinstance(outcome, Conflict):
            return PlatformLock(conflict=outcome)
        section = self._plan_pip(spec, outcome.plan, kept.pip if kept else ())
        return PlatformLock(
            lock=self._make_lock(spec, outcome.plan, section),
            moved=(*outcome.moved, *section.freed),
            is_fewest=outcome.is_fewest,
            warnings=tuple(_warn(section, request.host.platform)),
        )

    def _plan_pip(
        self, spec: EnvironmentSpec, plan: Plan, kept: Sequence[PipPackage]
    ) -> PipSectionResult:
        if not spec.pip:
            return PipSectionResult()
        python = python_version_of(plan)
        if not python:
            raise NotFineError(
                "the pip section needs a python among the packages",
                where=f"{spec.source.path}:{spec.pip_span.line if spec.pip_span else 1}",
                hint="Add python to the dependencies.",
            )
        task = make_pip_task(
            spec,
            plan,
            self.settings,
            timeout_s=_PIP_TIMEOUT_S,
            exclude_newer=self.order.exclude_newer,
        )
        request = PipPlanRequest(
            task=task,
            python_version=python,
            platform=plan.platform,
            glibc=plan.host.glibc,
            osx=plan.host.osx,
            kept=tuple(kept),
            update=frozenset(self.order.update),
        )
        try:
            return plan_pip_section(request)
        except PipNoSolutionError as refused:
            raise _name_platform(refused, plan.platform) from refused

    def _make_lock(self, spec: EnvironmentSpec, plan: Plan, section: PipSectionResult) -> Lock:
        return Lock(
            name=spec.name or "",
            platform=plan.platform,
            channels=tuple(group.name for group in plan.channels),
            packages=plan.packages,
            pip=section.packages,
            variables=tuple(sorted((entry.name, entry.value) for entry in spec.variables)),
            indexes=list_indexes(section.packages, self.settings.pip.settings),
            virtual_packages=plan.host.virtual_packages(),
            source=spec.source.path.rpartition("/")[2],
        )


def _name_platform(refused: EnvbenchError, platform: str) -> NotFineError:
    """Say for which platform it has no solution: it may well have one on the others."""
    return NotFineError(
        f"{refused.what} (on {platform})", where=refused.where, why=refused.why, hint=refused.hint
    )


def _warn(section: PipSectionResult, platform: str) -> list[str]:
    warnings = list(section.warnings)
    built = ", ".join(section.runs_code_of)
    if built:
        warnings.append(
            f"{platform}: {built}: no wheel, only source: whoever installs the lock builds it,"
            " which runs its code"
        )
    unknown = [p.name for p in section.packages if not p.sha256 and not p.direct_url]
    if unknown:
        warnings.append(
            f"{platform}: no hash is known for {', '.join(unknown)}: its index has none"
        )
    return [clean(redact(text), limit=1000) for text in warnings]
