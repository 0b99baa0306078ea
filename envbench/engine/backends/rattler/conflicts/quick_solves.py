"""Solves for parts of a refused request in the way that takes least time."""

import time

from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.refusal import Refusal
from envbench.engine.backends.rattler.solver_memory import SolverMemory

SLOW_S = 1.0
"""Where a solve on all that the channels have takes longer, a small index is made for each.

To make one and load it takes about as long as a quick solve.
"""


class QuickSolves:
    """Answers from conclusions where they suffice, else on the whole index, or on a small one."""

    def __init__(self, memory: SolverMemory, refusal: Refusal) -> None:
        """Take the request that was refused."""
        self._memory = memory
        self._refusal = refusal
        self.was_slow = False
        """Whether a solve was; from then on, small indexes answer."""

    def refutes(self, part: Part) -> bool:
        """Tell whether the lines have no solution as a mere consequence of what they say."""
        return bool(self._refusal.propagation.follow(part).emptied)

    async def solve(self, part: tuple[int, ...]) -> object:
        """Solve for some lines; raises the library's `SolverError` when there is no solution."""
        attempt = self._refusal.attempt
        if self.was_slow:
            stamp = self._memory.stamp(attempt.request)
            small = await self._memory.searches.prune_once(attempt, stamp, part)
            if small is not None:
                attempt = small.adapt(attempt)
        started = time.monotonic()
        try:
            return await attempt.run(part)
        finally:
            self.was_slow = self.was_slow or time.monotonic() - started > SLOW_S
