"""Writes plain values as TOML; the standard library only reads it.

Source: TOML 1.0.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

_BARE_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def write_toml(document: Mapping[str, Any]) -> str:
    """Write a document: plain keys first, then its tables, then its arrays of tables.

    Tables below the first level are written inline, but for those that stand alone in theirs
    (`[tool.envbench]`). `None` has no form in TOML; such keys are left out.
    """
    given = {key: value for key, value in document.items() if value is not None}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in given.items() if _is_plain(value)]
    for key, value in given.items():
        if isinstance(value, Mapping):
            name, table = _descend(_key(key), value)
            lines += ("", f"[{name}]", *_pairs(table))
        elif not _is_plain(value):
            for table in value:
                lines += ("", f"[[{_key(key)}]]", *_pairs(table))
    return "\n".join(lines) + "\n"


def _descend(name: str, table: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Go down to the first table that holds more, or something else, than one table."""
    while len(table) == 1:
        ((key, value),) = table.items()
        if not isinstance(value, Mapping):
            break
        name, table = f"{name}.{_key(key)}", value
    return name, table


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return not (is_list and value and all(isinstance(entry, Mapping) for entry in value))


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]


def _key(key: str) -> str:
    return key if key and _BARE_KEY.issuperset(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }" if value else "{}"
    return "[" + ", ".join(map(_value, value)) + "]"


def _text(text: str) -> str:
    # JSON's escapes are TOML's, save that TOML escapes DEL and writes \U for what needs two \u.
    escaped = json.dumps(text, ensure_ascii=False)
    return escaped.replace("\x7f", "\\u007F")
