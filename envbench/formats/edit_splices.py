"""Where an edit of a spec cuts: the splice for each kind of change."""

from envbench.formats.sequence_edits import (
    LayoutError,
    fill_empty,
    insert_item,
    newline_of,
    remove_item,
    write_scalar,
)
from envbench.formats.spec_layout import Place, SpecLayout
from envbench.formats.yaml_tree import Entry, Mapping, Node, Scalar
from envbench.model.problem import Replacement


def insert_conda(layout: SpecLayout, text: str) -> Replacement:
    """Add a conda dependency behind the last one, before the pip section.

    Raises:
        LayoutError: The layout is not edited.
    """
    entry, parent = layout.entry("dependencies"), layout.list_of("dependencies")
    if entry is None:
        return _append_key(layout, "dependencies", write_scalar(text, flow=False))
    written = write_scalar(text, flow=_is_flow(entry))
    if parent is None or not parent.items:
        return fill_empty(layout.lines, entry, written, dash_indent=_indent(entry) + 2)
    scalars = [item for item in parent.items if isinstance(item, Scalar)]
    section = layout.pip_item
    if section is not None:
        before = [item for item in scalars if item.span.start < section.span.start]
        scalars = before or scalars
    return insert_item(layout.lines, parent, written, after=scalars[-1] if scalars else None)


def insert_pip(layout: SpecLayout, text: str) -> Replacement:
    """Add an item behind the last one of the pip section, which is made when missing.

    Raises:
        LayoutError: The layout is not edited.
    """
    section = layout.pip_entry
    if section is None:
        return _insert_section(layout, text)
    value = section.value
    if isinstance(value, Scalar) or not layout.pip:
        written = write_scalar(text, flow=_is_flow(section))
        return fill_empty(layout.lines, section, written, dash_indent=_indent(section) + 2)
    last = [place for place in layout.pip if place.item.span.end <= value.span.end][-1]
    written = write_scalar(text, flow=last.parent.flow)
    return insert_item(layout.lines, last.parent, written, after=last.item)


def _insert_section(layout: SpecLayout, text: str) -> Replacement:
    entry, parent = layout.entry("dependencies"), layout.list_of("dependencies")
    if entry is None:
        raise LayoutError("there is no key `dependencies`")
    if _is_flow(entry):
        written = f"{{pip: [{write_scalar(text, flow=True)}]}}"
    else:
        written = f"pip:\n    - {write_scalar(text, flow=False)}"
    if parent is None or not parent.items:
        return fill_empty(layout.lines, entry, written, dash_indent=_indent(entry) + 2)
    return insert_item(layout.lines, parent, written, after=parent.items[-1])


def _is_flow(entry: Entry) -> bool:
    """Tell whether a new item of the list is written in flow style; `~` becomes a flow list."""
    value = entry.value
    if isinstance(value, Scalar):
        return value.span.start != value.span.end
    return value.flow


def _indent(entry: Entry) -> int:
    return entry.key.span.column - 1


def remove_conda(layout: SpecLayout, place: Place) -> Replacement:
    """Take a conda dependency out.

    Raises:
        LayoutError: The layout is not edited.
    """
    if isinstance(place.item, Mapping) and len(place.item.entries) != 1:
        raise LayoutError("the item shares its mapping with others")
    return remove_item(layout.lines, place.parent, place.item)


def remove_pip(layout: SpecLayout, place: Place) -> Replacement:
    """Take a pip item out, and the section with its last one.

    Raises:
        LayoutError: The layout is not edited.
    """
    section, parent = layout.pip_item, layout.list_of("dependencies")
    is_last = len(place.parent.items) == 1
    if not is_last or section is None or parent is None:
        return remove_item(layout.lines, place.parent, place.item)
    if not isinstance(section, Mapping) or len(section.entries) != 1 or not _holds(section, place):
        raise LayoutError("the pip section shares its mapping with others")
    return remove_item(layout.lines, parent, section)


def _holds(section: Node, place: Place) -> bool:
    return section.span.start <= place.item.span.start and place.item.span.end <= section.span.end


def insert_channel(layout: SpecLayout, channel: str, *, first: bool) -> Replacement:
    """Add a channel at the front or at the end.

    Raises:
        LayoutError: The layout is not edited.
    """
    entry, parent = layout.entry("channels"), layout.list_of("channels")
    if entry is None:
        return _append_key(layout, "channels", write_scalar(channel, flow=False))
    written = write_scalar(channel, flow=_is_flow(entry))
    if parent is None or not parent.items:
        return fill_empty(layout.lines, entry, written, dash_indent=_indent(entry) + 2)
    after = None if first else parent.items[-1]
    return insert_item(layout.lines, parent, written, after=after)


def _append_key(layout: SpecLayout, key: str, written: str) -> Replacement:
    """Add a top-level key with one item: `channels` behind `name`, `dependencies` at the end."""
    if layout.root.flow or layout.root.span.column != 1:
        raise LayoutError("the keys of the file do not begin at the margin")
    text, name = layout.source.text, layout.entry("name")
    newline = newline_of(text, layout.root.span.start)
    block = f"{key}:{newline}  - {written}{newline}"
    if key == "dependencies":
        lead = "" if not text or text.endswith("\n") else newline
        return Replacement(len(text), len(text), lead + block)
    if name is not None and "\n" not in text[name.value.span.start : name.value.span.end]:
        end = layout.lines.line_end(name.value.span.end)
        lead = "" if text[:end].endswith("\n") else newline
        return Replacement(end, end, lead + block)
    start = layout.root.span.start
    return Replacement(start, start, block)
