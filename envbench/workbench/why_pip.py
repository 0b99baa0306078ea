"""The pip part of `why`: what the pip section of a spec comes to, and what holds its items back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from envbench.engine.pip_section.conda_lines import ask_conda_lines
from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.cores import find_pip_cores
from envbench.engine.pip_section.held_back import explain_held_back
from envbench.engine.pip_section.trial import PipTrials
from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.pip_requirers import find_pip_requirers
from envbench.model.errors import NotFineError, PreventedError
from envbench.model.plan import Plan
from envbench.model.why import HeldBack, Requirer
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.pip_tasks import make_pip_task, python_version_of


@dataclass(frozen=True, slots=True)
class PipAnswers:
    """Resolves variants of the pip section of one spec against its conda plan."""

    trials: PipTrials
    conda: CondaPart

    def versions(self) -> Mapping[str, str]:
        """Give what pip would install: normalised name to version.

        Raises:
            NotFineError: The section has no solution.
            EnvbenchError: An index cannot be reached, time is up, ...
        """
        trial = self.trials.try_items()
        if trial.is_refused:
            raise NotFineError("the pip section has no solution", why=self._explain())
        return trial.versions

    def _explain(self) -> str:
        cores = find_pip_cores(self.trials, self.conda, most=1)
        return " ".join(cores[0].explanation) if cores else ""

    def find_requirers(self, name: str) -> tuple[tuple[Requirer, ...], int]:
        """Tell which items require a package, conda's or pip's, and how many were not looked at.

        Raises:
            As `versions`.
        """
        return find_pip_requirers(self.trials, name, self.versions())

    def find_held_back(self, name: str) -> HeldBack | None:
        """Tell what keeps a package from being newer; None when it is the newest.

        Raises:
            As `versions`.
        """
        return explain_held_back(self.trials, name, self.conda)


@contextmanager
def open_pip(
    asked: AskedSpec, plan: Plan, settings: Settings, solver: SolverProcess, ends: float
) -> Iterator[PipAnswers]:
    """Prepare to answer; nothing is resolved yet.

    Args:
        asked: The spec.
        plan: What conda would install for it.
        settings: The user's settings.
        solver: A solver that is kept.
        ends: `time.monotonic()` at which nothing further is begun.

    Raises:
        PreventedError: Conda would install no Python, or the work cannot be prepared.
    """
    python = python_version_of(plan)
    if not python:
        raise PreventedError("the pip section needs a python among the packages")
    task = make_pip_task(
        asked.spec,
        plan,
        settings,
        timeout_s=max(1.0, ends - monotonic()),
        exclude_newer=asked.request.exclude_newer,
    )
    trials = PipTrials(
        task,
        python_version=python,
        platform=plan.platform,
        glibc=asked.host.glibc,
        deadline=ends,
    )
    conda = CondaPart(
        lines=asked.conda_lines, plan=plan, lines_against=ask_conda_lines(solver, asked.request)
    )
    with trials:
        yield PipAnswers(trials, conda)
