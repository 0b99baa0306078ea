"""One request, solved again without some of its specs or with one more, within a budget."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from envbench.engine.conflict_text import read_conflict
from envbench.engine.errors import SolveTimeoutError
from envbench.engine.solver.client import SolverProcess
from envbench.engine.solver.protocol import Found, Tried
from envbench.model.channel import ChannelPriority
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.plan import Plan, RequestedSpec, SolveRequest


class BudgetSpentError(EnvbenchError):
    """The time that was given for it is used up."""


@dataclass(slots=True)
class Counterfactuals:
    """Asks "and without these lines?"; each question once."""

    solver: SolverProcess
    request: SolveRequest
    """What is really asked for; it has a solution."""
    ends: float
    """`time.monotonic()` at which no further solve is begun."""
    solves: int = 0
    _known: dict[tuple[tuple[RequestedSpec, ...], ChannelPriority], Tried] = field(
        default_factory=dict
    )

    @property
    def everything(self) -> tuple[int, ...]:
        """Indexes of all specs of the request."""
        return tuple(range(len(self.request.specs)))

    def try_with(
        self, kept: Collection[int], extra: Sequence[str], priority: ChannelPriority | None = None
    ) -> Tried:
        """Solve for the kept specs of the request and further ones.

        Args:
            kept: Indexes of specs.
            extra: Further specs.
            priority: In the place of the request's own.

        Raises:
            BudgetSpentError: Time is up.
            EnvbenchError: As `SolverProcess.solve`.
        """
        request = self._compose(kept, extra)
        if priority is not None:
            request = replace(request, channel_priority=priority)
        question = request.specs, request.channel_priority
        if question not in self._known:
            left_s = self._take_solve()
            try:
                self._known[question] = self.solver.try_request(request, timeout_s=left_s)
            except SolveTimeoutError as error:
                raise self._blame(error) from error
        return self._known[question]

    def explain(self, kept: Collection[int], extra: Sequence[str]) -> Conflict | None:
        """Let the solver explain why these have no solution; None when they have one.

        Raises:
            As `try_with`.
        """
        left_s = self._take_solve()
        try:
            outcome = self.solver.solve(self._compose(kept, extra), timeout_s=left_s)
        except SolveTimeoutError as error:
            raise self._blame(error) from error
        return None if isinstance(outcome, Plan) else outcome

    def find(self, name: str) -> Found:
        """Ask what the channels have of a package.

        Raises:
            As `try_with`.
        """
        request, left_s = self.request, self._left_s()
        try:
            return self.solver.find(
                name,
                request.channels,
                request.host.platform,
                offline=request.offline,
                timeout_s=left_s,
            )
        except SolveTimeoutError as error:
            raise self._blame(error) from error

    def find_core(self, kept: Collection[int], extra: Sequence[str]) -> tuple[int, ...]:
        """Find a smallest part of the kept specs that has no solution together with the extra ones.

        Args:
            kept: Indexes; together with `extra` they have no solution.
            extra: Have a solution by themselves.

        Returns:
            Indexes, sorted.

        Raises:
            As `try_with`.
        """
        suspects = sorted(kept)
        named = read_conflict(self.try_with(suspects, extra).refusal).names
        seeds = [i for i in suspects if _name_in(self.request.specs[i].text, named)]
        if seeds and len(seeds) < len(suspects) and not self.try_with(seeds, extra).is_solvable:
            suspects = seeds
        return tuple(sorted(self._narrow([], suspects, extra, changed=False)))

    def _narrow(
        self, kept: list[int], suspects: list[int], extra: Sequence[str], *, changed: bool
    ) -> list[int]:
        """QuickXplain (Junker 2004): the extra specs are the background that always stays."""
        if changed and not self.try_with(kept, extra).is_solvable:
            return []
        if len(suspects) == 1:
            return suspects
        middle = len(suspects) // 2
        first, second = suspects[:middle], suspects[middle:]
        from_second = self._narrow(kept + first, second, extra, changed=True)
        from_first = self._narrow(kept + from_second, first, extra, changed=bool(from_second))
        return from_second + from_first

    def _compose(self, kept: Collection[int], extra: Sequence[str]) -> SolveRequest:
        own = [self.request.specs[index] for index in sorted(kept)]
        return replace(self.request, specs=(*own, *(RequestedSpec(text) for text in extra)))

    def _take_solve(self) -> float:
        left_s = self._left_s()
        self.solves += 1
        return left_s

    def _left_s(self) -> float:
        left_s = self.ends - time.monotonic()
        if left_s <= 0:
            raise BudgetSpentError("the time for it is used up")
        return min(left_s, self.request.timeout_s)

    def _blame(self, error: SolveTimeoutError) -> EnvbenchError:
        """Tell a solve that was cut off by the budget from one that takes too long anyhow."""
        is_spent = time.monotonic() >= self.ends - 0.5
        return BudgetSpentError("the time for it is used up") if is_spent else error


def _name_in(text: str, named: Collection[str]) -> bool:
    try:
        return parse_match_spec(text).name in named
    except MatchSpecError:
        return True
