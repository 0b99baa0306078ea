"""Pip items that have no solution by themselves: no such name, no such version, no wheel."""

from collections.abc import Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.core_words import name_line
from envbench.engine.pip_section.guilty import GuiltySet
from envbench.engine.pip_section.items import read_item
from envbench.engine.pip_section.prose import Prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.engine.search import find_close_names
from envbench.model.conflict import Core, CoreKind
from envbench.model.known_names import CONDA_OF_PYPI, PYPI_OF_CONDA, pypi_name_of
from envbench.model.well_known import PACKAGES

_MOST_GUESSES = 4
_BELOW = {"==": "<", "===": "<", "~=": "<", ">=": "<", ">": "<="}
_ABOVE = {"==": ">", "===": ">", "~=": ">", "<=": ">", "<": ">="}
"""What lies beyond a bound on each side."""


def tell_lone_item(trials: PipTrials, guilty: GuiltySet, prose: Prose) -> Core | None:
    """Tell what is wrong with a single item; None when it is none of these."""
    name = guilty.items[0].shown.name
    if name in prose.absent:
        return _tell_absent(trials, guilty)
    concerned = {term.name for term in (*prose.missing, *prose.available, *prose.without_wheel)}
    if name not in concerned or prose.demands:
        return None
    if any(term.name == name for term in prose.without_wheel):
        return _tell_without_wheel(trials, guilty)
    return _tell_missing_version(trials, guilty)


def _tell_absent(trials: PipTrials, guilty: GuiltySet) -> Core:
    shown = guilty.items[0].shown
    close = _guess_names(trials, shown.name)
    meant = f" Did you mean {' or '.join(close[:2])}?" if close else ""
    return _core(
        CoreKind.MISSING_PACKAGE,
        guilty,
        [f"{name_line(shown)}: no package index in use has {shown.name}.{meant}"],
        close,
    )


def _guess_names(trials: PipTrials, name: str) -> list[str]:
    """List names that may be meant and that the index has."""
    known = {*PACKAGES, *CONDA_OF_PYPI, *PYPI_OF_CONDA.values()}
    guesses = [pypi_name_of(name), *find_close_names(name, {each.lower() for each in known})]
    guesses = [pypi_name_of(guess) for guess in guesses]
    released = list(trials.task.owned)
    return [
        guess
        for guess in [each for each in dict.fromkeys(guesses) if each != name][:_MOST_GUESSES]
        if guess in trials.task.owned or trials.resolves([guess], released=released)
    ]


def _tell_missing_version(trials: PipTrials, guilty: GuiltySet) -> Core:
    item = guilty.items[0]
    near = find_neighbours(trials, item.text)
    has = f" There is {' and '.join(near)}." if near else ""
    return _core(
        CoreKind.MISSING_VERSION,
        guilty,
        [f"{name_line(item.shown)}: no version of {item.shown.name} is what it asks for.{has}"],
        near,
    )


def _tell_without_wheel(trials: PipTrials, guilty: GuiltySet) -> Core:
    shown = guilty.items[0].shown
    version = trials.try_items([shown.name], released=list(trials.task.owned)).versions.get(
        shown.name
    )
    told = [
        f"{name_line(shown)}: there is only source of it, or wheels for other platforms;"
        " building it would run its code."
    ]
    known_as = pypi_name_of(shown.name)
    if version:
        told.append(f"{shown.name} {version} has a wheel.")
    elif known_as != shown.name and trials.resolves([known_as], released=list(trials.task.owned)):
        told.append(f"Did you mean {known_as}? Package indexes know it by that name.")
        return _core(CoreKind.MISSING_PACKAGE, guilty, told, [known_as])
    return _core(CoreKind.PIP, guilty, told, [version] if version else [])


def find_neighbours(trials: PipTrials, item: str) -> list[str]:
    """Find the nearest versions that exist below and above what an item asks for."""
    requirement = _read(item)
    if requirement is None:
        return []
    found: list[str] = []
    for side, lowest in ((_BELOW, False), (_ABOVE, True)):
        for bound in sorted(requirement.specifier, key=str):
            edge = _edge(bound, side)
            if edge:
                trial = trials.try_items(
                    [f"{requirement.name}{edge}"],
                    released=list(trials.task.owned),
                    lowest=lowest,
                )
                found += filter(None, [trial.versions.get(canonicalize_name(requirement.name))])
    return list(dict.fromkeys(found))[:_MOST_GUESSES]


def _edge(bound: Specifier, side: Mapping[str, str]) -> str:
    """Say what lies beyond a bound; empty where there could be only what was asked for."""
    sign = side.get(bound.operator, "")
    if not sign:
        return ""
    bare = bound.version.removesuffix(".*").partition("+")[0]
    apart = f",!={bare}.*" if bound.version.endswith(".*") and sign == ">" else ""
    return f"{sign}{bare}{apart}"


def _read(item: str) -> Requirement | None:
    try:
        return read_item(item)
    except InvalidRequirement:
        return None


def _core(kind: CoreKind, guilty: GuiltySet, told: Sequence[str], near: Sequence[str]) -> Core:
    return Core(
        kind=kind,
        lines=guilty.lines,
        explanation=tuple(show_text(text, limit=600) for text in told),
        available=tuple(near),
        is_minimal=guilty.is_minimal,
        solver_text=guilty.talk,
    )
