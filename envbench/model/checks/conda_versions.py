"""Conda dependencies: what is pinned, what is not, and what is listed twice."""

from collections.abc import Iterator

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.problem import Problem
from envbench.model.spec import CondaDependency, EnvironmentSpec

MAX_NAMES = 8
"""Most names that one message lists."""


def check_duplicates(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find packages that are listed more than once on this platform (EB203)."""
    first: dict[str, CondaDependency] = {}
    for item in spec.dependencies_on(context.platform):
        if item.match is None:
            continue
        earlier = first.setdefault(item.match.name, item)
        if earlier is item:
            continue
        same = earlier.text == item.text
        what = "" if same else f" as `{earlier.text}`"
        message = f"`{item.match.name}` is already listed{what} in line {earlier.span.line}"
        hint = "remove one of the lines" if same else "join the constraints in one line"
        yield make_problem("EB203", message, item.span, hint)


def check_python(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find a python without a version (EB208); specs that need no python are left alone."""
    names = {item.match.name for item in spec.dependencies if item.match}
    pythons = [item for item in spec.dependencies_on(context.platform) if _is_python(item)]
    if any(item.match and item.match.is_pinned for item in pythons):
        return
    if pythons:
        hint = "write `python=3.12`, say"
        yield make_problem("EB208", "`python` has no version", pythons[0].span, hint)
    elif "pip" in names or spec.pip:
        place = spec.pip_span or spec.dependencies_span
        hint = "list `python` with a version"
        yield make_problem("EB208", "pip is used, but `python` is not listed", place, hint)


def _is_python(item: CondaDependency) -> bool:
    return item.match is not None and item.match.name == "python"


def check_unpinned(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Count the packages without a version (EB209)."""
    items = [i for i in spec.dependencies_on(context.platform) if i.match is not None]
    loose = [
        i
        for i in items
        if i.match and not i.match.is_pinned and i.match.name not in {"pip", "python"}
    ]
    if loose:
        names = list_names([i.match.name for i in loose if i.match])
        have = "has" if len(loose) == 1 else "have"
        message = f"{len(loose)} of {len(items)} packages {have} no version: {names}"
        yield make_problem("EB209", message, loose[0].span)


def list_names(names: list[str]) -> str:
    """Join names for a message, the first few only."""
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
