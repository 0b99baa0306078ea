"""Asks the conda solver which of the user's lines exclude what pip needs."""

from collections.abc import Callable
from dataclasses import replace

from envbench.engine.errors import SolveTimeoutError
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict, SpecLine
from envbench.model.plan import RequestedSpec, SolveRequest


def ask_conda_lines(
    solver: SolverProcess, request: SolveRequest, timeout_s: float | None = None
) -> Callable[[str], tuple[SpecLine, ...] | None]:
    """Make the question for `CondaPart.lines_against`.

    Args:
        solver: A solver that is kept.
        request: The conda part of the spec, which has a solution.
        timeout_s: Limit of one answer; the request's own when None.
    """

    def lines_against(spec: str) -> tuple[SpecLine, ...] | None:
        changed = replace(request, specs=(*request.specs, RequestedSpec(spec)))
        try:
            outcome = solver.solve(changed, timeout_s)
        except SolveTimeoutError:
            return None
        if not isinstance(outcome, Conflict):
            return ()
        for core in outcome.cores:
            others = tuple(line for line in core.lines if line.line is not None)
            if len(others) < len(core.lines) and core.is_minimal:
                # Without any line of the user, the channels have no such version at all.
                return others or None
        return None

    return lines_against
