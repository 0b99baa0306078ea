"""Changes of a spec that a diagnosis proposes, made in the user's text."""

from collections.abc import Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.formats.edit_texts import require_match
from envbench.formats.spec_edits import (
    add_dependency,
    add_pip_requirement,
    remove_dependency,
    remove_pip_requirement,
    set_pin,
    set_pip_pin,
)
from envbench.formats.spec_layout import read_layout
from envbench.model.diagnosis import SpecChange
from envbench.model.errors import UsageError
from envbench.model.known_names import conda_name_of
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.pip_lines import classify_pip_item
from envbench.model.problem import Edit
from envbench.model.spec import SpecText


def apply_changes(source: SpecText, changes: tuple[SpecChange, ...]) -> SpecText:
    """Make changes in a text, one after the other; comments and layout stay.

    Raises:
        UsageError: One of them does not fit the text, such as the removal of what is not listed.
    """
    for change in changes:
        source = source.with_text(_make_edit(source, change).apply(source.text))
    return source


def fit_changes(source: SpecText, changes: tuple[SpecChange, ...]) -> tuple[SpecChange, ...]:
    """Fit changes to what a spec lists: they were thought out by looking at what is installed.

    What the user asks conda for is not asked of pip as well, and what is not listed need not be
    removed: it came in by hand, and the next build is without it.
    """
    conda, pip = _list_conda(source), _list_pip(source)
    fitted = [_fit(change, conda, pip) for change in changes]
    return tuple(dict.fromkeys(change for change in fitted if change is not None))


def _fit(change: SpecChange, conda: frozenset[str], pip: Mapping[str, str]) -> SpecChange | None:
    if change.section != "pip":
        name = (
            change.requirement
            if change.kind == "remove"
            else require_match(change.requirement).name
        )
        return None if change.kind == "remove" and name not in conda else change
    if change.kind == "remove":
        return change if canonicalize_name(change.requirement) in pip else None
    requirement = _read_requirement(change.requirement)
    name = canonicalize_name(requirement.name)
    if name in pip or conda_name_of(name) not in conda or requirement.extras:
        return change
    terms = to_conda_terms(str(requirement.specifier))
    text = f"{conda_name_of(name)} {terms}".strip()
    return SpecChange(kind="require", requirement=text)


def to_conda_terms(terms: str) -> str:
    """Say a specifier in conda's words: `==1.2.*` is `1.2.*` there."""
    parts = [part.strip() for part in terms.split(",") if part.strip()]
    return ",".join(
        part[2:] if part.startswith("==") and part.endswith(".*") else part.replace("===", "==")
        for part in parts
    )


def _make_edit(source: SpecText, change: SpecChange) -> Edit:
    if change.kind == "remove":
        return _remove(source, change)
    if change.section == "pip":
        return _require_pip(source, change.requirement)
    return _require_conda(source, change.requirement)


def _remove(source: SpecText, change: SpecChange) -> Edit:
    if change.section == "pip":
        return remove_pip_requirement(source, change.requirement)
    return remove_dependency(source, change.requirement)


def _require_conda(source: SpecText, text: str) -> Edit:
    match = require_match(text)
    if match.name not in _list_conda(source):
        return add_dependency(source, text)
    version = match.version or ""
    if match.build is None:
        return set_pin(source, match.name, version)
    return set_pin(source, match.name, _write_with_build(version, match.build))


def _write_with_build(version: str, build: str) -> str:
    """Write version and build in the form that every reader takes alike."""
    if version.startswith("=="):
        return f"{version}={build}"
    if not version or version[0] == "*" or version[0].isalnum():
        return f"={version or '*'}={build}"
    return f"{version} {build}"


def _require_pip(source: SpecText, text: str) -> Edit:
    requirement = _read_requirement(text)
    listed = _list_pip(source)
    name = canonicalize_name(requirement.name)
    if name not in listed:
        return add_pip_requirement(source, text)
    return set_pip_pin(source, listed[name], str(requirement.specifier))


def _read_requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as fault:
        raise UsageError(f"`{text}` is no requirement") from fault


def _list_conda(source: SpecText) -> frozenset[str]:
    names = set()
    for place in read_layout(source).conda:
        try:
            names.add(parse_match_spec(place.scalar.value).name)
        except MatchSpecError:
            continue
    return frozenset(names)


def _list_pip(source: SpecText) -> dict[str, str]:
    """Map normalised names to names as written."""
    found: dict[str, str] = {}
    for place in read_layout(source).pip:
        requirement = classify_pip_item(place.scalar.value).requirement
        if requirement is not None:
            found[canonicalize_name(requirement.name)] = requirement.name
    return found
