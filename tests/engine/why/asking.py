"""Questions about one package of a request."""

import time
from collections.abc import Sequence

from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import Counterfactuals
from envbench.engine.why.held_back import Finding, HeldBackFinder
from envbench.model.conflict import SpecLine
from envbench.model.matchspec import parse_match_spec
from envbench.model.plan import Plan, SolveRequest
from envbench.model.why import HeldBack
from tests.engine.solver.asking import make_request


def ask(
    solver: SolverProcess,
    specs: Sequence[str],
    channels: dict[str, str],
    name: str,
    **fields: object,
) -> Finding:
    """Solve the specs and look into one package of the plan."""
    return look(solver, make_request(specs, channels, **fields), name)


def look(solver: SolverProcess, request: SolveRequest, name: str, budget_s: float = 60) -> Finding:
    plan = solver.solve(request)
    assert isinstance(plan, Plan), plan
    chosen = next(record.version for record in plan.packages if record.name == name)
    facts = Counterfactuals(solver, request, time.monotonic() + budget_s)
    matches = tuple(parse_match_spec(spec.text) for spec in request.specs)
    lines = tuple(
        SpecLine(text=spec.text, name=match.name, line=spec.line)
        for spec, match in zip(request.specs, matches, strict=True)
    )
    finder = HeldBackFinder(facts, lines, matches, plan.packages)
    return finder.examine(name, chosen)


def blamed(held: HeldBack | None) -> list[str]:
    """The texts of the lines that hold it."""
    assert held is not None
    return [culprit.line.text for culprit in held.culprits]
