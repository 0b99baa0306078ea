"""Solving a spec: the plan with what it changes, or the conflict."""

from envbench.engine.backends.rattler.sizes import measure_plan
from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.envs.installed import read_environment
from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict
from envbench.model.package_changes import compare_packages
from envbench.model.plan import PackageRecord, Plan, SolveRequest
from envbench.model.redaction import redact
from envbench.model.spec import EnvironmentSpec
from envbench.settings.load import Settings
from envbench.workbench.environments import find_prefix
from envbench.workbench.requests import choose_host, make_solve_request
from envbench.workbench.specs import check_spec, require_sound
from envbench.workbench.values.solving import AskedLine as AskedLine
from envbench.workbench.values.solving import SolveOrder as SolveOrder
from envbench.workbench.values.solving import SolveReport as SolveReport
from envbench.workers.engine import describe_engine

_SHOWN_CHARACTERS = 300


def solve_spec(
    order: SolveOrder, settings: Settings, solver: SolverProcess | None = None
) -> SolveReport:
    """Solve a spec in a process of its own; nothing is installed.

    Args:
        order: What to solve.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this solve alone when None.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps it from being solved.
    """
    if solver is not None:
        return _solve_ahead(order, settings, solver)
    with SolverProcess(describe_engine(settings, offline=order.offline)) as ahead:
        return _solve_ahead(order, settings, ahead)


def _solve_ahead(order: SolveOrder, settings: Settings, ahead: SolverProcess) -> SolveReport:
    """Solve a spec; the process starts while the spec is read."""
    ahead.begin()
    host = choose_host(order.host_file, order.virtual)
    checked = check_spec(order.spec, settings, platform=host.platform)
    spec = require_sound(checked)
    installed = _read_installed(order.against, settings)
    request = make_solve_request(
        spec,
        settings,
        host,
        priority=order.priority,
        offline=order.offline,
        installed=() if order.is_fresh else installed,
        exclude_newer=order.exclude_newer,
        timeout_s=order.timeout_s,
    )
    asked = _list_asked(spec, host.platform)
    outcome = _solve(request, ahead, describe_engine(settings, offline=order.offline))
    if isinstance(outcome, Conflict):
        return SolveReport(
            path=checked.path,
            sha256=checked.sha256,
            problems=checked.problems,
            asked=asked,
            conflict=outcome,
        )
    return SolveReport(
        path=checked.path,
        sha256=checked.sha256,
        problems=checked.problems,
        asked=asked,
        plan=outcome,
        against=order.against,
        changes=compare_packages(installed, outcome.packages),
        sizes=measure_plan(outcome.packages, settings.paths.pkgs_dir),
        pip_items=tuple(item.text for item in spec.pip),
    )


def _list_asked(spec: EnvironmentSpec, platform: str) -> tuple[AskedLine, ...]:
    conda = [
        AskedLine(
            name=item.match.name if item.match else "", text=_show(item.text), line=item.span.line
        )
        for item in spec.dependencies_on(platform)
    ]
    pip = [
        AskedLine(
            name=item.requirement.name if item.requirement else "",
            text=_show(item.text),
            line=item.span.line,
            is_pip=True,
        )
        for item in spec.pip
    ]
    return (*conda, *pip)


def _show(text: str) -> str:
    return clean(redact(text), limit=_SHOWN_CHARACTERS)


def _solve(request: SolveRequest, ahead: SolverProcess, engine: EngineSettings) -> Plan | Conflict:
    """Ask the process that was started ahead, unless the spec's credentials came after it."""
    if engine == ahead.settings:
        return ahead.solve(request)
    with SolverProcess(engine) as solver:
        return solver.solve(request)


def _read_installed(name: str | None, settings: Settings) -> tuple[PackageRecord, ...]:
    return read_environment(find_prefix(name, settings)).packages if name else ()
