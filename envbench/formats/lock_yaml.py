"""YAML as tools write their locks: block style, lists not indented, texts that stay texts.

A text is written bare only where every reader of YAML, 1.1 or 1.2, takes it for a text: versions
such as `3.10`, digests of digits only, `1e10` or `no` are quoted.

Source: YAML 1.1 and 1.2 (core schema); the layout is that of rattler-lock and conda-lock.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from envbench.model.lazy_patterns import lazy_pattern

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]

_BARE = re.compile(
    r"(?:[A-Za-z0-9_<=~^$(]|\.{1,2}/|/|--?(?=[A-Za-z]))(?:[\x21-\x39\x3b-\x7e]|:(?=[^ ])| (?=[^#]))*(?<![ :])"
)
_NOT_TEXT = re.compile(
    r"(?i:y|yes|n|no|on|off|true|false|null|~|<<|=)"
    r"|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    r"|[0-9][0-9_,]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?"
)
"""What some reader takes for a number, a truth value, a date, a merge or nothing."""
_ODD = lazy_pattern(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def write_lock_yaml(document: Mapping[str, Value]) -> str:
    """Write a mapping of texts, whole numbers, truth values, lists and mappings.

    The order of keys is kept. The same document always gives the same text.
    """
    return "\n".join(_mapping(document, "")) + "\n"


@lru_cache(maxsize=4096)
def write_scalar(text: str) -> str:
    """Write a text so that it is read as this text by everybody."""
    if _BARE.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    # Nearly all is plain, and the pattern takes longer to compile than most locks to write.
    if not (text.isascii() and text.isprintable()) and _ODD.search(text):
        return '"' + re.sub(r'[\\"]|' + _ODD.pattern, _escape, text) + '"'
    return "'" + text.replace("'", "''") + "'"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in '\\"':
        return f"\\{character}"
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _mapping(mapping: Mapping[str, Value], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        lead = f"{indent}{write_scalar(key)}:"
        if isinstance(value, Mapping) and value:
            yield lead
            yield from _mapping(value, indent + "  ")
        elif isinstance(value, Sequence) and not isinstance(value, str) and value:
            yield lead
            yield from _list(value, indent)
        else:
            yield f"{lead} {_leaf(value)}"


def _list(items: Sequence[Value], indent: str) -> Iterator[str]:
    for item in items:
        if not isinstance(item, str | int) and item:
            inner = indent + "  "
            rows = _mapping(item, inner) if isinstance(item, Mapping) else _list(item, inner)
            yield f"{indent}- {next(rows)[len(indent) + 2 :]}"
            yield from rows
        else:
            yield f"{indent}- {_leaf(item)}"


def _leaf(value: Value) -> str:
    if isinstance(value, str):
        return write_scalar(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "{}" if isinstance(value, Mapping) else "[]"
