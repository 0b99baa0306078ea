"""The pip part of one column of a what-if table."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from envbench.engine.pip_section import PipPlanRequest, plan_pip_section
from envbench.engine.pip_section.errors import PipNoSolutionError
from envbench.model.errors import EnvbenchError
from envbench.model.plan import Plan
from envbench.model.spec import EnvironmentSpec
from envbench.settings.load import Settings
from envbench.workbench.pip_tasks import make_pip_task, python_version_of

_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipColumn:
    """What came of it."""

    said: str
    """`resolved`, `not tried: ...`, or why there is no solution, in one line."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Normalised name to version."""
    is_refused: bool = False
    """There is no solution."""
    is_prevented: bool = False
    """This box, or an index, kept it from being resolved."""


def resolve_column(
    spec: EnvironmentSpec,
    plan: Plan,
    settings: Settings,
    *,
    ends: float | None,
    exclude_newer: str | None,
) -> PipColumn:
    """Resolve the pip section against the conda plan of a column; whatever happens is said.

    Args:
        spec: As it is in this column.
        plan: Of this column.
        settings: The user's settings.
        ends: `time.monotonic()` at which it is given up; None leaves it much time.
        exclude_newer: ISO 8601 date; artefacts uploaded later do not exist.
    """
    left_s = _TIMEOUT_S if ends is None else ends - time.monotonic()
    if left_s <= 0:
        return PipColumn(said="not tried: time was up")
    python = python_version_of(plan)
    if not python:
        return PipColumn(said="it needs a python among the packages", is_refused=True)
    try:
        task = make_pip_task(spec, plan, settings, timeout_s=left_s, exclude_newer=exclude_newer)
        request = PipPlanRequest(
            task=task,
            python_version=python,
            platform=plan.platform,
            glibc=plan.host.glibc,
        )
        found = plan_pip_section(request)
    except PipNoSolutionError as refused:
        return PipColumn(said=_say(refused), is_refused=True)
    except EnvbenchError as fault:
        return PipColumn(said=f"not tried: {_say(fault)}", is_prevented=True)
    return PipColumn(said="resolved", versions={p.name: p.version for p in found.packages})


def _say(fault: EnvbenchError) -> str:
    first = next(iter(fault.why.splitlines()), "")
    where = f"{fault.where}: " if fault.where else ""
    return f"{where}{fault.what}" + (f": {first}" if first else "")
