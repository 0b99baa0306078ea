"""Answers "have these lines a solution together?", each time in the cheapest way that is certain."""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from envbench.engine.errors import SolveTimeoutError

Part = frozenset[int]
"""Indexes of specs."""

MAX_SOLVES = 160
MAX_TEXT = 100_000
"""Characters of an explanation that are looked at."""


class OutOfTimeError(SolveTimeoutError):
    """There is no time left for further questions; what was found so far stands."""


@dataclass(slots=True)
class Judge:
    """Judges parts of one request, each once, within limits.

    What contains a part without a solution has none, and what is contained in one with a solution
    has one; so much is not asked again.
    """

    solve: Callable[[tuple[int, ...]], Awaitable[object]]
    """Solves for some specs, ascending; raises the library's `SolverError` when it cannot."""
    ends: float
    """`time.monotonic()` at which it refuses to go on."""
    refutes: Callable[[Part], bool] = lambda _: False
    """Tells quickly that a part has no solution; False says nothing."""
    is_monotone: bool = True
    """Whether more lines never have a solution where fewer have none."""
    max_solves: int = MAX_SOLVES
    solves: int = 0
    """How often the solver was asked."""
    refusals: dict[Part, str] = field(default_factory=dict)
    """The solver's explanation for each part that it was asked about in vain."""
    _solvable: list[Part] = field(default_factory=list)
    _unsolvable: list[Part] = field(default_factory=list)

    async def is_solvable(self, part: Iterable[int]) -> bool:
        """Tell whether the specs with these indexes have a solution together.

        Raises:
            OutOfTimeError: Time or the number of solves is used up.
        """
        key = frozenset(part)
        known = self.recall(key)
        if known is not None:
            return known
        if time.monotonic() > self.ends:
            raise OutOfTimeError("no time is left to narrow the conflict down")
        answer = not self.refutes(key) and await self.ask_solver(key)
        (self._solvable if answer else self._unsolvable).append(key)
        return answer

    def recall(self, part: Part) -> bool | None:
        """Tell what is known of a part without asking; None when nothing is."""
        if not part or part in self._solvable:
            return True
        if part in self._unsolvable:
            return False
        if self.is_monotone:
            if any(part < known for known in self._solvable):
                return True
            if any(part > known for known in self._unsolvable):
                return False
        return None

    async def ask_solver(self, part: Part) -> bool:
        """Ask the solver itself, whatever is known."""
        from rattler.exceptions import SolverError

        if self.solves >= self.max_solves:
            raise OutOfTimeError("the solver was asked often enough")
        self.solves += 1
        try:
            await self.solve(tuple(sorted(part)))
        except SolverError as error:
            self.refusals[part] = str(error)[:MAX_TEXT]
            return False
        return True

    def take_for_granted(self, part: Iterable[int], *, solvable: bool) -> None:
        """Take note of what is known from elsewhere."""
        (self._solvable if solvable else self._unsolvable).append(frozenset(part))
