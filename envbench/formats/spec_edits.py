"""Edits of an `environment.yml`: splices that leave every other byte as it is.

Each function returns an edit of the text it was given and has checked it: the edited text is read
again and must be the wanted spec, or the edit is refused.
"""

import difflib
import re

from packaging.utils import canonicalize_name

from envbench.formats.edit_check import checked_edit, contents_of, refuse_unusual
from envbench.formats.edit_splices import (
    insert_channel,
    insert_conda,
    insert_pip,
    remove_conda,
    remove_pip,
)
from envbench.formats.edit_texts import (
    match_of,
    pinned_text,
    require_match,
    require_requirement,
    requirement_of,
)
from envbench.formats.sequence_edits import replace_scalar
from envbench.formats.spec_layout import Place, SpecLayout, read_layout
from envbench.model.errors import UsageError
from envbench.model.matchspec import MatchSpecError, parse_match_spec
from envbench.model.pip_lines import classify_pip_item
from envbench.model.problem import Edit, Replacement
from envbench.model.spec import SpecText


def set_pin(source: SpecText, name: str, constraint: str, *, line: int | None = None) -> Edit:
    """Give a conda dependency another version constraint.

    Args:
        source: The text to edit.
        name: The package, without channel.
        constraint: As it stands behind the name: `=1.26.*`, `>=1.20,<2`, ` 1.2 py39*`; a bare
            version gets one equals sign; empty removes version and build.
        line: Which line is meant, where the package is listed more than once (1-based).

    Raises:
        UsageError: The package is not listed, the constraint is invalid, or the layout of the text
            is one that is not edited.
    """
    layout = read_layout(source)
    place = _find_conda(layout, name, line)
    wanted = pinned_text(place.scalar.value, constraint)
    shown = re.sub(r"^=(?!=)", "", constraint.strip())
    title = f"pin {name} to {shown}" if shown else f"unpin {name}"
    change = refuse_unusual(
        source, lambda: replace_scalar(place.scalar, wanted, flow=place.parent.flow)
    )
    expected = contents_of(source)
    expected.replace(place.scalar.span, wanted)
    return checked_edit(source, Edit(title, (change,)), expected)


def relax_pin(source: SpecText, name: str, *, line: int | None = None) -> Edit:
    """Take version and build off a conda dependency.

    Raises:
        UsageError: As for `set_pin`.
    """
    return set_pin(source, name, "", line=line)


def set_pip_pin(source: SpecText, name: str, specifier: str) -> Edit:
    """Give a pip requirement another specifier, extras and marker kept.

    Raises:
        UsageError: It is not listed, the outcome is no requirement, or the layout is not edited.
    """
    layout = read_layout(source)
    place = _find_pip(layout, name)
    requirement = classify_pip_item(place.scalar.value).requirement
    extras = (
        f"[{','.join(sorted(requirement.extras))}]" if requirement and requirement.extras else ""
    )
    marker = f"; {requirement.marker}" if requirement and requirement.marker else ""
    written = re.match(r"[A-Za-z0-9._-]+", place.scalar.value)
    wanted = f"{written[0] if written else name}{extras}{specifier.strip()}{marker}"
    require_requirement(wanted)
    change = refuse_unusual(
        source, lambda: replace_scalar(place.scalar, wanted, flow=place.parent.flow)
    )
    expected = contents_of(source)
    expected.replace(place.scalar.span, wanted)
    return checked_edit(source, Edit(f"pin {name} to {specifier.strip()}", (change,)), expected)


def add_dependency(source: SpecText, text: str) -> Edit:
    """Add a conda dependency behind the last one, before the pip section.

    Args:
        source: The text to edit.
        text: A match spec such as `numpy>=1.20,<2`.

    Raises:
        UsageError: It is no match spec, the package is listed already, or the layout is not edited.
    """
    match = require_match(text)
    layout = read_layout(source)
    if any(_name_of(place) == match.name for place in layout.conda):
        raise UsageError(f"`{match.name}` is listed already", where=source.path)
    change = refuse_unusual(source, lambda: insert_conda(layout, text.strip()))
    expected = contents_of(source)
    expected.added_conda = text.strip()
    return checked_edit(source, Edit(f"add {match.name}", (change,)), expected)


def add_pip_requirement(source: SpecText, text: str) -> Edit:
    """Add a requirement to the pip section; the section is made when there is none.

    Raises:
        UsageError: It is no requirement, it is listed already, or the layout is not edited.
    """
    require_requirement(text)
    layout = read_layout(source)
    name = _pip_name(text)
    if any(_pip_name(place.scalar.value) == name for place in layout.pip):
        raise UsageError(f"`{name}` is listed in the pip section already", where=source.path)
    change = refuse_unusual(source, lambda: insert_pip(layout, text.strip()))
    expected = contents_of(source)
    expected.added_pip = text.strip()
    return checked_edit(source, Edit(f"add {name} to the pip section", (change,)), expected)


def remove_dependency(source: SpecText, name: str, *, line: int | None = None) -> Edit:
    """Remove a conda dependency with its line and the comment on it.

    Raises:
        UsageError: It is not listed, or the layout is not edited.
    """
    layout = read_layout(source)
    place = _find_conda(layout, name, line)
    change = refuse_unusual(source, lambda: remove_conda(layout, place))
    expected = contents_of(source)
    expected.drop(place.scalar.span)
    return checked_edit(source, Edit(f"remove {name}", (change,)), expected)


def remove_pip_requirement(source: SpecText, name: str) -> Edit:
    """Remove a pip requirement; an emptied pip section goes as a whole.

    Raises:
        UsageError: It is not listed, or the layout is not edited.
    """
    layout = read_layout(source)
    place = _find_pip(layout, name)
    change = refuse_unusual(source, lambda: remove_pip(layout, place))
    expected = contents_of(source)
    expected.drop(place.scalar.span)
    return checked_edit(source, Edit(f"remove {name} from the pip section", (change,)), expected)


def move_to_pip(source: SpecText, name: str, requirement: str | None = None) -> Edit:
    """Move a conda dependency to the pip section, under the name it has on PyPI.

    Args:
        source: The text to edit.
        name: The conda package.
        requirement: What to ask pip for; made from the match spec when not given.

    Raises:
        UsageError: It is not listed, its constraint has no counterpart, or the layout is not edited.
    """
    place = _find_conda(read_layout(source), name, None)
    wanted = requirement or requirement_of(require_match(place.scalar.value))
    removed = source.with_text(remove_dependency(source, name).apply(source.text))
    changed = add_pip_requirement(removed, wanted).apply(removed.text)
    return edit_between(source.text, changed, f"move {name} to the pip section")


def move_to_conda(source: SpecText, name: str, text: str | None = None) -> Edit:
    """Move a pip requirement to the conda dependencies, under the name it has there.

    Args:
        source: The text to edit.
        name: The requirement.
        text: The match spec to ask for; made from the requirement when not given.

    Raises:
        UsageError: It is not listed, it has extras, a marker or an address, or the layout is not
            edited.
    """
    place = _find_pip(read_layout(source), name)
    wanted = text or match_of(place.scalar.value)
    removed = source.with_text(remove_pip_requirement(source, name).apply(source.text))
    changed = add_dependency(removed, wanted).apply(removed.text)
    return edit_between(source.text, changed, f"move {name} to the conda dependencies")


def add_channel(source: SpecText, channel: str, *, first: bool = False) -> Edit:
    """Add a channel, with the lowest priority or the highest.

    Raises:
        UsageError: It is listed already, or the layout is not edited.
    """
    layout = read_layout(source)
    expected = contents_of(source)
    if channel in expected.channels:
        raise UsageError(f"`{channel}` is listed already", where=source.path)
    change = refuse_unusual(source, lambda: insert_channel(layout, channel, first=first))
    expected.channels.insert(0 if first else len(expected.channels), channel)
    return checked_edit(source, Edit(f"add the channel {channel}", (change,)), expected)


def edit_between(old: str, new: str, title: str) -> Edit:
    """Make the edit that turns one text into another, line by line."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    offsets = [0]
    for row in before:
        offsets.append(offsets[-1] + len(row))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    replacements = tuple(
        Replacement(offsets[i], offsets[j], "".join(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    )
    return Edit(title, replacements)


def _name_of(place: Place) -> str:
    try:
        return parse_match_spec(place.scalar.value).name
    except MatchSpecError:
        return ""


def _pip_name(text: str) -> str:
    requirement = classify_pip_item(text).requirement
    return canonicalize_name(requirement.name) if requirement else text.strip()


def _find_conda(layout: SpecLayout, name: str, line: int | None) -> Place:
    found = [p for p in layout.conda if _name_of(p) == name.lower()]
    if line is not None:
        found = [place for place in found if place.scalar.span.line == line]
    return _only(layout, found, f"`{name}`", "among the conda dependencies")


def _find_pip(layout: SpecLayout, name: str) -> Place:
    wanted = canonicalize_name(name)
    found = [place for place in layout.pip if _pip_name(place.scalar.value) == wanted]
    return _only(layout, found, f"`{name}`", "in the pip section")


def _only(layout: SpecLayout, found: list[Place], what: str, where: str) -> Place:
    if len(found) == 1:
        return found[0]
    path = layout.source.path
    if not found:
        raise UsageError(f"{what} is not {where}", where=path)
    rows = ", ".join(str(place.scalar.span.line) for place in found)
    raise UsageError(
        f"{what} stands {where} more than once", where=path, why=f"lines {rows}", hint="join them"
    )
