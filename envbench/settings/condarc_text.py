"""The text of one condarc file, taken apart without building any object of YAML's own.

Source: conda's documentation of `.condarc`, and of the comment flags `#!final`, `#!top`, `#!bottom`.
"""

from dataclasses import dataclass

import yaml

MAX_EVENTS = 20_000
MAX_DEPTH = 6


class CondarcTextError(ValueError):
    """The text cannot be used at all; the message says why, `line` where."""

    def __init__(self, message: str, line: int | None) -> None:
        """Keep the line, 1-based."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One top-level key, scalars still as they are written."""

    key: str
    line: int
    """1-based."""
    value: "RawValue"
    final: bool = False
    """Marked `#!final`: files read later cannot override it."""


RawValue = str | list[str | None] | dict[str, "str | list[str | None] | None"] | None


def parse_condarc(text: str) -> list[RawEntry]:
    """List the top-level entries of a condarc.

    Nulls become None, everything else stays text; aliases, anchors, tags, deep or huge documents
    are refused before anything is built.

    Raises:
        CondarcTextError: No YAML mapping, or refused.
    """
    try:
        _guard(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else None
        raise CondarcTextError(f"this is no valid YAML: {fault.problem}", line) from None
    except (yaml.YAMLError, RecursionError) as fault:
        raise CondarcTextError(f"this is no valid YAML: {fault}", None) from None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        raise CondarcTextError("a condarc must be a mapping of keys to values", 1)
    lines = text.splitlines()
    return [_read_entry(key, value, lines) for key, value in root.value]


def _guard(text: str) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise CondarcTextError("anchors and aliases are not accepted", line)
        if getattr(event, "tag", None):
            raise CondarcTextError("explicit tags are not accepted", line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise CondarcTextError(f"nested deeper than {MAX_DEPTH} levels", line)
        if count > MAX_EVENTS:
            raise CondarcTextError(f"more than {MAX_EVENTS} YAML events", line)


def _read_entry(key: yaml.Node, value: yaml.Node, lines: list[str]) -> RawEntry:
    number = _line(key) - 1
    return RawEntry(
        key=str(key.value) if isinstance(key, yaml.ScalarNode) else "?",
        line=number + 1,
        value=_read_value(value),
        final="#!final" in lines[number] if number < len(lines) else False,
    )


def _read_value(node: yaml.Node) -> RawValue:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _read_inner(value) for key, value in node.value}
    return _read_inner(node)


def _read_inner(node: yaml.Node) -> str | list[str | None] | None:
    if isinstance(node, yaml.SequenceNode):
        return [_read_scalar(item) for item in node.value]
    return _read_scalar(node)


def _read_scalar(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        raise CondarcTextError("nested deeper than this key allows", _line(node))
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _line(place: yaml.Event | yaml.Node) -> int:
    """Return the line of an event or node, 1-based."""
    return place.start_mark.line + 1 if place.start_mark else 1
