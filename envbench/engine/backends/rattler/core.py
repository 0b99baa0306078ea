"""The smallest part of a request that has no solution by itself.

Source: U. Junker, "QuickXplain: preferred explanations and relaxations for over-constrained
problems" (AAAI 2004), with the solver as the only judge.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from envbench.engine.backends.rattler.attempt import Attempt
from envbench.engine.errors import SolveTimeoutError

MAX_SOLVES = 120
MAX_TEXT = 100_000
"""Characters of an explanation that are looked at."""


@dataclass(slots=True)
class Judge:
    """Answers "is this part solvable?" by solving, each part once, within limits."""

    attempt: Attempt
    ends: float
    """`time.monotonic()` at which it refuses to go on."""
    refusals: dict[frozenset[int], str] = field(default_factory=dict)
    """The solver's explanation for each part that has no solution."""
    _answers: dict[frozenset[int], bool] = field(default_factory=dict)

    async def is_solvable(self, part: Iterable[int]) -> bool:
        """Tell whether the specs with these indexes have a solution together.

        Raises:
            SolveTimeoutError: Time or the number of solves is used up.
        """
        from rattler.exceptions import SolverError

        key = frozenset(part)
        if not key:
            return True
        if key in self._answers:
            return self._answers[key]
        if time.monotonic() > self.ends or len(self._answers) >= MAX_SOLVES:
            raise SolveTimeoutError("no time is left to narrow the conflict down")
        try:
            await self.attempt.run(sorted(key))
        except SolverError as error:
            self._answers[key] = False
            self.refusals[key] = str(error)[:MAX_TEXT]
        else:
            self._answers[key] = True
        return self._answers[key]


async def find_core(judge: Judge, suspects: Sequence[int], everything: Sequence[int]) -> list[int]:
    """Find a part without a solution in which every spec is needed for that.

    Args:
        judge: Decides.
        suspects: Where to look first.
        everything: All specs, known to have no solution together.

    Raises:
        SolveTimeoutError: Time is up.
    """
    if not suspects or await judge.is_solvable(suspects):
        suspects = everything
    return sorted(await _narrow(judge, [], list(suspects), changed=False))


async def _narrow(
    judge: Judge, kept: list[int], suspects: list[int], *, changed: bool
) -> list[int]:
    if changed and not await judge.is_solvable(kept):
        return []
    if len(suspects) == 1:
        return suspects
    middle = len(suspects) // 2
    first, second = suspects[:middle], suspects[middle:]
    from_second = await _narrow(judge, kept + first, second, changed=bool(first))
    from_first = await _narrow(judge, kept + from_second, first, changed=bool(from_second))
    return from_second + from_first
