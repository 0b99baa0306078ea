"""A spec that was read and checked, and the request that its solves are made from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict, SpecLine
from envbench.model.host import HostProfile
from envbench.model.plan import Plan, SolveRequest
from envbench.model.spec import EnvironmentSpec
from envbench.settings.load import Settings
from envbench.workbench.requests import choose_host, make_solve_request
from envbench.workbench.spec_lines import spec_lines
from envbench.workbench.specs import SpecReport, check_spec, require_sound
from envbench.workbench.values.why import SpecConditions
from envbench.workers.engine import describe_engine


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSpec:
    """A sound spec and its request."""

    checked: SpecReport
    spec: EnvironmentSpec
    host: HostProfile
    request: SolveRequest
    conda_lines: tuple[SpecLine, ...]
    """One for each spec of the request, in its order."""
    pip_lines: tuple[SpecLine, ...]

    def solve(self, solver: SolverProcess) -> Plan | Conflict:
        """Solve it as it is.

        Raises:
            PreventedError: A channel or this box keeps it from being solved.
        """
        return solver.solve(self.request)


def open_spec(conditions: SpecConditions, settings: Settings) -> AskedSpec:
    """Read and check a spec, and make its request.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file cannot be read.
        PreventedError: The credentials file cannot be written.
    """
    host = choose_host(conditions.host_file, conditions.virtual)
    checked = check_spec(conditions.spec, settings, platform=host.platform)
    return ask_for(checked, require_sound(checked), host, conditions, settings)


def ask_for(
    checked: SpecReport,
    spec: EnvironmentSpec,
    host: HostProfile,
    conditions: SpecConditions,
    settings: Settings,
) -> AskedSpec:
    """Make the request of a sound spec for a box.

    Raises:
        UsageError: A channel cannot be used as it is written.
        PreventedError: The credentials file cannot be written.
    """
    request = make_solve_request(
        spec,
        settings,
        host,
        priority=conditions.priority,
        offline=conditions.offline,
        exclude_newer=conditions.exclude_newer,
        timeout_s=conditions.timeout_s,
    )
    lines = spec_lines(spec, host.platform)
    return AskedSpec(
        checked=checked,
        spec=spec,
        host=host,
        request=request,
        conda_lines=tuple(line for line in lines if not line.is_pip),
        pip_lines=tuple(line for line in lines if line.is_pip),
    )


@contextmanager
def solver_for(
    conditions: SpecConditions, settings: Settings, given: SolverProcess | None
) -> Iterator[SolverProcess]:
    """Take the solver that is kept, unless it does not know what the spec needs.

    To be called after `open_spec`, by which the credentials of the channels become known.
    """
    engine = describe_engine(settings, offline=conditions.offline)
    if given is not None and given.settings == engine:
        yield given
        return
    with SolverProcess(engine) as solver:
        yield solver
