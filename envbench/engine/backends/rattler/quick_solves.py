"""Solves for parts of a refused request in the way that takes least time."""

from envbench.engine.backends.rattler.judge import Part
from envbench.engine.backends.rattler.refusal import Refusal
from envbench.engine.backends.rattler.solver_memory import SolverMemory

FEW = 4
"""So many lines are solved quickly enough on everything that the channels have."""


class QuickSolves:
    """Answers from conclusions where they suffice, else on a small index, else on the whole."""

    def __init__(self, memory: SolverMemory, refusal: Refusal) -> None:
        """Take the request that was refused."""
        self._memory = memory
        self._refusal = refusal

    def refutes(self, part: Part) -> bool:
        """Tell whether the lines have no solution as a mere consequence of what they say."""
        return bool(self._refusal.propagation.follow(part).emptied)

    async def solve(self, part: tuple[int, ...]) -> object:
        """Solve for some lines; raises the library's `SolverError` when there is no solution."""
        attempt = self._refusal.attempt
        if len(part) > FEW:
            stamp = self._memory.stamp(attempt.request)
            small = await self._memory.searches.prune_once(attempt, stamp, part)
            if small is not None:
                attempt = small.adapt(attempt)
        return await attempt.run(part)
