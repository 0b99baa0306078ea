"""Changes of a spec that a diagnosis proposes, made in the user's text."""

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
    return set_pin(source, match.name, f" {version or '*'} {match.build}")


def _require_pip(source: SpecText, text: str) -> Edit:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as fault:
        raise UsageError(f"`{text}` is no requirement") from fault
    listed = _list_pip(source)
    name = canonicalize_name(requirement.name)
    if name not in listed:
        return add_pip_requirement(source, text)
    return set_pip_pin(source, listed[name], str(requirement.specifier))


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
