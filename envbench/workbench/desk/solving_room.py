"""Solves one after the other in the child of a screen; the solver and its indexes stay warm."""

from collections.abc import Callable
from dataclasses import dataclass

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.solver.client import SolverProcess
from envbench.model.conflict import Conflict
from envbench.settings.load import Settings
from envbench.workbench.desk.solve_phase import SolvePhase
from envbench.workbench.solving import solve_spec
from envbench.workbench.values.solving import SolveOrder, SolveReport
from envbench.workers.engine import describe_engine

Report = Callable[[SolvePhase], None]


@dataclass(slots=True)
class SolvingRoom:
    """The one solver process of this child, and who listens to it now."""

    solver: SolverProcess | None = None
    report: Report = lambda _: None
    refused: tuple[SolveOrder, str, Conflict] | None = None
    """The last solve when it had no solution: what was asked, the digest of the text."""

    def prepare(self, engine: EngineSettings) -> SolverProcess:
        """Give the solver; another one when what it must know of the settings has changed."""
        if self.solver is not None and self.solver.settings != engine:
            self.solver.close()
            self.solver = None
        if self.solver is None:
            self.solver = SolverProcess(engine, self._hear)
        return self.solver

    def _hear(self, channels: tuple[str, ...]) -> None:
        self.report(SolvePhase(name="fetch" if channels else "solve", channels=channels))


_ROOM = SolvingRoom()


def solve(order: SolveOrder, settings: Settings, report: Report) -> SolveReport:
    """Solve a spec, telling what is being waited for.

    Raises:
        NotFineError: The spec has errors.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps it from being solved.
    """
    report(SolvePhase(name="prepare"))
    _ROOM.report = report
    solver = _ROOM.prepare(describe_engine(settings, offline=order.offline))
    _ROOM.refused = None
    found = solve_spec(order, settings, solver)
    if found.conflict is not None:
        _ROOM.refused = (order, found.sha256, found.conflict)
    return found


def recall_conflict(order: SolveOrder) -> tuple[str, Conflict] | None:
    """Give the conflict that the last solve found, when that is what is asked about."""
    refused = _ROOM.refused
    return refused[1:] if refused is not None and refused[0] == order else None


def give_solver(settings: Settings, *, offline: bool) -> SolverProcess:
    """Give the solver of the solves, its indexes warm, for another question than a solve."""
    _ROOM.report = lambda _: None
    return _ROOM.prepare(describe_engine(settings, offline=offline))
