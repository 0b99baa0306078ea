"""Splices that add items to YAML lists and take them away, in block and flow style."""

import re

from envbench.formats.yaml_reading import read_plain
from envbench.formats.yaml_tree import Entry, Node, Scalar, ScalarStyle, Sequence
from envbench.model.problem import Replacement
from envbench.model.span import LineIndex

_DASH = re.compile(r"(?P<indent>[ ]*)(?P<dash>-[ \t]+)$")
# Texts that stay plain text in any position; `::` between words does, other colons may not.
_PLAIN_IN_FLOW = re.compile(
    r"[A-Za-z0-9_./](?:[^\x00-\x1f\x7f-\x9f#:\[\]{},&\"'`\\%@\u2028\u2029\ufeff]|(?<=\w)::(?=\w))*"
)
_PLAIN_IN_BLOCK = re.compile(
    r"[A-Za-z0-9_./](?:[^\x00-\x1f\x7f-\x9f#:{}&\"'`\\%@\u2028\u2029\ufeff]|(?<=\w)::(?=\w))*"
)


class LayoutError(ValueError):
    """The list is laid out in a way that is not edited; the message says how."""


def newline_of(text: str, offset: int) -> str:
    """Give the line end in use around a place: that of its line, else that of the text."""
    end = text.find("\n", offset)
    if end < 0:
        end = text.rfind("\n", 0, offset)
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def write_scalar(text: str, *, flow: bool, style: ScalarStyle = ScalarStyle.PLAIN) -> str:
    """Write a text as one scalar on one line.

    Args:
        text: Without line breaks and control characters.
        flow: Whether it stands in `[...]`, where commas separate.
        style: The quotes to keep when they can be kept.

    Raises:
        LayoutError: The text holds what no single line can hold.
    """
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text):
        raise LayoutError("the text holds a line break or a control character")
    if style is ScalarStyle.SINGLE:
        return "'" + text.replace("'", "''") + "'"
    plain = _PLAIN_IN_FLOW if flow else _PLAIN_IN_BLOCK
    is_plain = bool(plain.fullmatch(text)) and text.strip() == text and read_plain(text) is None
    if style is not ScalarStyle.DOUBLE and is_plain:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def replace_scalar(scalar: Scalar, text: str, *, flow: bool) -> Replacement:
    """Put another text in the place of a scalar, in its quotes."""
    written = write_scalar(text, flow=flow, style=scalar.style)
    return Replacement(scalar.span.start, scalar.span.end, written)


def insert_item(
    lines: LineIndex, parent: Sequence, written: str, *, after: Node | None
) -> Replacement:
    """Add an item to a list.

    Args:
        lines: The text.
        parent: The list.
        written: The new item as YAML; in a block list the lines behind the first are indented
            relative to the dash.
        after: The item behind which it goes; None for the front of the list.

    Raises:
        LayoutError: The list's layout is not edited.
    """
    if parent.flow:
        return _insert_flow(lines, parent, written, after)
    reference = after if after is not None else parent.items[0]
    indent, dash = _dash_before(lines, reference)
    newline = newline_of(lines.text, reference.span.start)
    body = written.replace("\n", newline + " " * len(indent))
    item = f"{indent}{dash}{body}"
    if after is None:
        start = lines.line_start(reference.span.start)
        return Replacement(start, start, item + newline)
    end = _line_end_behind(lines, reference)
    if not lines.text[:end].endswith("\n"):
        return Replacement(end, end, newline + item)
    return Replacement(end, end, item + newline)


def remove_item(lines: LineIndex, parent: Sequence, item: Node) -> Replacement:
    """Take an item out of a list, together with the comment behind it on its line.

    Raises:
        LayoutError: The list's layout is not edited.
    """
    if parent.flow:
        return _remove_flow(lines, parent, item)
    _dash_before(lines, item)
    return Replacement(lines.line_start(item.span.start), _line_end_behind(lines, item), "")


def fill_empty(lines: LineIndex, entry: Entry, written: str, *, dash_indent: int) -> Replacement:
    """Give a key without a value its first item.

    Args:
        lines: The text.
        entry: `key:` with nothing, `~` or `null` behind it, or an empty `[]`.
        written: The item as YAML.
        dash_indent: Blanks before the dash of the new item.

    Raises:
        LayoutError: The layout is not edited.
    """
    value = entry.value
    if isinstance(value, Sequence):
        return insert_item(lines, value, written, after=None)
    if value.span.start != value.span.end:
        return Replacement(value.span.start, value.span.end, f"[{written}]")
    end = lines.line_end(entry.key.span.end)
    rest = lines.text[entry.key.span.end : end].strip()
    if not re.fullmatch(r":(\s+#.*)?", rest):
        raise LayoutError("the empty list shares its line with something else")
    newline = newline_of(lines.text, entry.key.span.start)
    item = f"{' ' * dash_indent}- {written}".replace("\n", newline + " " * dash_indent)
    if not lines.text[:end].endswith("\n"):
        return Replacement(end, end, newline + item)
    return Replacement(end, end, item + newline)


def _dash_before(lines: LineIndex, item: Node) -> tuple[str, str]:
    """Give the blanks before the dash of a block item, and the dash with the blanks behind it."""
    start = item.span.start
    match = _DASH.fullmatch(lines.text, lines.line_start(start), start)
    if match is None:
        raise LayoutError("the item does not stand alone on a line of its own")
    return match["indent"], match["dash"]


def _line_end_behind(lines: LineIndex, item: Node) -> int:
    """Give the offset behind the last line of an item."""
    end = item.span.end
    text = lines.text
    # Block collections and block scalars end where the next token begins, lines further down.
    content = text[item.span.start : end]
    if "\n" in content:
        kept = _without_trailing_comments(content)
        end = item.span.start + len(kept)
    return lines.line_end(end) if not text[:end].endswith("\n") else end


def _without_trailing_comments(content: str) -> str:
    rows = content.split("\n")
    while len(rows) > 1 and (not rows[-1].strip() or rows[-1].lstrip().startswith("#")):
        rows.pop()
    return "\n".join(rows)


def _insert_flow(
    lines: LineIndex, parent: Sequence, written: str, after: Node | None
) -> Replacement:
    if not parent.items:
        inside = lines.text[parent.span.start + 1 : parent.span.end - 1]
        if inside.strip():
            raise LayoutError("the empty list holds a comment")
        return Replacement(parent.span.start, parent.span.end, f"[{written}]")
    if after is None:
        start = parent.items[0].span.start
        return Replacement(start, start, f"{written}, ")
    return Replacement(after.span.end, after.span.end, f", {written}")


def _remove_flow(lines: LineIndex, parent: Sequence, item: Node) -> Replacement:
    index = parent.items.index(item)
    if index > 0:
        start, end = parent.items[index - 1].span.end, item.span.end
    elif len(parent.items) > 1:
        start, end = item.span.start, parent.items[1].span.start
    else:
        start, end = parent.span.start + 1, parent.span.end - 1
    if "#" in re.sub(
        re.escape(lines.text[item.span.start : item.span.end]), "", lines.text[start:end]
    ):
        raise LayoutError("a comment stands inside the list")
    return Replacement(start, end, "")
