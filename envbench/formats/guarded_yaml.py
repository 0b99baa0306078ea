"""YAML from outside: read as events under limits, with nothing constructed.

The guard looks at each event before anything is built: size, number and depth of nodes, anchors,
aliases, merge keys and tags. What passes becomes a tree of plain values with places.

Source: YAML 1.1 as PyYAML reads it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import yaml

from envbench.formats.yaml_tree import (
    Comment,
    Entry,
    Mapping,
    Node,
    Scalar,
    ScalarStyle,
    Sequence,
    find_comments,
)
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.problem import Problem
from envbench.model.span import LineIndex, Span

_Built = TypeVar("_Built")
MAX_BYTES = 1024 * 1024
MAX_EVENTS = 20_000
MAX_DEPTH = 12
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"


@dataclass(frozen=True, slots=True)
class YamlLimits:
    """How much is read; what users write is small, what programs write need not be."""

    max_bytes: int = MAX_BYTES
    max_events: int = MAX_EVENTS


SPEC_LIMITS = YamlLimits()
LOCK_LIMITS = YamlLimits(max_bytes=32 * 1024 * 1024, max_events=1_500_000)
"""A package takes up to 100 nodes; this is room for ten platforms of a thousand packages."""

# Both loaders give the same events and places; the one in C is twenty times as fast.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)
_UNPRINTABLE_ASCII = lazy_pattern("[^\t\n\r\x20-\x7e]")
_UNPRINTABLE = lazy_pattern(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class GuardedYaml:
    """A document that passed the guard, or the problem that stopped it."""

    root: Node | None
    """None for an empty document, and when a problem stopped the reading."""
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]
    """Duplicate keys do not stop the reading; everything else does."""
    lines: LineIndex


def _make_problem(code: str, message: str, place: Span | None, hint: str = "") -> Problem:
    # The catalogue of all checks is loaded when the first problem is found: most texts have none.
    from envbench.model.checks.catalogue import make_problem

    return make_problem(code, message, place, hint)


class _RefusedError(Exception):
    """Carries the problem that stops the reading."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read_guarded(text: str) -> GuardedYaml:
    """Read one YAML document into a tree.

    Args:
        text: Decoded, without a byte order mark.

    Returns:
        The tree with its comments; problems instead of exceptions for anything wrong with it.
    """
    lines = LineIndex(text)
    builder = _TreeBuilder(lines)
    root, problem = build_guarded(lines, builder.build)
    if problem is not None:
        return GuardedYaml(None, (), (problem,), lines)
    return GuardedYaml(root, find_comments(lines, root), tuple(builder.problems), lines)


def build_guarded(
    lines: LineIndex,
    build: Callable[[Iterator[yaml.Event]], _Built],
    limits: YamlLimits = SPEC_LIMITS,
) -> tuple[_Built | None, Problem | None]:
    """Let something be built of the events of one YAML document that passes the guard.

    Args:
        lines: The text.
        build: Takes the events; what it built is thrown away when a later event is refused.
        limits: How much is read.

    Returns:
        What was built, or the problem that stopped the reading.
    """
    try:
        _check_text(lines, limits)
        return build(_guarded_events(lines, limits)), None
    except _RefusedError as refused:
        return None, refused.problem
    except yaml.YAMLError as error:
        return None, _describe_syntax(lines, error)


def _check_text(lines: LineIndex, limits: YamlLimits) -> None:
    text = lines.text
    # UTF-8 takes at most four bytes a character: short texts need no encoding to be measured.
    if len(text) * 4 > limits.max_bytes:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > limits.max_bytes:
            message = f"the text has {size:,} bytes; the limit is {limits.max_bytes:,}"
            raise _RefusedError(_make_problem("EB102", message, None))
    # The other takes long to compile, and few texts hold anything else.
    odd = (_UNPRINTABLE_ASCII if text.isascii() else _UNPRINTABLE).search(text)
    if odd:
        message = f"the character U+{ord(odd[0]):04X} must not stand in YAML"
        raise _RefusedError(
            _make_problem("EB106", message, lines.span(odd.start(), odd.end()), hint="remove it")
        )


def _guarded_events(lines: LineIndex, limits: YamlLimits) -> Iterator[yaml.Event]:
    depth = documents = 0
    for count, event in enumerate(yaml.parse(lines.text, Loader=_LOADER), 1):
        if count > limits.max_events:
            raise _refuse(lines, event, "EB102", f"more than {limits.max_events:,} YAML nodes")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                message = "a second document begins here; one file holds one environment"
                raise _refuse(lines, event, "EB107", message)
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _refuse(lines, event, "EB102", _TOO_DEEP)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        _check_node(lines, event)
        yield event


def _check_node(lines: LineIndex, event: yaml.Event) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _refuse(lines, event, "EB103", f"the alias `*{event.anchor}` is not accepted")
    if not isinstance(event, yaml.NodeEvent):
        return
    if event.anchor is not None:
        raise _refuse(lines, event, "EB103", f"the anchor `&{event.anchor}` is not accepted")
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _refuse(lines, event, "EB104", f"the tag `{tag}` is not accepted")
    if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
        raise _refuse(lines, event, "EB103", "the merge key `<<` is not accepted")


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark is not None else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark is not None else 0


def _refuse(lines: LineIndex, event: yaml.Event, code: str, message: str) -> _RefusedError:
    start = _start(event)
    # An alias or a tag is marked with its first word; a collection with its first character.
    end = min(max(_end(event), start + 1), lines.line_end(start))
    return _RefusedError(_make_problem(code, message, lines.span(start, end)))


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    start: int
    flow: bool
    is_mapping: bool
    children: list[Node] = field(default_factory=list)


class _TreeBuilder:
    """Builds the tree from events; no recursion, the depth is limited by the guard."""

    def __init__(self, lines: LineIndex) -> None:
        self.lines = lines
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._root: Node | None = None

    def build(self, events: Iterator[yaml.Event]) -> Node | None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._add(self._scalar(event))
            elif isinstance(event, yaml.CollectionStartEvent):
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                start = _start(event)
                self._open.append(_Open(start, bool(event.flow_style), is_mapping))
            elif isinstance(event, yaml.CollectionEndEvent):
                self._add(self._close(self._open.pop(), _end(event)))
        return self._root

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        span = self.lines.span(_start(event), _end(event))
        style = ScalarStyle(event.style) if event.style else ScalarStyle.PLAIN
        return Scalar(event.value, span, style)

    def _close(self, done: _Open, end: int) -> Node:
        span = self.lines.span(done.start, end)
        if not done.is_mapping:
            return Sequence(tuple(done.children), span, done.flow)
        pairs = zip(done.children[::2], done.children[1::2], strict=True)
        entries = tuple(Entry(key, value) for key, value in pairs)
        self._note_duplicates(entries)
        return Mapping(entries, span, done.flow)

    def _note_duplicates(self, entries: tuple[Entry, ...]) -> None:
        seen: dict[str, int] = {}
        for entry in entries:
            if not isinstance(entry.key, Scalar):
                continue
            name = entry.key.value
            if name in seen:
                message = f"the key `{name}` stands twice; it was first in line {seen[name]}"
                hint = "join both: some readers take the first, others the last, others refuse"
                self.problems.append(_make_problem("EB105", message, entry.key.span, hint=hint))
            seen.setdefault(name, entry.key.span.line)


_READERS_OWN_DEPTH = "exceeded maximum nesting depth"
_SYNTAX_HINTS = (
    ("tab character", "YAML is indented with spaces only"),
    ("'\\t'", "YAML is indented with spaces only"),
    ("mapping values are not allowed", "quote the text if it holds a colon, or mend the indent"),
    ("cannot start any token", "quote a text that begins with a special character"),
    ("end of stream", "close the quote"),
    ("block end", "items of one list begin in one column"),
    ("expected ',' or ']'", "close the list with `]`"),
)


def _describe_syntax(lines: LineIndex, error: yaml.YAMLError) -> Problem:
    """Say where and why; the words are the reader's own, since they are what people search for."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = str(getattr(error, "problem", None) or "this is no YAML")
    context = getattr(error, "context", None)
    context_mark = getattr(error, "context_mark", None)
    message = f"{words} {context}" if context else words
    if context_mark is not None and mark is not None and context_mark.line != mark.line:
        message += f" (begun in line {lines.span(context_mark.index, context_mark.index).line})"
    offset = min(mark.index, len(lines.text)) if mark is not None else 0
    offset = _step_back(lines.text, offset)
    place = lines.span(offset, min(offset + 1, len(lines.text)))
    if _READERS_OWN_DEPTH in message:
        # The reader looks so far ahead that its own limit comes before the guard's.
        return _make_problem("EB102", _TOO_DEEP, place)
    is_tab = _line_is_indented_by_tab(lines, offset)
    hint = next((hint for part, hint in _SYNTAX_HINTS if part in message), "")
    if is_tab:
        message, hint = "a tab indents this line", "YAML is indented with spaces only"
    return _make_problem("EB101", message, place, hint)


def _step_back(text: str, offset: int) -> int:
    """Move from behind the last line feed to the last character that a user can see."""
    while offset >= len(text) and offset > 0:
        offset -= 1
    return offset


def _line_is_indented_by_tab(lines: LineIndex, offset: int) -> bool:
    start = lines.line_start(offset)
    line = lines.text[start : lines.line_end(offset)]
    return "\t" in line[: len(line) - len(line.lstrip())]
