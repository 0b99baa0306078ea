"""Roles for the parts of a YAML text, by tree-sitter where it is installed.

The grammar is loaded when the first text is coloured, which is after the first paint. A text is
read whole each time: a hundred kilobytes take a few milliseconds.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from envbench.ui.ink import Role

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Query, Tree

MOST_CHARACTERS = 200_000
"""Longer texts stay in one colour, so that no key waits."""
_QUERY = """
(comment) @comment
(block_mapping_pair key: (_) @key)
(flow_pair key: (_) @key)
[(anchor) (alias) (tag) "-" ":" "," "[" "]" "{" "}" "|" ">" "---" "..."] @sign
"""
_ROLES: Mapping[str, str] = {"comment": Role.DIM, "key": Role.BOLD, "sign": Role.FAINT}

Coloured = tuple[int, int, str]
"""First column, column behind the last, and the role."""


class YamlColours:
    """The roles of one text."""

    def __init__(self, parser: "Parser", query: "Query") -> None:
        """Take what `load` found."""
        self._parser = parser
        self._query = query
        self._tree: Tree | None = None
        self._lines: Sequence[str] = ()
        self._found: dict[int, list[Coloured]] = {}
        self._window = range(0)

    @classmethod
    def load(cls) -> "YamlColours | None":
        """Load the grammar; None where it is not installed or does not fit the library."""
        try:
            return cls(*_grammar())
        except (ImportError, OSError, ValueError, TypeError, AttributeError):
            return None  # no colours then: they are a convenience

    def read(self, text: str, lines: Sequence[str]) -> None:
        """Read a text; `lines` are its lines without their endings."""
        self._window = range(0)
        self._lines = lines
        self._tree = None
        if len(text) <= MOST_CHARACTERS:
            self._tree = self._parser.parse(_encode(text))

    def on(self, row: int, window: range) -> Sequence[Coloured]:
        """Give the roles of a line.

        Args:
            row: The line, 0-based.
            window: The lines that are being drawn: they are asked for together.
        """
        if self._tree is None:
            return ()
        if row not in self._window:
            self._window = window if row in window else range(row, row + 1)
            self._found = self._query_rows(self._tree)
        return self._found.get(row, ())

    def _query_rows(self, tree: "Tree") -> dict[int, list[Coloured]]:
        from tree_sitter import QueryCursor  # loaded by now

        cursor = QueryCursor(self._query)
        cursor.set_point_range((self._window.start, 0), (self._window.stop, 0))
        found: dict[int, list[Coloured]] = {}
        captures = cursor.captures(tree.root_node)
        for name in ("sign", "key", "comment"):
            for node in captures.get(name, ()):
                self._add(found, node, _ROLES[name])
        return found

    def _add(self, found: dict[int, list[Coloured]], node: "Node", role: str) -> None:
        (first, start), (last, end) = node.start_point, node.end_point
        for row in range(max(first, self._window.start), min(last + 1, self._window.stop)):
            if row >= len(self._lines):
                return
            line = self._lines[row]
            left = _column(line, start) if row == first else 0
            right = _column(line, end) if row == last else len(line)
            if left < right:
                found.setdefault(row, []).append((left, right, role))


def _column(line: str, byte: int) -> int:
    """Turn a count of UTF-8 bytes into a column."""
    if line.isascii():
        return min(byte, len(line))
    return len(_encode(line)[:byte].decode("utf-8", "ignore"))


def _encode(text: str) -> bytes:
    """Encode a text that may hold half characters; each of them counts as a letter."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "x", text).encode()


@lru_cache(maxsize=1)
def _grammar() -> "tuple[Parser, Query]":
    import tree_sitter_yaml
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_yaml.language())
    return Parser(language), Query(language, _QUERY)
