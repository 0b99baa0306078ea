"""What a search has found so far: proves fixes, counts what they cost, remembers what failed."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from envbench.engine.repair.proof import Proof, Prover
from envbench.engine.repair.proofs import Proofs
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import Trials
from envbench.engine.repair.wishes import Wishes
from envbench.model.plan import Plan
from envbench.model.repair import FailedTry, Fix, Move, MoveKind
from envbench.model.repair_choice import MOST_FIXES, choose_fixes
from envbench.model.repair_cost import (
    Outcome,
    Wish,
    describe_effect,
    list_shifts,
    measure_cost,
)
from envbench.model.repair_words import gains_of, title_of
from envbench.model.section_moves import find_unasked_prerelease

_MOST_FAILED = 24
_RESOLVED = "resolved"
"""What a proof says of a pip section that has a solution."""
_MOST_DEFERRED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known so far."""

    fixes: tuple[Fix, ...] = ()
    """Best first; at most nine."""
    failed: tuple[FailedTry, ...] = ()
    trying: str = ""
    not_tried: tuple[str, ...] = ()
    is_over: bool = False
    proved: int = 0
    """How many fixes were solved on the whole index."""
    first_fix_at: float | None = None
    """`time.monotonic()` of the first fix."""


class Ledger:
    """Proves what a search finds and keeps the outcome."""

    def __init__(self, task: RepairTask, trials: Trials, prove: Prover) -> None:
        """Prepare; see `RepairSearch`."""
        self.not_tried: list[str] = []
        self._task = task
        self._trials = trials
        self._fixes: list[Fix] = []
        self._failed: list[FailedTry] = []
        self._trying = ""
        self.proofs = Proofs(trials, prove)
        self._first_fix_at: float | None = None
        self._wish: Wish | None = None
        self._wishes = Wishes(task, trials)
        self._deferred: list[tuple[Move, ...]] = []

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """All that were proved, in the order in which they were."""
        return tuple(self._fixes)

    @property
    def wish(self) -> Wish | None:
        """The nearest wish; None until some lines were left out with success."""
        return self._wish

    @property
    def has_fix(self) -> bool:
        """Whether there is a way out on this box; one that was only put off counts."""
        proved = any(not fix.cost.hosts for fix in self._fixes)
        return proved or bool(self._deferred)

    @property
    def wants_more(self) -> bool:
        """Whether there is room for another fix."""
        return len(self._fixes) < MOST_FIXES

    def snapshot(self, *, is_over: bool = False) -> Progress:
        """Say what is known so far."""
        return Progress(
            fixes=choose_fixes(self._fixes),
            failed=tuple(self._failed[:_MOST_FAILED]),
            trying="" if is_over else self._trying,
            not_tried=tuple(dict.fromkeys(self.not_tried)),
            is_over=is_over,
            proved=len(self.proofs),
            first_fix_at=self._first_fix_at,
        )

    def begin(self, moves: Sequence[Move]) -> Progress:
        """Note what is being tried."""
        self._trying = title_of(moves)
        return self.snapshot()

    def note(self, what: str) -> Progress:
        """Note what is being looked into, in words."""
        self._trying = what
        return self.snapshot()

    def fail(self, moves: Sequence[Move], why: str, *, title: str = "") -> None:
        """Note what has no solution."""
        if self._task.pip_lines and any(_takes_python(move) for move in moves):
            # The pip section needs one: another python is the weaker change.
            return
        failed = FailedTry(title=title or title_of(moves), why=why)
        if failed not in self._failed:
            self._failed.append(failed)

    def defer(self, moves: Sequence[Move]) -> None:
        """Put a proof off that cannot be the best: removals, mostly."""
        self._deferred.append(tuple(moves))

    def prove_deferred(self) -> Iterator[Progress]:
        """Prove what was put off."""
        pending = [moves for moves in self._deferred if moves not in self.proofs]
        self._deferred = []
        for moves in pending[:_MOST_DEFERRED]:
            yield from self.prove(moves)
        for moves in pending[_MOST_DEFERRED:]:
            self.not_tried.append(title_of(moves))

    def ensure_wish(self, removal: tuple[Move, ...]) -> Generator[Progress, None, bool | None]:
        """Make the plan without some lines the nearest wish, unless there is one already.

        Returns:
            Whether conda's part has a solution without them; None where that was not asked.
        """
        if self._wish is not None:
            return None
        yield self.begin(removal)
        proof = self.proofs.solve(removal)
        plan = proof.plan
        if plan is not None:
            self._wish = self._wishes.make(plan, proof.pip_versions, removal)
            if proof.is_solved:
                yield self._add(removal, proof)
            return True
        return False if proof.is_unsolvable else None

    def prove(self, moves: Sequence[Move], why: str = "") -> Generator[Progress, None, Fix | None]:
        """Solve a fix on the whole index; it counts when that has a solution.

        Args:
            moves: The fix.
            why: What is said of it when conda's part has none; the prover's words when empty.
        """
        moves = tuple(moves)
        if self._is_known(moves):
            return next((fix for fix in self._fixes if fix.moves == moves), None)
        yield self.begin(moves)
        proof = self.proofs.solve(moves)
        if not proof.is_solved:
            is_told = bool(why) and proof.is_unsolvable
            self.fail(moves, why if is_told else proof.refusal or "no solution on the whole index")
            return None
        early = find_unasked_prerelease(moves, proof.pip_versions)
        if early:
            self.fail(moves, f"there is only {early}, which is no release yet")
            return None
        if any(move.kind is MoveKind.TO_PIP for move in moves) and proof.pip != _RESOLVED:
            self.not_tried.append(f"{title_of(moves)}: {proof.pip}")
            return None
        if self._wish is None and proof.plan is not None:
            self._wish = self._wishes.make(proof.plan, proof.pip_versions, moves)
        yield self._add(moves, proof)
        return self._fixes[-1]

    def versions_of(self, name: str) -> tuple[str, ...]:
        """List the versions that there are of a package, newest first."""
        return self._trials.supply(name).versions

    # -- inside ----------------------------------------------------------------------------------

    def _is_known(self, moves: tuple[Move, ...]) -> bool:
        return any(fix.moves == moves for fix in self._fixes)

    def _add(self, moves: tuple[Move, ...], proof: Proof) -> Progress:
        if self._first_fix_at is None:
            self._first_fix_at = time.monotonic()
        self._fixes.append(self._make_fix(moves, proof, self._require(proof.plan)))
        return self.snapshot()

    def _make_fix(self, moves: tuple[Move, ...], proof: Proof, plan: Plan) -> Fix:
        task, wish = self._task, self._wish or Wish()
        outcome = Outcome(
            packages=plan.packages,
            pip=proof.pip_versions,
            download_bytes=proof.download_bytes,
        )
        direct = (*task.lines, *task.pip_lines)
        found = wish.gpu | self._wishes.find_gpus(wish, outcome, moves)
        if found != wish.gpu:
            wish = replace(wish, gpu=found)
            self._wish = wish if self._wish is not None else None
        cost = measure_cost(moves, outcome, wish, direct, self._list_versions(moves))
        effect = describe_effect(outcome, wish, direct)
        if task.against:
            installed = Wish(packages=task.installed, gpu=wish.gpu)
            cost = replace(cost, packages=len(list_shifts(outcome, installed, direct)))
            effect = describe_effect(outcome, installed, direct, task.against)
        versions = {**proof.pip_versions, **{p.name: p.version for p in plan.packages}}
        return Fix(
            moves=moves,
            title=title_of(moves),
            cost=cost,
            effect=effect,
            gains=gains_of(moves, self._names_of_interest(), versions),
            edit=proof.edit,
            diff=proof.diff,
            command=proof.command,
            pip=proof.pip,
            solve_s=proof.solve_s,
        )

    def _list_versions(self, moves: Sequence[Move]) -> dict[str, tuple[str, ...]]:
        names = {move.name for move in moves if move.line is not None and not move.is_pip}
        return {name: self._trials.supply(name).versions for name in names}

    def _names_of_interest(self) -> tuple[str, ...]:
        return tuple(line.name for core in self._task.conflict.cores for line in core.lines)

    @staticmethod
    def _require(plan: Plan | None) -> Plan:
        if plan is None:
            raise ValueError("a proof without a plan was taken for one")
        return plan


def _takes_python(move: Move) -> bool:
    return move.kind is MoveKind.REMOVE and move.name == "python"
