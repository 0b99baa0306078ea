"""What a place of an `environment.yml` asks for, found by reading lines, for text in the middle of an edit.

Such text is mostly no valid YAML, so nothing here parses it; whatever the text, there is an answer.
Lines are counted from 1, as in `Span`; a column is the number of characters before it, since it is
the place of a cursor.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum

TOP_KEYS = ("name", "channels", "dependencies", "variables", "platforms")
"""The keys of an environment.yml that are offered, in the order in which people write them."""


class PlaceKind(StrEnum):
    """What is asked for at a place."""

    NOTHING = "nothing"
    KEY = "key"
    """A key of the file, such as `dependencies`."""
    CHANNEL = "channel"
    PACKAGE = "package"
    """The name of a conda package."""
    VERSION = "version"
    BUILD = "build"
    PIP_NAME = "pip-name"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of the text, and what has been typed there so far."""

    kind: PlaceKind
    query: str = ""
    """The part of the word before the cursor."""
    start_column: int = 0
    """Column where that part begins."""
    channel: str = ""
    """What stands before `::`."""
    name: str = ""
    """The package whose version or build is asked for."""
    version: str = ""
    """For a build: the version as written before it."""
    operator: str = ""
    """For a version: `=`, `>=`, ...; empty behind a blank."""


@dataclass(frozen=True, slots=True)
class SpecLine:
    """One line of the text, and where it stands."""

    section: str
    """`channels`, `dependencies`, `pip`, ...; empty before the first key and on lines with one."""
    is_item: bool
    """Whether it is an item of a list: it begins with `-`, or a bracket is open before it."""
    value: str
    """The item without dash, quotes and comment; the line without comment when it is no item."""
    start: int
    """Column where `value` begins."""


_NOTHING = Place(kind=PlaceKind.NOTHING)

_KEY = re.compile(r"[\"']?(?P<key>[A-Za-z_][\w-]*)[\"']?[ \t]*:(?=[ \t]|$)(?P<value>.*)")
_DASH = re.compile(r"(?P<indent>[ \t]*)-(?:[ \t]+|$)")
_PIP = re.compile(r"[ \t]*-[ \t]+[\"']?pip[\"']?[ \t]*:[ \t]*(?P<value>.*)")
_SELECTOR = re.compile(r"sel\([^)\n]*\):[ \t]*")
_COMMENT = re.compile(r"(?:^|[ \t])#")
_FLOW_PART = re.compile(r"[ \t]*(?:\"[^\"]*\"|'[^']*')|[^,]+")

_SECTION_KINDS = {
    "channels": PlaceKind.CHANNEL,
    "platforms": PlaceKind.PLATFORM,
    "pip": PlaceKind.PIP_NAME,
}

_CHANNEL_PREFIX = re.compile(r"[ \t]*(?P<channel>[^\s\[\]=<>!~|,]+?)::[ \t]*")
_NAME = re.compile(r"[ \t]*(?P<name>[A-Za-z0-9._-]*)")
_BRACKETED = re.compile(
    r"\[(?:[^\]]*[,\s])?(?P<key>version|build)[ \t]*=[ \t]*[\"']?(?P<value>[^\"'\]]*)"
)
_BUILD_BEHIND_EQUALS = re.compile(
    r"[ \t]*={1,2}[ \t]*(?P<version>[^=<>!~,|\s]+)[ \t]*=(?P<query>[^=\s]*)"
)
_BUILD_BEHIND_BLANK = re.compile(
    r"[ \t]*={0,2}[ \t]*(?P<version>[^=<>!~,|\s]+)[ \t]+(?P<query>[^=<>!~,|\s]*)"
)
_LAST_TERM = re.compile(
    r"(?:^|[,|(])[ \t]*(?P<operator>===?|[!<>~]=|[=<>])?[ \t]*(?P<query>[A-Za-z0-9._+!*-]*)$"
)


def find_place(text: str, line: int, column: int) -> Place:
    """Tell what is asked for at a cursor; never raises, also for a cursor outside of the text.

    Args:
        text: The whole text, whatever it is.
        line: Line of the cursor.
        column: Column of the cursor; what stands before it on the line decides.
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines) or column < 0:
        return _NOTHING
    typed = lines[line - 1].rstrip("\r")[:column]
    found = _read_line([*lines[: line - 1], typed], line)
    if _has_comment(typed):
        return _NOTHING
    if found.is_item:
        # Blanks at the end count here: a version may stand behind one.
        found = replace(found, value=typed[found.start :])
        opening = typed[found.start - 1 : found.start]
        if opening in {"'", '"'} and opening in found.value:
            return _NOTHING
        return _find_in_item(found)
    return _find_key(typed.removeprefix("\ufeff"), found, column)


def read_spec_line(text: str, line: int) -> SpecLine:
    """Tell what a whole line says; never raises, and a line outside of the text is an empty one."""
    lines = text.split("\n")
    return _read_line(lines, line) if 1 <= line <= len(lines) else SpecLine("", False, "", 0)


def list_section(text: str, section: str) -> tuple[tuple[int, str], ...]:
    """List the items of `channels`, `dependencies` or `pip`, each with the number of its line."""
    state = _State()
    found: list[tuple[int, str]] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        flow = _find_flow(state, line)
        if flow is not None and flow[0] == section:
            found += [(number, value) for value in _split_flow(_cut_comment(line[flow[1] :]))]
        elif flow is None:
            item = _describe(state, line)
            if item.is_item and item.section == section and item.value:
                found.append((number, item.value))
        state.take(line)
    return tuple(found)


def list_keys(text: str) -> frozenset[str]:
    """List the keys at the left edge of the text."""
    matches = (_KEY.match(line) for line in text.removeprefix("\ufeff").split("\n"))
    return frozenset(match["key"] for match in matches if match)


class _State:
    """What the lines above one mean for it."""

    __slots__ = ("depth", "pip_indent", "section")

    def __init__(self) -> None:
        self.section = ""
        self.pip_indent: int | None = None
        """Indent of the dash of `- pip:` while its list goes on."""
        self.depth = 0
        """Brackets of a list like `[a, b]` that are still open."""

    def take(self, raw: str) -> None:
        """Go on behind a line."""
        line = _cut_comment(raw.removeprefix("\ufeff"))
        # A key at the left edge ends a list whose bracket nobody closed.
        if self.depth and not _KEY.match(line):
            self.depth = max(0, self.depth + line.count("[") - line.count("]"))
            return
        if key := _KEY.match(line):
            self.section, self.pip_indent, self.depth = key["key"], None, 0
            self._open(key["value"])
        elif self.section == "dependencies" and (pip := _PIP.match(line)):
            self.pip_indent = len(line) - len(line.lstrip(" \t"))
            self._open(pip["value"])
        elif self.leaves_pip(line):
            self.pip_indent = None

    def leaves_pip(self, line: str) -> bool:
        """Tell whether a line belongs to the list around that of pip again."""
        dash = _DASH.match(line)
        return self.pip_indent is not None and bool(dash and len(dash["indent"]) <= self.pip_indent)

    def section_of(self, line: str) -> str:
        """Name the section that an item belongs to."""
        if self.pip_indent is None or self.leaves_pip(line):
            return self.section
        return "pip"

    def _open(self, value: str) -> None:
        if value.lstrip().startswith("["):
            self.depth = max(0, value.count("[") - value.count("]"))


def _read_line(lines: list[str], line: int) -> SpecLine:
    state = _State()
    for raw in lines[: line - 1]:
        state.take(raw.rstrip("\r"))
    return _describe(state, lines[line - 1].rstrip("\r"))


def _find_flow(state: _State, line: str) -> tuple[str, int] | None:
    """Find a list in brackets on a line: the section, and where in the line it begins or goes on."""
    plain = line.removeprefix("\ufeff")
    if state.depth and not _KEY.match(plain):
        return state.section_of(""), 0
    if key := _KEY.match(plain):
        section, value = key["key"], key["value"]
    elif state.section == "dependencies" and (pip := _PIP.match(plain)):
        section, value = "pip", pip["value"]
    else:
        return None
    return (section, line.index("[")) if value.lstrip().startswith("[") else None


def _describe(state: _State, line: str) -> SpecLine:
    flow = _find_flow(state, line)
    if flow is not None:
        return _last_flow_item(*flow, line)
    if _KEY.match(line.removeprefix("\ufeff")):
        return SpecLine("", False, _cut_comment(line).strip(), 0)
    if state.section == "dependencies" and _PIP.match(line):
        return SpecLine("dependencies", True, "pip", line.index("pip"))
    section = state.section_of(line)
    dash = _DASH.match(line)
    if dash is None:
        return SpecLine(section, False, _cut_comment(line).strip(), 0)
    start = dash.end()
    if section == "dependencies" and (selector := _SELECTOR.match(line, start)):
        start = selector.end()
    return _make_item(section, line, start)


def _last_flow_item(section: str, start: int, line: str) -> SpecLine:
    """Take the last item of a list in brackets, which is the one being typed."""
    body = _cut_comment(line)
    if body.endswith("]"):
        return SpecLine(section, False, body[start:].strip(), start)
    begin, quote = start, ""
    for index in range(start, len(body)):
        letter = body[index]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in ",[":
            begin = index + 1
        elif letter in "'\"" and not body[begin:index].strip():
            quote = letter
    while begin < len(line) and line[begin] in " \t":
        begin += 1
    return _make_item(section, line, begin)


def _make_item(section: str, raw: str, start: int) -> SpecLine:
    value = raw[start:]
    if value[:1] in {"'", '"'}:
        inner = value[1:].partition(value[0])[0]
        return SpecLine(section, True, inner, start + 1)
    return SpecLine(section, True, _cut_comment(value), start)


def _split_flow(value: str) -> list[str]:
    parts = _FLOW_PART.findall(value.strip(" \t").removeprefix("[").removesuffix("]"))
    return [text for part in parts if (text := part.strip(" \t'\""))]


def _has_comment(line: str) -> bool:
    return len(_cut_comment(line, keep_blanks=True)) < len(line)


def _cut_comment(line: str, *, keep_blanks: bool = False) -> str:
    """Drop a comment: `#` at the begin or behind a blank, but not inside an item in quotes."""
    dash = _DASH.match(line)
    start = dash.end() if dash else 0
    if line[start : start + 1] in {"'", '"'} and start < len(line):
        closing = line.find(line[start], start + 1)
        start = closing + 1 if closing >= 0 else len(line)
    comment = _COMMENT.search(line, start)
    kept = line[: comment.start()] if comment else line
    return kept if keep_blanks else kept.rstrip(" \t")


def _find_key(typed: str, found: SpecLine, column: int) -> Place:
    if found.section and typed[:1] in {" ", "\t"}:
        return _NOTHING
    if not re.fullmatch(r"[A-Za-z_]*", typed):
        return _NOTHING
    return Place(kind=PlaceKind.KEY, query=typed, start_column=column - len(typed))


def _find_in_item(found: SpecLine) -> Place:
    if found.section == "dependencies":
        return _find_in_spec(found)
    kind = _SECTION_KINDS.get(found.section)
    return _find_word(found, kind) if kind else _NOTHING


def _find_word(found: SpecLine, kind: PlaceKind) -> Place:
    """Offer something as long as the item is one word."""
    if re.search(r"[\s=<>!~;@\[]" if kind is PlaceKind.PIP_NAME else r"\s", found.value):
        return _NOTHING
    return Place(kind=kind, query=found.value, start_column=found.start)


def _find_in_spec(found: SpecLine) -> Place:
    typed, offset, channel = found.value, 0, ""
    if prefix := _CHANNEL_PREFIX.match(typed):
        channel, offset = prefix["channel"], prefix.end()
    named = _NAME.match(typed, offset)
    if named is None or typed.startswith(("-", "/", ".")):
        return _NOTHING
    if named.end() == len(typed):
        start = found.start + named.start("name")
        return Place(
            kind=PlaceKind.PACKAGE, query=named["name"], start_column=start, channel=channel
        )
    place = _find_in_constraint(typed[named.end() :], found.start + named.end())
    if not named["name"] or place.kind is PlaceKind.NOTHING:
        return _NOTHING
    return Place(
        kind=place.kind,
        query=place.query,
        start_column=place.start_column,
        channel=channel,
        name=named["name"].lower(),
        version=place.version,
        operator=place.operator,
    )


def _find_in_constraint(typed: str, column: int) -> Place:
    if "[" in typed:
        return _find_in_brackets(typed, column)
    for pattern in (_BUILD_BEHIND_EQUALS, _BUILD_BEHIND_BLANK):
        if build := pattern.fullmatch(typed):
            return Place(
                kind=PlaceKind.BUILD,
                query=build["query"],
                start_column=column + build.start("query"),
                version=build["version"],
            )
    if term := _LAST_TERM.search(typed):
        return Place(
            kind=PlaceKind.VERSION,
            query=term["query"],
            start_column=column + term.start("query"),
            operator=term["operator"] or "",
        )
    return _NOTHING


def _find_in_brackets(typed: str, column: int) -> Place:
    inner = _BRACKETED.fullmatch(typed)
    if inner is None:
        return _NOTHING
    start = column + inner.start("value")
    if inner["key"] == "build":
        return Place(kind=PlaceKind.BUILD, query=inner["value"], start_column=start)
    term = _LAST_TERM.search(inner["value"])
    if term is None:
        return _NOTHING
    return Place(
        kind=PlaceKind.VERSION,
        query=term["query"],
        start_column=start + term.start("query"),
        operator=term["operator"] or "",
    )
