"""Edits that checks can offer: small replacements inside the place of one scalar."""

import re

from envbench.model.problem import Edit, Replacement
from envbench.model.span import Span
from envbench.model.spec import SpecText

# Texts that stay the same text without quotes wherever a scalar may stand, flow lists included.
_PLAIN = re.compile(
    r"[A-Za-z0-9_./](?:[A-Za-z0-9_./<>=!~*+$^-]|(?<=\w)::(?=\w))*"
    r"(?: [<>=!~*A-Za-z0-9_.][A-Za-z0-9_./<>=!~*+$^-]*)*"
)


def rewrite_scalar(source: SpecText, span: Span, old: str, new: str, title: str) -> Edit | None:
    """Replace the whole text of a scalar, keeping its quotes.

    Returns:
        None when the text as written differs from its value (escapes, line breaks), or the new one
        needs quotes that are not there.
    """
    raw = source.text[span.start : span.end]
    if raw == old:
        if not _PLAIN.fullmatch(new):
            new = f'"{new}"' if re.fullmatch(r'[^"\\\n]*', new) else ""
        return Edit(title, (Replacement(span.start, span.end, new),)) if new else None
    quote = raw[:1]
    if quote in {"'", '"'} and raw == f"{quote}{old}{quote}" and not re.search(r"['\"\\\n]", new):
        return Edit(title, (Replacement(span.start + 1, span.end - 1, new),))
    return None


def replace_inside(source: SpecText, span: Span, old: str, new: str, title: str) -> Edit | None:
    """Replace the first occurrence of `old` inside a scalar as it is written."""
    raw = source.text[span.start : span.end]
    index = raw.find(old)
    if index < 0 or raw.count("\n"):
        return None
    start = span.start + index
    return Edit(title, (Replacement(start, start + len(old), new),))
