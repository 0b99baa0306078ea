"""Frameworks asked for together with a Python that their releases were never made for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from envbench.model.checks.catalogue import make_problem
from envbench.model.checks.context import CheckContext
from envbench.model.compatibility.releases import ReleaseRow, list_releases
from envbench.model.known_names import pypi_name_of
from envbench.model.problem import Problem
from envbench.model.span import Span
from envbench.model.spec import EnvironmentSpec
from envbench.model.version_match import satisfies_version

_FRAMEWORKS = frozenset({"tensorflow", "torch", "jax"})
_PYTHON_MINORS = range(6, 30)
_PATCHES = range(20)
_SERIES = tuple(f"{major}.{minor}" for major in range(4) for minor in range(40))
"""Versions that a constraint may accept; the table knows some of them."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A framework with a constraint."""

    name: str
    text: str
    span: Span
    accepts: Callable[[str], bool]


def check_combinations(spec: EnvironmentSpec, context: CheckContext) -> Iterator[Problem]:
    """Find frameworks whose releases exclude every Python that the spec accepts (EB216)."""
    conda = tuple(_list_conda(spec, context))
    python = next((each for each in conda if each.name == "python"), None)
    frameworks = [each for each in (*conda, *_list_pip(spec)) if each.name in _FRAMEWORKS]
    if python is None or not frameworks:
        return
    pythons = [f"3.{minor}" for minor in _PYTHON_MINORS if _accepts_series(python, f"3.{minor}")]
    if not pythons:
        return
    for asked in frameworks:
        rows = _find_rows(asked)
        if rows and not any(_supports(row, version) for row in rows for version in pythons):
            best = rows[0]
            last = "" if best.is_open else f" to {best.pythons[-1]}"
            message = (
                f"`{asked.text}` was made for Python {best.pythons[0]}{last or ' and newer'},"
                f" and the spec asks for `{python.text}`"
            )
            yield make_problem("EB216", message, asked.span, f"source: {best.source}")


def _list_conda(spec: EnvironmentSpec, context: CheckContext) -> Iterator[_Asked]:
    for item in spec.dependencies_on(context.platform):
        version = item.match.version if item.match else None
        if item.match is None or version is None or version == "*":
            continue
        yield _Asked(pypi_name_of(item.match.name), item.text, item.span, _accept_conda(version))


def _list_pip(spec: EnvironmentSpec) -> Iterator[_Asked]:
    for item in spec.pip:
        requirement = item.requirement
        if requirement is not None and requirement.specifier and not requirement.marker:
            accepts = requirement.specifier.contains
            yield _Asked(requirement.name.lower(), item.text, item.span, accepts)


def _accept_conda(constraint: str) -> Callable[[str], bool]:
    return lambda version: satisfies_version(version, constraint) is not False


def _accepts_series(asked: _Asked, series: str) -> bool:
    return any(asked.accepts(f"{series}.{patch}") for patch in _PATCHES)


def _find_rows(asked: _Asked) -> tuple[ReleaseRow, ...]:
    """Find the rows that a constraint accepts; none when it also accepts what no row is about."""
    rows = list_releases(asked.name)
    known = {row.series for row in rows}
    if any(asked.accepts(f"{series}.0") for series in _SERIES if series not in known):
        return ()
    return tuple(row for row in rows if _accepts_series(asked, row.series))


def _supports(row: ReleaseRow, python: str) -> bool:
    if python in row.pythons:
        return True
    return row.is_open and int(python.partition(".")[2]) >= int(row.pythons[0].partition(".")[2])
