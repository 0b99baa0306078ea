"""Why a package is there, and why it is not newer."""

import time
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from packaging.utils import canonicalize_name

from envbench.engine.solver.client import SolverProcess
from envbench.engine.why.counterfactual import BudgetSpentError, Counterfactuals
from envbench.engine.why.held_back import HeldBackFinder
from envbench.model.conflict import Conflict
from envbench.model.errors import UsageError
from envbench.model.known_names import conda_name_of
from envbench.model.plan import Plan
from envbench.model.requirer_tree import Key, grow_tree
from envbench.model.why import HeldBackReport, WhyReport
from envbench.settings.load import Settings
from envbench.workbench.asked_spec import AskedSpec, open_spec, solver_for
from envbench.workbench.environments import find_prefix
from envbench.workbench.package_members import Membership, describe_installed, describe_plan
from envbench.workbench.values.why import HeldBackOrder as HeldBackOrder
from envbench.workbench.values.why import SpecConditions as SpecConditions
from envbench.workbench.values.why import WhyOrder as WhyOrder

_CLOSE_NAMES = 5


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
        NotFineError: The spec has errors.
        UsageError: A file or an environment cannot be read.
        PreventedError: A channel or this box keeps it from being solved.
    """
    if order.conditions is None:
        yield _tell_of_environment(order, settings)
        return
    asked = open_spec(order.conditions, settings)
    with solver_for(order.conditions, settings, solver) as ready:
        yield from _tell_of_spec(order, order.conditions, asked, ready)


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
        yield from _walk_dependencies(order.conditions, asked, ready)


def _tell_of_environment(order: WhyOrder, settings: Settings) -> WhyReport:
    membership = describe_installed(find_prefix(order.environment, settings))
    report = _tell_requirers(order.environment, order.package, membership)
    if report.version or report.requirers:
        return report
    return replace(report, note=f"{report.package} is not installed there")


def _tell_of_spec(
    order: WhyOrder, conditions: SpecConditions, asked: AskedSpec, solver: SolverProcess
) -> Iterator[WhyReport]:
    outcome = asked.solve(solver)
    path = asked.checked.path
    if isinstance(outcome, Conflict):
        yield WhyReport(subject=path, package=_read_name(order.package), conflict=outcome)
        return
    membership = describe_plan(outcome, (*asked.conda_lines, *asked.pip_lines))
    report = _tell_requirers(path, order.package, membership)
    facts = Counterfactuals(solver, asked.request, time.monotonic() + conditions.budget_s)
    if not report.version:
        yield _tell_absent(report, asked, facts)
        return
    report = _note_pip(report, asked)
    yield report
    if order.is_newer_asked and not report.package.startswith("__"):
        yield _ask_newer(report, asked, facts)


def _ask_newer(report: WhyReport, asked: AskedSpec, facts: Counterfactuals) -> WhyReport:
    try:
        found = _make_finder(asked, facts).examine(report.package, report.version)
    except BudgetSpentError:
        return _add_note(report, "Time was up before it was known what keeps it from being newer.")
    return replace(report, newest=found.newest, held_back=found.held_back)


def _make_finder(asked: AskedSpec, facts: Counterfactuals) -> HeldBackFinder:
    dependencies = asked.spec.dependencies_on(asked.host.platform)
    return HeldBackFinder(facts, asked.conda_lines, tuple(item.match for item in dependencies))


def _tell_requirers(subject: str, asked_name: str, membership: Membership) -> WhyReport:
    name = _read_name(asked_name)
    known = {member.key: member for member in membership.members}
    candidates = (
        Key(name),
        Key(canonicalize_name(name), is_pip=True),
        Key(conda_name_of(name)),
    )
    key = next((key for key in candidates if key in known), Key(name))
    tree = grow_tree(key, membership.members, membership.lines)
    member = known.get(key)
    note = (
        f"{name} is what conda calls {key.name}."
        if member and key == candidates[2] != candidates[0]
        else ""
    )
    return WhyReport(
        subject=subject,
        package=key.name,
        version=member.version if member else "",
        is_pip=key.is_pip,
        requirers=tree.requirers,
        more=tree.more,
        line=membership.lines.get(key),
        close_names=() if member else _find_close(name, membership),
        note=note,
    )


def _read_name(text: str) -> str:
    """Read the name of a package.

    Raises:
        UsageError: It is none.
    """
    name = text.strip().lower()
    if not name or any(character in name for character in " \t/:=<>![]@"):
        raise UsageError(
            f"{text!r} is no name of a package", hint="give the name alone, such as numpy"
        )
    return name


def _find_close(name: str, membership: Membership) -> tuple[str, ...]:
    names = sorted({member.key.name for member in membership.members})
    return tuple(get_close_matches(name, names, n=_CLOSE_NAMES, cutoff=0.7))


def _note_pip(report: WhyReport, asked: AskedSpec) -> WhyReport:
    if not asked.pip_lines:
        return report
    return _add_note(
        report,
        "Whether pip items require it, too, is known when they are installed:"
        " ask for the environment then.",
    )


def _add_note(report: WhyReport, note: str) -> WhyReport:
    return replace(report, note=" ".join(part for part in (report.note, note) if part))


def _tell_absent(report: WhyReport, asked: AskedSpec, facts: Counterfactuals) -> WhyReport:
    """Tell of a package that the plan lacks: whether it exists, and whether it would fit."""
    name = report.package
    pip = next((line for line in asked.pip_lines if line.name == canonicalize_name(name)), None)
    if pip is not None:
        note = "An item of the pip section: its version is known when the section is resolved."
        return replace(report, is_pip=True, line=pip, close_names=(), note=note)
    found = facts.find(name)
    if not found.versions:
        close = tuple(dict.fromkeys((*report.close_names, *found.close_names)))
        note = f"No channel in use has a package {name}: no line could bring it."
        return replace(report, close_names=close[:_CLOSE_NAMES], note=note)
    return _add_note(report, _say_fit(name, facts))


def _say_fit(name: str, facts: Counterfactuals) -> str:
    base = f"No package of the plan requires {name}"
    try:
        tried = facts.try_with(facts.everything, (name,))
    except BudgetSpentError:
        return f"{base}."
    picked = next((pick for pick in tried.picks if pick.name == name), None)
    if picked is None:
        return f"{base}, and a line `{name}` would have no solution beside the others."
    return f"{base}; a line `{name}` would bring {picked.version} from {picked.channel}."


def _walk_dependencies(
    conditions: SpecConditions, asked: AskedSpec, solver: SolverProcess
) -> Iterator[HeldBackReport]:
    began = time.monotonic()
    outcome = asked.solve(solver)
    report = HeldBackReport(path=asked.checked.path)
    if isinstance(outcome, Conflict):
        seconds = time.monotonic() - began
        yield replace(
            report, conflict=outcome, is_over=True, solves=outcome.solves, seconds=seconds
        )
        return
    facts = Counterfactuals(solver, asked.request, time.monotonic() + conditions.budget_s)
    for known in _examine_each(report, asked, outcome, facts):
        yield replace(known, solves=1 + facts.solves, seconds=time.monotonic() - began)


def _examine_each(
    report: HeldBackReport, asked: AskedSpec, plan: Plan, facts: Counterfactuals
) -> Iterator[HeldBackReport]:
    finder = _make_finder(asked, facts)
    versions = {record.name: record.version for record in plan.packages}
    names = [n for n in dict.fromkeys(line.name for line in asked.conda_lines) if n in versions]
    for number, name in enumerate(names):
        yield replace(report, trying=name)
        try:
            found = finder.examine(name, versions[name])
        except BudgetSpentError:
            rest = tuple(f"{each}: time was up" for each in names[number:])
            report = replace(report, not_tried=(*report.not_tried, *rest))
            break
        if found.held_back is not None:
            report = replace(report, held_back=(*report.held_back, found.held_back))
        else:
            report = replace(report, newest=(*report.newest, f"{name} {versions[name]}"))
    yield replace(_add_pip(report, asked), is_over=True)


def _add_pip(report: HeldBackReport, asked: AskedSpec) -> HeldBackReport:
    """Say of the pip items that they were not looked into."""
    untold = tuple(f"{line.text}: pip items were not resolved" for line in asked.pip_lines)
    return replace(report, not_tried=(*report.not_tried, *untold))
