"""Edits for problems whose mending moves lines, which the checks themselves cannot make."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from envbench.formats.spec_edits import (
    add_channel,
    add_dependency,
    remove_dependency,
    remove_pip_requirement,
)
from envbench.model.channel_names import read_channel
from envbench.model.errors import UsageError
from envbench.model.problem import Edit, Problem
from envbench.model.spec import CondaDependency, EnvironmentSpec, PipItem

MAX_MENDS = 10
"""Most edits that are made in advance; each one reads the text anew."""

MAX_ITEMS = 400
"""Specs with more dependencies and pip items get none: reading them anew takes long."""

Mend = Callable[[EnvironmentSpec, Problem], Edit | None]


def attach_mends(spec: EnvironmentSpec, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give the problems that can be mended for certain their edits, the first few of them."""
    left = MAX_MENDS if len(spec.dependencies) + len(spec.pip) <= MAX_ITEMS else 0
    outcome: list[Problem] = []
    for problem in problems:
        mend = _MENDS.get(problem.code)
        if mend is None or problem.edit is not None or left == 0:
            outcome.append(problem)
            continue
        left -= 1
        outcome.append(replace(problem, edit=_try(mend, spec, problem)))
    return tuple(outcome)


def _try(mend: Mend, spec: EnvironmentSpec, problem: Problem) -> Edit | None:
    try:
        return mend(spec, problem)
    except UsageError:
        # An unusual layout: the problem stays, without an edit.
        return None


def _dependency_at(spec: EnvironmentSpec, problem: Problem) -> CondaDependency | None:
    return next((item for item in spec.dependencies if item.span == problem.span), None)


def _pip_item_at(spec: EnvironmentSpec, problem: Problem) -> PipItem | None:
    return next((item for item in spec.pip if item.span == problem.span), None)


def _add_pip(spec: EnvironmentSpec, problem: Problem) -> Edit | None:
    del problem
    return add_dependency(spec.source, "pip")


def _list_channel(spec: EnvironmentSpec, problem: Problem) -> Edit | None:
    item = _dependency_at(spec, problem)
    if item is None or item.match is None or item.match.channel is None:
        return None
    channel = read_channel(item.match.channel)
    return None if channel.secret is not None else add_channel(spec.source, channel.name)


def _remove_pip_copy(spec: EnvironmentSpec, problem: Problem) -> Edit | None:
    item = _pip_item_at(spec, problem)
    if item is None or item.requirement is None or item.requirement.specifier:
        # A version asked of pip says more than the conda line; a person has to choose.
        return None
    return remove_pip_requirement(spec.source, item.requirement.name)


def _remove_twin(spec: EnvironmentSpec, problem: Problem) -> Edit | None:
    item = _dependency_at(spec, problem)
    if item is None or item.match is None:
        return None
    if sum(other.text == item.text for other in spec.dependencies) < 2:
        return None
    return remove_dependency(spec.source, item.match.name, line=item.span.line)


_MENDS: dict[str, Mend] = {
    "EB203": _remove_twin,
    "EB301": _add_pip,
    "EB303": _remove_pip_copy,
    "EB404": _list_channel,
}
