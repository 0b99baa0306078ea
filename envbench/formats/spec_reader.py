"""The tree of an `environment.yml` turned into its values, with a problem for each misfit.

Source: CEP 24; the dictionary selectors of micromamba (`sel(linux): package`).
"""

import difflib
import re
from dataclasses import dataclass, field

from packaging.requirements import Requirement

from envbench.formats.guarded_yaml import GuardedYaml
from envbench.formats.spec_scalars import (
    comment_selectors,
    content_of,
    first_line,
    hidden_characters,
    is_template,
)
from envbench.formats.yaml_reading import read_plain
from envbench.formats.yaml_tree import Entry, Mapping, Node, Scalar, ScalarStyle, Sequence
from envbench.model.checks.catalogue import make_problem
from envbench.model.cleaning import clean, describe_characters
from envbench.model.matchspec import MatchSpec, MatchSpecError, parse_match_spec
from envbench.model.pip_lines import classify_pip_item
from envbench.model.problem import Edit, Problem, Replacement
from envbench.model.span import Span
from envbench.model.spec import (
    ChannelEntry,
    CondaDependency,
    EnvironmentSpec,
    PipItem,
    Selector,
    SelectorStyle,
    SpecText,
    UnknownKey,
    Variable,
)

KNOWN_KEYS = (
    "name",
    "channels",
    "dependencies",
    "variables",
    "prefix",
    "platforms",
    "category",
)
MAX_TEXT = 4096
"""Most characters of a name, a channel, a dependency or a pip item."""

_SELECTOR_KEY = re.compile(r"sel\(\s*([a-z]+)\s*\)")


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    name: str | None = None
    name_span: Span | None = None
    channels: list[ChannelEntry] = field(default_factory=list)
    channels_span: Span | None = None
    dependencies: list[CondaDependency] = field(default_factory=list)
    dependencies_span: Span | None = None
    pip: list[PipItem] = field(default_factory=list)
    pip_span: Span | None = None
    variables: list[Variable] = field(default_factory=list)
    prefix: str | None = None
    prefix_span: Span | None = None
    platforms: list[str] = field(default_factory=list)
    platforms_span: Span | None = None
    unknown_keys: list[UnknownKey] = field(default_factory=list)


class SpecReader:
    """Reads one tree; `spec` and `problems` hold the outcome after `read`."""

    def __init__(self, source: SpecText, document: GuardedYaml) -> None:
        """Take the text and its tree.

        Args:
            source: The text that messages and edits refer to.
            document: What the guard let through.
        """
        self.source = source
        self.problems: list[Problem] = []
        self._document = document
        self._draft = _Draft()
        self._selectors = comment_selectors(document)

    def read(self, root: Mapping) -> EnvironmentSpec:
        """Read the top mapping; whatever can be read is in the result, errors or not."""
        readers = {
            "name": self._read_name,
            "channels": self._read_channels,
            "dependencies": self._read_dependencies,
            "variables": self._read_variables,
            "prefix": self._read_prefix,
            "platforms": self._read_platforms,
        }
        for entry in root.entries:
            key = self._key_text(entry)
            if key in readers:
                readers[key](entry)
            elif key != "category":
                self._note_unknown_key(entry, key)
        self._note_missing_dependencies(root)
        return self._finish()

    def _finish(self) -> EnvironmentSpec:
        draft = self._draft
        return EnvironmentSpec(
            source=self.source,
            name=draft.name,
            name_span=draft.name_span,
            channels=tuple(draft.channels),
            dependencies=tuple(draft.dependencies),
            pip=tuple(draft.pip),
            pip_span=draft.pip_span,
            variables=tuple(draft.variables),
            prefix=draft.prefix,
            prefix_span=draft.prefix_span,
            platforms=tuple(draft.platforms),
            unknown_keys=tuple(draft.unknown_keys),
            channels_span=draft.channels_span,
            dependencies_span=draft.dependencies_span,
            platforms_span=draft.platforms_span,
        )

    # -- keys ------------------------------------------------------------------------------------

    def _read_name(self, entry: Entry) -> None:
        text = self._text_of(entry.value, "name")
        self._draft.name_span = entry.value.span
        if text is not None:
            self._draft.name = text

    def _read_prefix(self, entry: Entry) -> None:
        self._draft.prefix = self._text_of(entry.value, "prefix")
        self._draft.prefix_span = Span(
            entry.key.span.start, entry.value.span.end, entry.key.span.line, entry.key.span.column
        )

    def _read_channels(self, entry: Entry) -> None:
        self._draft.channels_span = entry.key.span
        for item in self._items_of(entry.value, "channels"):
            text = self._text_of(item, "a channel")
            if text is not None:
                self._draft.channels.append(ChannelEntry(text, item.span))

    def _read_platforms(self, entry: Entry) -> None:
        self._draft.platforms_span = entry.key.span
        for item in self._items_of(entry.value, "platforms"):
            text = self._text_of(item, "a platform")
            if text is not None:
                self._draft.platforms.append(text)

    def _read_variables(self, entry: Entry) -> None:
        if self._is_nothing(entry.value):
            return
        if not isinstance(entry.value, Mapping):
            self._note_shape(entry.value, "`variables` must be a mapping of names to values")
            return
        for variable in entry.value.entries:
            self._read_variable(variable)

    def _read_variable(self, entry: Entry) -> None:
        name = self._text_of(entry.key, "the name of a variable")
        if name is None:
            return
        if not isinstance(entry.value, Scalar):
            self._note_shape(entry.value, f"the variable `{name}` must have a text as its value")
            return
        self._note_hidden(entry.value, lines=True)
        self._note_other_reading(entry.value, only_if_changed=True)
        value = clean(entry.value.value, multiline=True, limit=len(entry.value.value) + 1)
        self._draft.variables.append(Variable(name, value, entry.key.span, entry.value.span))

    def _read_dependencies(self, entry: Entry) -> None:
        self._draft.dependencies_span = entry.key.span
        items = self._items_of(entry.value, "dependencies")
        for item in items:
            if isinstance(item, Mapping):
                self._read_subsections(item)
            else:
                self._read_dependency(item, None)
        if not items and isinstance(entry.value, Sequence | Scalar) and not self.problems:
            self._add("EB112", "`dependencies` is empty", entry.key.span)

    # -- dependencies ----------------------------------------------------------------------------

    def _read_dependency(self, item: Node, selector: Selector | None) -> None:
        hidden = isinstance(item, Scalar) and bool(hidden_characters(content_of(item)))
        text = self._text_of(item, "a dependency")
        if text is None:
            return
        if selector is None:
            selector = self._selectors.get(item.span.line)
        match = None if hidden else _match_or_none(text)
        self._draft.dependencies.append(CondaDependency(text, item.span, match, selector))

    def _read_subsections(self, item: Mapping) -> None:
        if is_template(item):
            self._add("EB116", "`{{ ... }}` is an unfilled placeholder", item.span)
            return
        for entry in item.entries:
            key = self._key_text(entry)
            selected = _SELECTOR_KEY.fullmatch(key)
            if key == "pip":
                self._read_pip(entry)
            elif selected:
                selector = Selector(selected[1], SelectorStyle.KEY, entry.key.span)
                self._read_selected(entry.value, selector)
            else:
                self._note_subsection(entry, key)

    def _read_selected(self, value: Node, selector: Selector) -> None:
        if isinstance(value, Mapping) and not is_template(value):
            self._read_subsections(value)
        elif isinstance(value, Sequence):
            for item in value.items:
                self._read_dependency(item, selector)
        else:
            self._read_dependency(value, selector)

    def _read_pip(self, entry: Entry) -> None:
        if self._draft.pip_span is None:
            self._draft.pip_span = entry.key.span
        for item in self._items_of(entry.value, "pip"):
            text = self._text_of(item, "a pip item", keep_lines=True)
            if text is not None:
                self._draft.pip.append(PipItem(text, item.span, _requirement_or_none(text)))

    def _note_subsection(self, entry: Entry, key: str) -> None:
        self._draft.unknown_keys.append(UnknownKey(f"dependencies.{key}", entry.key.span))
        close = difflib.get_close_matches(key, ("pip",), cutoff=0.6)
        value = entry.value.value if isinstance(entry.value, Scalar) else None
        edit = None
        hint = "only a `pip:` list may stand inside `dependencies`"
        if close:
            hint = "did you mean `pip`?"
            edit = _replace(entry.key.span, "pip", f"rename `{key}` to `pip`")
        elif value is not None and re.fullmatch(r"[A-Za-z0-9._-]+", key):
            joint = "" if not value or value[0] in "=<>!~" else "="
            hint = f"write `{key}{joint}{value}`, without the colon"
        self._add(
            "EB110", f"`{key}:` is no subsection of `dependencies`", entry.key.span, hint, edit
        )

    # -- shapes ----------------------------------------------------------------------------------

    def _items_of(self, value: Node, what: str) -> tuple[Node, ...]:
        if isinstance(value, Sequence):
            return value.items
        if self._is_nothing(value):
            return ()
        if is_template(value):
            self._add("EB116", f"`{what}` is an unfilled placeholder", value.span)
        elif isinstance(value, Scalar) and "\n" not in self._raw(value):
            edit = _replace(value.span, f"[{self._raw(value)}]", f"make `{what}` a list")
            self._add(
                "EB108", f"`{what}` must be a list", value.span, "write one item a line", edit
            )
        else:
            hint = "write one item a line, each behind `- `"
            self._note_shape(value, f"`{what}` must be a list", hint)
        return ()

    def _text_of(self, node: Node, what: str, *, keep_lines: bool = False) -> str | None:
        """Give the cleaned text of a scalar; None, with a problem where due, for anything else."""
        if not isinstance(node, Scalar):
            if is_template(node):
                self._add("EB116", f"{what} is an unfilled placeholder", node.span)
            else:
                kind = "list" if isinstance(node, Sequence) else "mapping"
                self._note_shape(node, f"{what} must be a text, not a {kind}")
            return None
        if self._is_nothing(node):
            if what not in {"name", "prefix"}:
                self._add("EB114", f"{what} is empty", node.span, "remove the line")
            return None
        if len(node.value) > MAX_TEXT:
            message = f"{what} has {len(node.value):,} characters; the limit is {MAX_TEXT:,}"
            self._add("EB102", message, first_line(self.source.text, node.span))
            return None
        self._note_hidden(node, lines=keep_lines)
        self._note_other_reading(node, only_if_changed=False)
        # Names and channels are judged with the blanks that quotes keep.
        return clean(content_of(node), multiline=keep_lines, limit=len(node.value) + 1)

    def _key_text(self, entry: Entry) -> str:
        if not isinstance(entry.key, Scalar):
            return "{...}"
        self._note_hidden(entry.key)
        return clean(entry.key.value, limit=100)

    def _is_nothing(self, node: Node) -> bool:
        if not isinstance(node, Scalar) or node.style is not ScalarStyle.PLAIN:
            return False
        reading = read_plain(node.value)
        return reading is not None and reading.kind == "nothing"

    def _raw(self, node: Node) -> str:
        return self.source.text[node.span.start : node.span.end]

    # -- problems --------------------------------------------------------------------------------

    def _add(
        self, code: str, message: str, span: Span | None, hint: str = "", edit: Edit | None = None
    ) -> None:
        self.problems.append(make_problem(code, message, span, hint, edit))

    def _note_shape(self, node: Node, message: str, hint: str = "") -> None:
        self._add("EB108", message, first_line(self.source.text, node.span), hint)

    def _note_hidden(self, node: Scalar, *, lines: bool = False) -> None:
        odd = hidden_characters(content_of(node), lines=lines)
        if odd:
            message = f"the text holds {describe_characters(odd)}"
            self._add("EB106", message, node.span, "type the text anew, without them")

    def _note_other_reading(self, node: Scalar, *, only_if_changed: bool) -> None:
        if node.style is not ScalarStyle.PLAIN:
            return
        reading = read_plain(node.value)
        if reading is None:
            return
        same = reading.shown == node.value and reading.kind != "the date"
        if only_if_changed and same:
            return
        raw = self._raw(node)
        edit = _replace(node.span, f'"{raw}"', f'quote "{raw}"') if raw == node.value else None
        message = f"without quotes YAML reads `{node.value}` as {reading.describe()}"
        self._add("EB113", message, node.span, f'write "{node.value}"', edit)

    def _note_unknown_key(self, entry: Entry, key: str) -> None:
        self._draft.unknown_keys.append(UnknownKey(key, entry.key.span))
        close = difflib.get_close_matches(key.lower(), KNOWN_KEYS, n=1, cutoff=0.7)
        hint = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(KNOWN_KEYS)}"
        edit = _replace(entry.key.span, close[0], f"rename `{key}`") if close else None
        self._add("EB109", f"the key `{key}` is unknown", entry.key.span, hint, edit)

    def _note_missing_dependencies(self, root: Mapping) -> None:
        if self._draft.dependencies_span is None:
            place = first_line(self.source.text, root.span)
            self._add("EB111", "the key `dependencies` is missing", place)


def _replace(span: Span, text: str, title: str) -> Edit:
    return Edit(title, (Replacement(span.start, span.end, text),))


def _match_or_none(text: str) -> MatchSpec | None:
    try:
        return parse_match_spec(text)
    except MatchSpecError:
        return None


def _requirement_or_none(text: str) -> Requirement | None:
    return classify_pip_item(text).requirement
