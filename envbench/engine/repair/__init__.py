"""Ways out of a conflict: changes of the user's lines that were solved before they are offered."""

from envbench.engine.repair.joined import JoinedSearch
from envbench.engine.repair.ledger import Ledger, Progress
from envbench.engine.repair.pip_elements import PipQuestions
from envbench.engine.repair.pip_search import PipRepairSearch
from envbench.engine.repair.proof import Proof, Prover
from envbench.engine.repair.search import RepairSearch
from envbench.engine.repair.task import RepairTask
from envbench.engine.repair.trials import BudgetOverError, SolverTrials, Trials

__all__ = [
    "BudgetOverError",
    "JoinedSearch",
    "Ledger",
    "PipQuestions",
    "PipRepairSearch",
    "Progress",
    "Proof",
    "Prover",
    "RepairSearch",
    "RepairTask",
    "SolverTrials",
    "Trials",
]
