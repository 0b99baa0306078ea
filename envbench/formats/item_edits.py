"""Edits of one item of a spec, named by its line: another text in its place, comments kept."""

from dataclasses import dataclass

from envbench.formats.edit_check import checked_edit, contents_of, refuse_unusual
from envbench.formats.edit_texts import require_match, require_requirement
from envbench.formats.sequence_edits import replace_scalar
from envbench.formats.spec_layout import Place, SpecLayout, read_layout
from envbench.formats.yaml_tree import Mapping, Scalar
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.item_kind import ItemKind as ItemKind
from envbench.model.problem import Edit
from envbench.model.spec import SpecText


@dataclass(frozen=True, slots=True)
class SpecItem:
    """One item, with its place."""

    kind: ItemKind
    text: str
    """The scalar's value, quotes and comments gone; of a variable, its value."""
    line: int
    """Where it begins, 1-based."""
    key: str = ""
    """The name of a variable."""


def find_item(source: SpecText, line: int) -> SpecItem:
    """Tell what stands on a line; of several items on it, the first.

    Raises:
        UsageError: The text is no mapping that the guard lets through.
    """
    found = _find(read_layout(source), line)
    if found is None:
        return SpecItem(ItemKind.OTHER, "", line)
    kind, scalar, _, key = found
    return SpecItem(kind, scalar.value, scalar.span.line, key)


def replace_item(source: SpecText, line: int, text: str) -> Edit:
    """Put another text in the place of a dependency, a pip item, a channel or the name.

    Args:
        source: The text to edit.
        line: Where the item stands, 1-based.
        text: The new item, without quotes.

    Raises:
        UsageError: There is no such item, the text does not fit it, or the layout is not edited.
    """
    layout = read_layout(source)
    found = _find(layout, line)
    where = f"{source.path}:{line}"
    if found is None or found[0] is ItemKind.VARIABLE:
        raise UsageError("no dependency, channel or name stands on this line", where=where)
    kind, scalar, flow, _ = found
    if kind is ItemKind.CONDA:
        require_match(text)
    elif kind is ItemKind.PIP:
        require_requirement(text)
    expected = contents_of(source)
    change = refuse_unusual(source, lambda: replace_scalar(scalar, text, flow=flow))
    if kind is ItemKind.CHANNEL:
        expected.channels[_channels(layout).index(scalar)] = text
    elif kind is ItemKind.NAME:
        expected.name = text
    else:
        expected.replace(scalar.span, text)
    title = f"write {clean(text, limit=80)} in line {line}"
    return checked_edit(source, Edit(title, (change,)), expected)


_Found = tuple[ItemKind, Scalar, bool, str]
"""Kind, scalar, whether it stands in `[...]`, and the name of a variable."""


def _find(layout: SpecLayout, line: int) -> _Found | None:
    return next((found for found in _all(layout) if _covers(layout, found[1], line)), None)


def _all(layout: SpecLayout) -> list[_Found]:
    found: list[_Found] = [(ItemKind.CONDA, *_of(place)) for place in layout.conda]
    found += [(ItemKind.PIP, *_of(place)) for place in layout.pip]
    channels = layout.list_of("channels")
    flow = channels is not None and channels.flow
    found += [(ItemKind.CHANNEL, scalar, flow, "") for scalar in _channels(layout)]
    found += [(ItemKind.VARIABLE, value, False, key) for key, value in _variables(layout)]
    name = layout.entry("name")
    if name is not None and isinstance(name.value, Scalar) and name.value.value:
        found.append((ItemKind.NAME, name.value, layout.root.flow, ""))
    return found


def _of(place: Place) -> tuple[Scalar, bool, str]:
    return place.scalar, place.parent.flow, ""


def _channels(layout: SpecLayout) -> list[Scalar]:
    channels = layout.list_of("channels")
    return [item for item in channels.items if isinstance(item, Scalar)] if channels else []


def _variables(layout: SpecLayout) -> list[tuple[str, Scalar]]:
    entry = layout.entry("variables")
    if entry is None or not isinstance(entry.value, Mapping):
        return []
    return [
        (each.key.value, each.value)
        for each in entry.value.entries
        if isinstance(each.key, Scalar) and isinstance(each.value, Scalar)
    ]


def _covers(layout: SpecLayout, scalar: Scalar, line: int) -> bool:
    inside = layout.source.text[scalar.span.start : scalar.span.end].rstrip()
    return scalar.span.line <= line <= scalar.span.line + inside.count("\n")
