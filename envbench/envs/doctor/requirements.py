"""What Python distributions ask of each other, against what is installed.

Source: the core metadata (`Requires-Dist`, `Requires-Python`); extras are off, because nothing
records which ones were asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName, default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envbench.envs.doctor.requirement_codes import (
    CHECKED_CAPS,
    MISSING,
    PYTHON,
    choose_code,
    find_stand_in,
    list_references,
)
from envbench.envs.doctor.requirement_remedies import propose_missing, propose_remedies
from envbench.envs.doctor.view import Distribution, PrefixView
from envbench.model.diagnosis import Confidence, Diagnosis, Remedy
from envbench.model.known_names import conda_name_of
from envbench.model.problem import Severity

_SHOWN = 4
"""Most requirements that one finding quotes."""


@dataclass(frozen=True, slots=True)
class _Unmet:
    """A requirement that what is installed does not meet."""

    asker: Distribution
    requirement: Requirement
    found: Distribution | None

    @property
    def is_below(self) -> bool:
        """Whether what is installed is older than what is asked for, or not the exact version."""
        if self.found is None:
            return False
        version = Version(self.found.version)
        for term in self.requirement.specifier:
            if term.contains(version, prereleases=True):
                continue
            if term.operator in {">=", ">", "~=", "==", "==="}:
                return True
        return False


def examine_requirements(view: PrefixView) -> Iterator[Diagnosis]:
    """Find requirements of distributions that no installed version meets."""
    if not view.python:
        return
    unmet: dict[str, list[_Unmet]] = {}
    missing: dict[str, list[_Unmet]] = {}
    for asker in view.distributions:
        # Of two of the same name, only the one that Python finds counts.
        if view.visible.get(asker.name) is not asker:
            continue
        for each in _list_unmet(asker, view):
            name = _name(each)
            if each.found is not None:
                unmet.setdefault(each.found.name, []).append(each)
            elif not any(name == _name(other) for found in missing.values() for other in found):
                missing.setdefault(asker.name, []).append(each)
    wanted = _collect_wanted(view) if unmet or missing else {}
    for _, found in sorted(missing.items()):
        yield _diagnose_missing(found, wanted, view)
    for name, found in sorted(unmet.items()):
        yield _diagnose(name, found, wanted.get(name, []), view)


def examine_python_ranges(view: PrefixView) -> Iterator[Diagnosis]:
    """Find distributions that exclude the Python of the environment (`Requires-Python`)."""
    for each in view.distributions:
        if not view.python or not each.requires_python:
            continue
        try:
            fits = SpecifierSet(each.requires_python).contains(view.python, prereleases=True)
        except (InvalidSpecifier, InvalidVersion):
            continue
        if not fits:
            yield Diagnosis(
                code=PYTHON,
                severity=Severity.INFO if each.conda_package else Severity.WARNING,
                title=f"{each.label} excludes Python {view.python}",
                cause=f"Its metadata asks for Python {each.requires_python}; it was installed by"
                " force, or copied from another environment.",
                remedies=(
                    Remedy(text=f"install a version of {each.name} for Python {view.python_short}"),
                ),
                confidence=Confidence.CERTAIN,
                evidence=f"{each.name}: Requires-Python: {each.requires_python}",
                found_in=f"{each.info}/METADATA",
                packages=(each.name, "python"),
            )


def _list_unmet(asker: Distribution, view: PrefixView) -> Iterator[_Unmet]:
    environment = _marker_environment(view)
    for text in asker.requires:
        requirement = _parse(text, environment)
        if requirement is None:
            continue
        name = canonicalize_name(requirement.name)
        found = view.visible.get(name) or view.visible.get(find_stand_in(name, view.visible))
        if found is None and conda_name_of(name) in view.conda:
            # Some packages of conda bring modules without metadata.
            continue
        if found is None or not _is_met(requirement, found):
            yield _Unmet(asker, requirement, found)


def _parse(text: str, environment: Mapping[str, str]) -> Requirement | None:
    """Read a requirement that counts here; None for one that does not, or that is none."""
    try:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate(dict(environment)):
            return None
    except (
        InvalidRequirement,
        UndefinedComparison,
        UndefinedEnvironmentName,
        InvalidVersion,
        RecursionError,
    ):
        return None
    return requirement


def _is_met(requirement: Requirement, found: Distribution) -> bool:
    try:
        version = Version(found.version)
    except InvalidVersion:
        # A version that nobody can order cannot be called wrong.
        return True
    return requirement.specifier.contains(version, prereleases=True)


def _marker_environment(view: PrefixView) -> dict[str, str]:
    """Describe the environment's Python to markers; the box is the one that we run on."""
    own = {str(key): str(value) for key, value in default_environment().items()}
    return own | {
        "python_version": view.python_short,
        "python_full_version": view.python,
        "implementation_version": view.python,
        "extra": "",
    }


def _collect_wanted(view: PrefixView) -> dict[str, list[Requirement]]:
    """Collect everything that is asked of each distribution, met or not."""
    environment = _marker_environment(view)
    wanted: dict[str, list[Requirement]] = {}
    for asker in view.visible.values():
        for text in asker.requires:
            requirement = _parse(text, environment)
            if requirement is not None:
                wanted.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return wanted


def _name(unmet: _Unmet) -> str:
    return canonicalize_name(unmet.requirement.name)


def _diagnose_missing(
    found: list[_Unmet], wanted: Mapping[str, list[Requirement]], view: PrefixView
) -> Diagnosis:
    """Tell in one finding what a distribution requires and nobody installed."""
    asker = found[0].asker
    names = tuple(_name(each) for each in found)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    lacking = ", ".join(names[:_SHOWN]) + more
    are = "is" if len(names) == 1 else "are"
    return Diagnosis(
        code=MISSING,
        severity=_weigh(found),
        title=f"{lacking} {are} not installed, but {asker.name} requires {'it' if are == 'is' else 'them'}",
        cause="It was removed, or something was installed without its dependencies: importing"
        f" {asker.name} mostly ends with `No module named ...`.",
        remedies=(propose_missing(names, asker, wanted, view),),
        confidence=Confidence.CERTAIN,
        evidence=_quote(found),
        found_in=f"{asker.info}/METADATA",
        packages=(asker.name, *names),
    )


def _diagnose(
    name: str, found: list[_Unmet], wanted: list[Requirement], view: PrefixView
) -> Diagnosis:
    first = found[0]
    installed = view.visible[name]
    askers = tuple(dict.fromkeys(each.asker.name for each in found))
    who = askers[0] if len(askers) == 1 else f"{askers[0]} and {len(askers) - 1} more"
    is_below = any(each.is_below for each in found)
    code = choose_code(name, askers, is_below=is_below)
    how = "a later installation replaced it without looking at what is there"
    return Diagnosis(
        code=code,
        severity=_weigh(found),
        title=f"{installed.label} is not what {who} {'requires' if len(askers) == 1 else 'require'}:"
        f" {first.requirement.specifier}",
        cause=f"What is installed is not the version that is needed: {how}."
        if is_below
        else f"What is installed is newer than what its users were made for: {how}.",
        remedies=propose_remedies(name, [each.asker for each in found], wanted, view),
        confidence=Confidence.CERTAIN,
        evidence=_quote(found),
        found_in=f"{first.asker.info}/METADATA",
        packages=(name, *askers),
        references=list_references(code),
    )


def _quote(found: list[_Unmet]) -> str:
    lines = [f"{each.asker.label} requires {_show(each.requirement)}" for each in found]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "; ".join(lines[:_SHOWN]) + more


def _show(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"


def _weigh(found: list[_Unmet]) -> Severity:
    """Say how bad it is.

    conda's packages carry metadata that their own recipes overrule: conda's records, which are
    examined apart, decide for them. An upper bound is often mere caution of the authors.
    """
    by_pip = [
        u for u in found if not u.asker.conda_package or (u.found and not u.found.conda_package)
    ]
    if not by_pip:
        return Severity.INFO
    if any(unmet.found is None or unmet.is_below or _checks_itself(unmet) for unmet in by_pip):
        return Severity.ERROR
    return Severity.WARNING


def _checks_itself(unmet: _Unmet) -> bool:
    """Whether the asker refuses to be imported beside anything newer than it knows."""
    return (unmet.asker.name, canonicalize_name(unmet.requirement.name)) in CHECKED_CAPS
