"""The pip part of the search for ways out: resolved beside the plans that conda's part comes to."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from envbench.engine.pip_section import (
    CondaPart,
    HeldRange,
    PipSeries,
    PipTrials,
    find_pip_cores,
    hold_ranges,
    suggest_pip_series,
)
from envbench.engine.pip_section.conda_lines import ask_conda_lines
from envbench.engine.pip_section.errors import PipTimeUpError
from envbench.engine.repair import BudgetOverError
from envbench.engine.solver.client import SolverProcess
from envbench.model.cleaning import clean
from envbench.model.conflict import Conflict
from envbench.model.errors import EnvbenchError, PreventedError
from envbench.model.plan import Plan
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec
from envbench.workbench.pip_conflict import tell_pip_conflict
from envbench.workbench.pip_tasks import make_pip_task, owned_versions, python_version_of

_SHORT = 100
_DECIDES = re.compile(r" (?:depends on|requires) ")
_NOT_TRIED = "not tried: "
_NO_PYTHON = "the pip section needs a python among the packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipOutcome:
    """What came of the pip items beside one plan of conda."""

    said: str = ""
    """`resolved`, `not tried: ...`, or empty."""
    versions: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    """Why they have no solution, in a line; empty when they have one, or were not tried."""
    talk: str = ""
    """All that was said of that."""


class FixPip:
    """Answers about the pip section of one spec; see `engine.repair.PipQuestions`."""

    def __init__(
        self,
        asked: AskedSpec,
        settings: Settings,
        solver: SolverProcess,
        *,
        ends: float,
        is_wanted: bool = True,
    ) -> None:
        """Prepare; nothing is started before the first question.

        Args:
            asked: The spec.
            settings: The user's settings.
            solver: A solver that is kept.
            ends: `time.monotonic()` at which the budget is used up.
            is_wanted: Whether the user wants the pip section to be tried.
        """
        self._asked = asked
        self._settings = settings
        self._solver = solver
        self._ends = ends
        self._stack = ExitStack()
        self._trials: PipTrials | None = None
        self.prevented = "" if is_wanted else f"{_NOT_TRIED}left out as asked"
        """Why it cannot be tried; empty as long as nothing keeps it from being tried."""

    def close(self) -> None:
        """Remove what was made for the trials."""
        self._trials = None
        self._stack.close()

    def resolve(self, items: Sequence[str], plan: Plan) -> PipOutcome:
        """Resolve items beside a plan, asking the index.

        Raises:
            BudgetOverError: Time is up.
        """
        if not items:
            return PipOutcome()
        if self.prevented:
            return PipOutcome(said=self.prevented)
        python = python_version_of(plan)
        if not python:
            return PipOutcome(refusal=_NO_PYTHON)
        try:
            trial = self._open(plan).try_items(items, owned_versions(plan, {}), python)
        except PipTimeUpError:
            raise BudgetOverError from None
        except EnvbenchError as fault:
            # What keeps it from being tried once keeps it from being tried again.
            self.prevented = f"{_NOT_TRIED}{fault.what}"
            return PipOutcome(said=self.prevented)
        if trial.is_refused:
            return PipOutcome(refusal=f"pip: {say_shortly(trial.refusal)}", talk=trial.refusal)
        return PipOutcome(said="resolved", versions=trial.versions)

    def find_conflict(self, plan: Plan) -> Conflict | None:
        """Find the conflict of the section beside a plan; None when it has a solution.

        Raises:
            BudgetOverError: Time is up.
            EnvbenchError: An index cannot be reached, ...
        """
        conda = CondaPart(
            lines=self._asked.conda_lines,
            plan=plan,
            lines_against=ask_conda_lines(self._solver, self._asked.request),
        )
        try:
            return tell_pip_conflict(find_pip_cores(self._open(plan), conda))
        except PipTimeUpError:
            raise BudgetOverError from None

    def resolves(self, items: Sequence[str], plan: Plan) -> bool:
        """Tell whether items have a solution beside a plan of conda."""
        python = python_version_of(plan)
        if not python:
            return False
        try:
            return self._open(plan).resolves(items, owned_versions(plan, {}), python)
        except PipTimeUpError:
            raise BudgetOverError from None
        except PreventedError:
            raise
        except EnvbenchError:
            # Such as an item that may not be built.
            return False

    def series(self, item: str, rest: Sequence[str]) -> tuple[PipSeries, ...]:
        """List series of an item with which the rest has a solution, beside the first plan."""
        if self._trials is None:
            return ()
        try:
            return suggest_pip_series(self._trials, item, rest=rest, most=1)
        except PipTimeUpError:
            raise BudgetOverError from None

    def ranges(self, distribution: str, items: Sequence[str]) -> HeldRange:
        """Tell which versions of a distribution of conda's items need."""
        if self._trials is None:
            return HeldRange(distribution=distribution, package=distribution)
        try:
            return hold_ranges(self._trials, distribution, items)
        except PipTimeUpError:
            raise BudgetOverError from None

    def _open(self, plan: Plan) -> PipTrials:
        if self._trials is None:
            task = make_pip_task(
                self._asked.spec,
                plan,
                self._settings,
                timeout_s=max(1.0, self._ends - time.monotonic()),
                exclude_newer=self._asked.request.exclude_newer,
            )
            trials = PipTrials(
                task,
                python_version=python_version_of(plan),
                platform=plan.platform,
                glibc=self._asked.host.glibc,
                deadline=self._ends,
            )
            self._trials = self._stack.enter_context(trials)
        return self._trials


def say_shortly(talk: str) -> str:
    """Take what decides it out of all that uv says: `a==1 depends on b>=2`."""
    lines = [line.strip() for line in talk.splitlines() if line.strip()]
    causes = [line.removeprefix("cause:").strip() for line in lines if line.startswith("cause:")]
    sentence = (causes or lines or ["no solution"])[0].removeprefix("Because ")
    clauses = re.split(r" and |, ", sentence)
    telling = [clause for clause in clauses if _DECIDES.search(clause)]
    return clean((telling or clauses)[0].rstrip("."), limit=_SHORT)
