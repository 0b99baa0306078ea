"""What a screen asks about a spec beyond its solve; answered with the solver of the solves.

Each tells all that it knows whenever it knows more. Whoever stops it kills the child with its
solver; the next question starts others.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from envbench.model.repair import FixReport
from envbench.model.what_if import WhatIfReport
from envbench.model.why import WhyReport
from envbench.settings.load import Settings
from envbench.workbench.desk.solving_room import give_solver, recall_conflict
from envbench.workbench.fixing import find_fixes as search_fixes
from envbench.workbench.values.fixing import FixOrder
from envbench.workbench.values.solving import SolveOrder
from envbench.workbench.values.what_if import WhatIfOrder
from envbench.workbench.values.why import SpecConditions, WhyOrder
from envbench.workbench.what_if import stream_what_if
from envbench.workbench.why import tell_why

T = TypeVar("T")


def explain_package(
    order: SolveOrder, package: str, settings: Settings, report: Callable[[WhyReport], None]
) -> WhyReport:
    """Tell who requires a package of a plan, and what keeps it from being newer.

    Args:
        order: What was solved.
        package: Its name.
        settings: The user's settings.
        report: Hears what is known so far.

    Raises:
        As `solve`.
    """
    asked = WhyOrder(package=package, conditions=_read_conditions(order))
    solver = give_solver(settings, offline=order.offline)
    return _tell_all(tell_why(asked, settings, solver), report)


NOT_FURTHER = "channels that the spec does not list; f looks into them, too"


def find_fixes(
    order: SolveOrder, settings: Settings, report: Callable[[FixReport], None], *, far: bool = False
) -> FixReport:
    """Look for ways out of the conflict of a spec, each proved before it is told.

    Args:
        order: What was solved.
        far: Also look into channels that the spec does not list, which may fetch their indexes:
            only when somebody asks for it.
        settings: The user's settings.
        report: Hears what is known so far.

    Raises:
        As `solve`.
    """
    asked = FixOrder(
        spec=order.spec,
        host_file=order.host_file,
        virtual=order.virtual,
        priority=order.priority,
        exclude_newer=order.exclude_newer,
        offline=order.offline,
        against=order.against,
        looks_further=far,
    )
    solver = give_solver(settings, offline=order.offline)
    reports = search_fixes(asked, settings, solver, recall_conflict(order))
    return _tell_all((each if far else _say_near(each) for each in reports), report)


def _say_near(report: FixReport) -> FixReport:
    """Say at the end that other channels were not looked into."""
    if not report.is_over or report.conflict is None:
        return report
    return replace(report, not_tried=(*report.not_tried, NOT_FURTHER))


def what_if(
    order: SolveOrder, settings: Settings, report: Callable[[WhatIfReport], None]
) -> WhatIfReport:
    """Solve a spec under other conditions: those that somebody may want.

    Args:
        order: What was solved.
        settings: The user's settings.
        report: Hears the table, each time with more in it.

    Raises:
        As `solve`.
    """
    asked = WhatIfOrder(conditions=_read_conditions(order), takes_near=True)
    solver = give_solver(settings, offline=order.offline)
    return _tell_all(stream_what_if(asked, settings, solver), report)


def _read_conditions(order: SolveOrder) -> SpecConditions:
    return SpecConditions(
        spec=order.spec,
        host_file=order.host_file,
        virtual=order.virtual,
        priority=order.priority,
        exclude_newer=order.exclude_newer,
        offline=order.offline,
        timeout_s=order.timeout_s,
    )


def _tell_all(reports: Iterator[T], report: Callable[[T], None]) -> T:
    """Tell each report as it comes, and give the last one."""
    last = next(reports)
    report(last)
    for last in reports:
        report(last)
    return last
