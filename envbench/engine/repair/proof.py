"""What the solve of a fix on the whole index comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from envbench.model.plan import Plan
from envbench.model.problem import Edit
from envbench.model.repair import DiffRow, Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A fix, written into the user's text, read again and solved; the pip part included."""

    plan: Plan | None = None
    """None when there is no solution, or none was looked for."""
    refusal: str = ""
    """Why there is no plan, in a line."""
    is_unsolvable: bool = False
    """The solver said that conda's part has no solution."""
    is_pip_refusal: bool = False
    """Conda's part has a solution, pip's has none."""
    pip_talk: str = ""
    """All that was said of why pip refuses."""
    pip: str = ""
    """`resolved`, `not tried: ...`, or empty when there is no pip section."""
    pip_versions: Mapping[str, str] = field(default_factory=dict)
    download_bytes: int | None = None
    edit: Edit | None = None
    diff: tuple[DiffRow, ...] = ()
    command: str = ""
    solve_s: float = 0.0

    @property
    def is_solved(self) -> bool:
        """Whether the fix may be offered."""
        return self.plan is not None and not self.refusal


class Prover(Protocol):
    """Proves fixes."""

    def __call__(self, moves: Sequence[Move], timeout_s: float) -> Proof:
        """Write moves into the text, solve it on the whole index, and try its pip part.

        Raises:
            SolveTimeoutError: Time is up.
            SolverStoppedError: The solver process died or was cancelled.
        """
