"""Who is to blame: a smallest part of a list that still fails.

Source: U. Junker, QuickXplain (2004): divide and conquer, so that one culprit among thousands is
found with a few dozen questions.
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class BlameFinder(Generic[T]):
    """Asks which of the candidates fail together, within a budget of questions and seconds."""

    def __init__(
        self, fails: Callable[[Sequence[T]], bool], *, questions: int = 60, budget_s: float = 30.0
    ) -> None:
        """Keep the question and its price.

        Args:
            fails: Whether these candidates fail together; monotone (more never heals).
            questions: How often it may be asked.
            budget_s: Wall time after which no further question is asked.
        """
        self._fails = fails
        self._left = questions
        self._deadline = monotonic() + budget_s
        self.exhausted = False
        """Whether the budget ran out, so that the answer may hold innocents."""

    def smallest_failing(self, candidates: Sequence[T]) -> list[T]:
        """Return a part of `candidates` that fails and of which every proper part does not.

        The candidates together must fail. Order is kept. When the budget runs out, the answer
        still fails but may be too large.
        """
        wanted = self._explain([], False, list(range(len(candidates))), candidates)
        return [candidates[index] for index in sorted(wanted)]

    def _explain(
        self, background: list[int], changed: bool, part: list[int], candidates: Sequence[T]
    ) -> list[int]:
        if changed and self._ask([candidates[index] for index in sorted(background)]):
            return []
        if len(part) <= 1:
            return part
        left, right = part[: len(part) // 2], part[len(part) // 2 :]
        from_right = self._explain(background + left, bool(left), right, candidates)
        from_left = self._explain(background + from_right, bool(from_right), left, candidates)
        return from_left + from_right

    def _ask(self, candidates: Sequence[T]) -> bool:
        if self._left <= 0 or monotonic() > self._deadline:
            self.exhausted = True
            return False
        self._left -= 1
        return self._fails(candidates)
