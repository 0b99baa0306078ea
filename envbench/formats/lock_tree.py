"""YAML locks read into plain values: fast, guarded, every scalar a text.

A lock of a thousand packages has fifty thousand nodes; a tree with a place for each of them costs
more than it is worth. Here only mappings know their line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from envbench.formats.guarded_yaml import LOCK_LIMITS, build_guarded
from envbench.model.locked_set import LockProblem
from envbench.model.severity import Severity
from envbench.model.span import LineIndex


class Shape(StrEnum):
    """What a value has to be; in words for whoever wrote something else."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    TABLE = "a mapping"
    TABLES = "a list of mappings"
    NAMES = "a list of texts or mappings"


_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class Table(dict[str, Any]):
    """A mapping: texts to text, None, list or Table."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        """Where it begins, 1-based."""

    def text(self, key: str) -> str | None:
        """Return a text; None when there is none."""
        value = self.get(key)
        return value if isinstance(value, str) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, without what is none."""
        value = self.get(key)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()

    def number(self, key: str) -> int | None:
        """Return a whole number that is not negative; None when there is none."""
        value = self.text(key) or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None

    def flag(self, key: str) -> bool:
        """Tell whether it says `true`."""
        return str(self.get(key)).lower() == "true"

    def table(self, key: str) -> "Table":
        """Return a mapping; an empty one when there is none."""
        value = self.get(key)
        return value if isinstance(value, Table) else Table(self.line)

    def tables(self, key: str) -> "tuple[Table, ...]":
        """Return a list of mappings, without what is none."""
        value = self.get(key)
        return tuple(v for v in value if isinstance(v, Table)) if isinstance(value, list) else ()

    def find_misshapen(self, shapes: Mapping[str, Shape]) -> Iterator[str]:
        """Say which values are of another shape, and would be passed over; nothing may be missing."""
        for key, shape in shapes.items():
            value = self.get(key)
            if value is not None and not _has_shape(value, shape):
                yield f"`{key[:80]}` has to be {shape}"

    def items_of(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return the texts of a mapping with their names; an empty value is an empty text."""
        return tuple((k, v or "") for k, v in self.table(key).items() if isinstance(v, str | None))


_ITEMS: dict[Shape, tuple[type, ...]] = {
    Shape.TEXTS: (str,),
    Shape.TABLES: (Table,),
    Shape.NAMES: (str, Table),
}


def _has_shape(value: Any, shape: Shape) -> bool:
    if shape in {Shape.TEXT, Shape.TABLE}:
        return isinstance(value, str if shape is Shape.TEXT else Table)
    kinds = _ITEMS[shape]
    return isinstance(value, list) and all(isinstance(each, kinds) for each in value)


@dataclass(frozen=True, slots=True)
class LockTree:
    """A lock that was read."""

    root: Table
    """Empty when a problem stopped the reading."""
    problems: tuple[LockProblem, ...]


def read_lock_tree(text: str) -> LockTree:
    """Read a YAML lock; whatever is wrong with it is a problem, a key that stands twice too."""
    lines = LineIndex(text)
    builder = _Builder()
    root, problem = build_guarded(lines, builder.build, LOCK_LIMITS)
    if problem is not None:
        line = problem.span.line if problem.span else None
        return LockTree(Table(1), (LockProblem(problem.severity, problem.message, line),))
    if not isinstance(root, Table):
        builder.note("this is no mapping of names to values", 1)
        root = Table(1)
    return LockTree(root, tuple(builder.problems))


class _Builder:
    """Builds values from events; no recursion, the depth is limited by the guard."""

    def __init__(self) -> None:
        self.problems: list[LockProblem] = []
        self._open: list[Table | list[Any]] = []
        self._keys: list[str | None] = []
        """Of each open mapping: the key that waits for its value."""
        self._root: Any = None

    def build(self, events: Iterator[yaml.Event]) -> Any:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                # The parser written in C gives an empty style for a bare scalar, the other None.
                is_nothing = not event.style and event.value in _NOTHING
                self._add(None if is_nothing else event.value, event)
            elif isinstance(event, yaml.CollectionStartEvent):
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                value: Table | list[Any] = Table(_line(event)) if is_mapping else []
                self._add(value, event)
                self._open.append(value)
                self._keys.append(None)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
        return self._root

    def note(self, message: str, line: int) -> None:
        self.problems.append(LockProblem(Severity.ERROR, message, line))

    def _add(self, value: Any, event: yaml.Event) -> None:
        if not self._open:
            self._root = value
            return
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = value if isinstance(value, str) else ""
            if not isinstance(value, str):
                self.note("a key must be a text", _line(event))
            return
        if key in container:
            self.note(f"the key `{key[:80]}` stands twice", _line(event))
        container[key] = value
        self._keys[-1] = None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1
