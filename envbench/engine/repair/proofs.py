"""All that was proved or refused in one search, each fix once."""

from envbench.engine.errors import SolveTimeoutError
from envbench.engine.repair.proof import Proof, Prover
from envbench.engine.repair.trials import BudgetOverError, Trials
from envbench.model.package_needs import name_of
from envbench.model.plan import Plan
from envbench.model.repair import Move


class Proofs:
    """Solves fixes on the whole index, and remembers what came of it."""

    def __init__(self, trials: Trials, prove: Prover) -> None:
        """Prepare; see `RepairSearch`."""
        self._trials = trials
        self._prove = prove
        self._proofs: dict[tuple[Move, ...], Proof] = {}

    def __len__(self) -> int:
        """Count the fixes that were solved."""
        return len(self._proofs)

    def __contains__(self, moves: object) -> bool:
        """Tell whether a fix was solved."""
        return moves in self._proofs

    def solve(self, moves: tuple[Move, ...]) -> Proof:
        """Solve a fix, pip part included.

        Raises:
            BudgetOverError: Time is up.
        """
        if moves not in self._proofs:
            try:
                self._proofs[moves] = self._prove(moves, self._trials.left_s())
            except SolveTimeoutError:
                raise BudgetOverError from None
        return self._proofs[moves]

    def list_pip_refused(self) -> list[tuple[tuple[Move, ...], Plan]]:
        """List what solves conda's part and was refused by pip's, in the order of the tries."""
        return [
            (moves, proof.plan)
            for moves, proof in self._proofs.items()
            if proof.is_pip_refusal and proof.plan is not None
        ]

    def pip_refusal_of(self, moves: tuple[Move, ...]) -> str:
        """Tell why pip refused what solves conda's part; empty where it did not, as far as known."""
        proof = self._proofs.get(moves)
        if proof is None or not proof.is_pip_refusal:
            return ""
        return proof.pip_talk or proof.refusal

    def is_python_package(self, name: str) -> bool:
        """Tell whether a conda package is known to hold Python code, from the plans so far."""
        plans = [proof.plan for proof in self._proofs.values() if proof.plan is not None]
        return any(
            record.name == name and any(name_of(text) == "python" for text in record.depends)
            for plan in plans
            for record in plan.packages
        )
