"""The checks of a spec: one function each, in the order of the catalogue.

A check takes a spec and its surroundings and yields problems; it changes nothing and reads
nothing else. A new check is one function and one line below.
"""

from collections.abc import Callable, Iterable

from envbench.model.checks.catalogue import CATALOGUE, CodeEntry, make_problem
from envbench.model.checks.channels import (
    check_addresses,
    check_channel_references,
    check_channels_listed,
    check_order,
    check_terms,
)
from envbench.model.checks.combinations import check_combinations
from envbench.model.checks.conda_names import (
    check_archives,
    check_known_names,
    check_match_specs,
    check_misread_lines,
    check_selectors,
)
from envbench.model.checks.conda_versions import check_duplicates, check_python, check_unpinned
from envbench.model.checks.context import CheckContext
from envbench.model.checks.naming import check_name, check_platforms, check_prefix
from envbench.model.checks.pip_section import (
    check_both,
    check_pip_duplicates,
    check_pip_items,
    check_pip_itself,
    check_pip_unpinned,
)
from envbench.model.checks.variables import check_variables
from envbench.model.problem import Problem, Severity
from envbench.model.spec import EnvironmentSpec

Check = Callable[[EnvironmentSpec, CheckContext], Iterable[Problem]]

CHECKS: tuple[Check, ...] = (
    check_match_specs,
    check_misread_lines,
    check_known_names,
    check_selectors,
    check_archives,
    check_duplicates,
    check_python,
    check_unpinned,
    check_combinations,
    check_pip_items,
    check_pip_itself,
    check_both,
    check_pip_duplicates,
    check_pip_unpinned,
    check_channels_listed,
    check_terms,
    check_order,
    check_channel_references,
    check_addresses,
    check_name,
    check_prefix,
    check_platforms,
    check_variables,
)

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check_spec(spec: EnvironmentSpec, context: CheckContext) -> tuple[Problem, ...]:
    """Run all checks over a spec.

    Returns:
        The problems by place; those without a place first.
    """
    return sort_problems(problem for check in CHECKS for problem in check(spec, context))


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by place, then by weight, then by code."""
    return tuple(
        sorted(problems, key=lambda p: (p.span.start if p.span else -1, _RANK[p.severity], p.code))
    )


__all__ = [
    "CATALOGUE",
    "CHECKS",
    "Check",
    "CheckContext",
    "CodeEntry",
    "check_spec",
    "make_problem",
    "sort_problems",
]
