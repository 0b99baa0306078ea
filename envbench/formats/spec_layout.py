"""Where the items of a spec stand in its text, for edits that leave everything else alone."""

from dataclasses import dataclass

from envbench.formats.guarded_yaml import read_guarded
from envbench.formats.yaml_tree import Entry, Mapping, Node, Scalar, Sequence
from envbench.model.errors import UsageError
from envbench.model.span import LineIndex
from envbench.model.spec import SpecText


@dataclass(frozen=True, slots=True)
class Place:
    """A scalar that is an item of a list, or the value of a `sel(...)` in one."""

    scalar: Scalar
    item: Node
    """The item of `parent` that holds the scalar; mostly the scalar itself."""
    parent: Sequence


@dataclass(frozen=True, slots=True)
class SpecLayout:
    """The nodes of a spec that edits work on."""

    source: SpecText
    lines: LineIndex
    root: Mapping
    conda: tuple[Place, ...]
    """Conda dependencies in the order of the text."""
    pip: tuple[Place, ...]
    """Items of all pip sections in the order of the text."""
    pip_entry: Entry | None
    """The last `pip:` of `dependencies`."""
    pip_item: Node | None
    """The item of `dependencies` that holds it."""

    def entry(self, key: str) -> Entry | None:
        """Find a top-level key; the last one when it stands twice."""
        found = [e for e in self.root.entries if isinstance(e.key, Scalar) and e.key.value == key]
        return found[-1] if found else None

    def list_of(self, key: str) -> Sequence | None:
        """Find the list under a top-level key; None when the key or its value is missing.

        Raises:
            UsageError: The value is no list.
        """
        entry = self.entry(key)
        return None if entry is None else as_list(self.source, entry.value, key)


def read_layout(source: SpecText) -> SpecLayout:
    """Find the places of a text.

    Raises:
        UsageError: The text is no mapping that the guard lets through.
    """
    document = read_guarded(source.text)
    if document.problems or not isinstance(document.root, Mapping):
        first = document.problems[0] if document.problems else None
        place = f"{source.path}:{first.span.line}" if first and first.span else source.path
        why = first.message if first else "the file holds no keys"
        raise UsageError("the spec cannot be edited", where=place, why=why, hint="mend it first")
    root = document.root
    base = SpecLayout(source, document.lines, root, (), (), None, None)
    return _with_dependencies(base, base.list_of("dependencies"))


def as_list(source: SpecText, value: Node, what: str) -> Sequence | None:
    """Take a value as a list; None for an empty value.

    Raises:
        UsageError: It is something else.
    """
    if isinstance(value, Sequence):
        return value
    if isinstance(value, Scalar) and value.value in {"", "~", "null"}:
        return None
    where = f"{source.path}:{value.span.line}"
    raise UsageError("the spec cannot be edited", where=where, why=f"`{what}` is no list")


def _with_dependencies(layout: SpecLayout, dependencies: Sequence | None) -> SpecLayout:
    conda: list[Place] = []
    pip: list[Place] = []
    pip_entry: Entry | None = None
    pip_item: Node | None = None
    for item in dependencies.items if dependencies is not None else ():
        if isinstance(item, Scalar) and dependencies is not None and item.value:
            conda.append(Place(item, item, dependencies))
        if not isinstance(item, Mapping) or dependencies is None:
            continue
        for entry in item.entries:
            key = entry.key.value if isinstance(entry.key, Scalar) else ""
            if key == "pip":
                pip_entry, pip_item = entry, item
                pip += _items_of(as_list(layout.source, entry.value, "pip"))
            elif key.startswith("sel("):
                conda += _selected(entry.value, item, dependencies)
    return SpecLayout(
        layout.source,
        layout.lines,
        layout.root,
        tuple(conda),
        tuple(pip),
        pip_entry,
        pip_item,
    )


def _items_of(sequence: Sequence | None) -> list[Place]:
    items = sequence.items if sequence is not None else ()
    return [Place(i, i, sequence) for i in items if isinstance(i, Scalar) and sequence and i.value]


def _selected(value: Node, item: Mapping, parent: Sequence) -> list[Place]:
    if isinstance(value, Scalar):
        return [Place(value, item, parent)]
    return _items_of(value) if isinstance(value, Sequence) else []
