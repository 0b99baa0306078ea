"""The two ways that meet in a package of which they ask what does not go together."""

from collections.abc import Collection
from dataclasses import dataclass

from envbench.engine.why.counterfactual import Counterfactuals
from envbench.model.conflict import Chain, SpecLine


@dataclass(frozen=True, slots=True)
class Sides:
    """How a line and a demand come to exclude each other."""

    of_line: Chain | None = None
    of_demand: Chain | None = None


def ask_for_sides(
    facts: Counterfactuals, core: Collection[int], demand: str, line: SpecLine
) -> Sides:
    """Let the solver tell; both are None when it has no words for it.

    Args:
        facts: Whom to ask.
        core: Indexes of specs that have no solution together with the demand.
        demand: A spec that no line asks for.
        line: One of those of the core.

    Raises:
        BudgetSpentError: Time is up.
        EnvbenchError: As `SolverProcess.solve`.
    """
    conflict = facts.explain(core, (demand,))
    chains = [chain for each in (conflict.cores if conflict else ()) for chain in each.chains]
    return Sides(
        next((chain for chain in chains if chain.line.line == line.line), None),
        next((chain for chain in chains if chain.line.line is None), None),
    )
