"""Small questions about the nodes of a spec: hidden characters, placeholders, selectors."""

import re

from envbench.formats.guarded_yaml import GuardedYaml
from envbench.formats.yaml_tree import Mapping, Node, Scalar, ScalarStyle
from envbench.model.cleaning import clean
from envbench.model.span import Span
from envbench.model.spec import Selector, SelectorStyle

_SELECTOR_WORD = (
    r"(?:linux|osx|win|unix|linux-?64|osx-?64|win-?64|x86(?:_64)?|arm64|aarch64|ppc64le)"
)
_SELECTOR_COMMENT = re.compile(
    rf"\[\s*((?:not\s+)?{_SELECTOR_WORD}(?:\s+(?:and|or|not)[^\]]*)?)\s*\]"
)


def hidden_characters(text: str, *, lines: bool = False) -> str:
    """Give the characters of a text that cannot be seen: controls, bidi marks, tag characters.

    Args:
        text: Any text.
        lines: Whether line feeds are allowed in it.
    """
    if text.isascii() and text.isprintable():
        return ""
    odd = dict.fromkeys(c for c in text if not c.isprintable() or not c.isascii())
    return "".join(c for c in odd if clean(f"a{c}a", multiline=lines) != f"a{c}a")


def content_of(node: Scalar) -> str:
    """Give the text of a scalar; the line feed that ends a block scalar is not part of it."""
    is_block = node.style in {ScalarStyle.LITERAL, ScalarStyle.FOLDED}
    return node.value.rstrip("\n") if is_block else node.value


def first_line(text: str, span: Span) -> Span:
    """Cut a place to its first line."""
    end = text.find("\n", span.start, span.end)
    end = span.end if end < 0 else end
    return Span(span.start, end, span.line, span.column)


def is_template(node: Node) -> bool:
    """Tell whether `{{ name }}` was read as a mapping inside a mapping."""
    return (
        isinstance(node, Mapping)
        and node.flow
        and len(node.entries) == 1
        and isinstance(node.entries[0].key, Mapping)
    )


def comment_selectors(document: GuardedYaml) -> dict[int, Selector]:
    """Find the `# [linux]` comments behind items, by their line."""
    found: dict[int, Selector] = {}
    for comment in document.comments:
        match = None if comment.alone else _SELECTOR_COMMENT.match(comment.text)
        if match:
            selector = Selector(match[1].strip(), SelectorStyle.COMMENT, comment.span)
            found[comment.span.line] = selector
    return found
