"""Why a package is there, and why it is not newer."""

from collections.abc import Iterator
from dataclasses import replace

from envbench.engine.solver.client import SolverProcess
from envbench.model.why import HeldBackReport, WhyReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import open_spec, solver_for
from envbench.workbench.environments import find_prefix
from envbench.workbench.package_members import describe_installed
from envbench.workbench.values.why import HeldBackOrder as HeldBackOrder
from envbench.workbench.values.why import SpecConditions as SpecConditions
from envbench.workbench.values.why import WhyOrder as WhyOrder
from envbench.workbench.why_in_spec import SpecQuestion
from envbench.workbench.why_not_newer import walk_dependencies
from envbench.workbench.why_tree import tell_requirers


def tell_why(
    order: WhyOrder, settings: Settings, solver: SolverProcess | None = None
) -> Iterator[WhyReport]:
    """Tell who requires a package, then, for a spec, what keeps it from being newer.

    Args:
        order: The package, and the spec or the environment.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this question alone when None.

    Yields:
        Reports, each with more in it than the one before; the last one is whole.

    Raises:
        NotFineError: The spec has errors, or its pip section has no solution.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps the spec from being solved.
    """
    if order.conditions is None:
        yield _tell_of_environment(order, settings)
        return
    asked = open_spec(order.conditions, settings)
    with solver_for(order.conditions, settings, solver) as ready:
        question = SpecQuestion(order, asked, settings, ready)
        yield from question.answer(order.conditions.budget_s)


def tell_held_back(
    order: HeldBackOrder, settings: Settings, solver: SolverProcess | None = None
) -> Iterator[HeldBackReport]:
    """Tell for each direct dependency of a spec whether it is the newest, and what keeps it back.

    Args:
        order: The spec.
        settings: The user's settings.
        solver: A process that is kept between solves; one for this question alone when None.

    Yields:
        Reports, each with more in it than the one before; the last one is whole.

    Raises:
        As `tell_why`.
    """
    asked = open_spec(order.conditions, settings)
    with solver_for(order.conditions, settings, solver) as ready:
        yield from walk_dependencies(order.conditions, asked, settings, ready)


def _tell_of_environment(order: WhyOrder, settings: Settings) -> WhyReport:
    membership = describe_installed(find_prefix(order.environment, settings))
    report = tell_requirers(order.environment, order.package, membership)
    if report.version or report.requirers:
        return report
    return replace(report, note=f"{report.package} is not installed there")
