"""A YAML document as plain values with places: no constructors, every scalar a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.span import LineIndex, Span


class ScalarStyle(StrEnum):
    """How a scalar is written."""

    PLAIN = "plain"
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf: text, whatever YAML would make of it."""

    value: str
    span: Span
    """Quotes included."""
    style: ScalarStyle


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    span: Span
    flow: bool
    """Written as `[a, b]`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: "Node"
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping in the order of the text, duplicate keys included."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool
    """Written as `{a: b}`."""


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, from its `#` to the end of its line."""

    text: str
    """Behind the `#`, stripped."""
    span: Span
    alone: bool
    """Whether nothing but blanks stands before it on its line."""


def walk_scalars(node: Node) -> Iterator[Scalar]:
    """Give all scalars of a tree in the order of the text, keys included."""
    pending: list[Node] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Scalar):
            yield current
        elif isinstance(current, Sequence):
            pending.extend(reversed(current.items))
        else:
            for entry in reversed(current.entries):
                pending += (entry.value, entry.key)


_COMMENT = lazy_pattern(r"(?:(?<=\A)|(?<=[ \t\r\n]))#[^\r\n]*")


def find_comments(lines: LineIndex, root: Node | None) -> tuple[Comment, ...]:
    """Find the comments of a text: every `#` behind a blank that is in no scalar."""
    found: list[Comment] = []
    position = 0
    stretches = [(s.span.start, s.span.end) for s in walk_scalars(root)] if root else []
    for start, end in [*stretches, (len(lines.text), len(lines.text))]:
        stretch = _COMMENT.finditer(lines.text, position, max(start, position))
        found.extend(_comment(lines, match) for match in stretch)
        position = max(position, end)
    return tuple(found)


def _comment(lines: LineIndex, match: re.Match[str]) -> Comment:
    before = lines.text[lines.line_start(match.start()) : match.start()]
    span = lines.span(match.start(), match.end())
    return Comment(match[0][1:].strip(), span, alone=not before.strip())
