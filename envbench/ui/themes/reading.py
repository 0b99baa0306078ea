"""Reads the text of a theme file: every mistake is named with its line, none is fatal here.

Source: TOML 1.0 by `tomllib`; the keys are those of `theme_keys`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from envbench.model.cleaning import clean
from envbench.ui.themes import theme_keys as keys
from envbench.ui.themes.theme_file import ThemeFault, ThemeFile, is_theme_name

MAX_FAULTS = 30
"""More are only counted."""
_AT_LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")


class Reading(NamedTuple):
    """What came of reading one theme file."""

    theme: ThemeFile | None
    """None when there is an error."""
    faults: tuple[ThemeFault, ...]


def read_theme(text: str, name: str, source: str) -> Reading:
    """Read a theme.

    Args:
        text: Of the file.
        name: The name that the file has on disk, without `.toml`.
        source: How messages call the file; already cleaned.
    """
    import tomllib

    reader = _Reader(text, source)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as fault:
        # Besides its own errors, tomllib lets those of too long numbers through.
        reader.fault_of_toml(fault)
        return Reading(None, tuple(reader.faults))
    theme = reader.read(table, name)
    failed = any(fault.is_error for fault in reader.faults)
    return Reading(None if failed else theme, _limit(reader.faults, source))


class _Reader:
    """Takes the parts of a theme from a table, and collects what is wrong."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.faults: list[ThemeFault] = []
        self._lines = _find_lines(text)

    def read(self, table: Mapping[str, Any], name: str) -> ThemeFile:
        if self._text(table, "schema", limit=100) not in {keys.SCHEMA, ""}:
            self._add("schema", "this is not a theme of a kind that is read here", _SCHEMA_HINT)
        self._refuse_unknown(table, keys.TOP_KEYS, "")
        ansi = self._flag(table, "ansi", required=False)
        colors = self._colors(self._table(table, "colors"), "colors", keys.COLORS, ansi=ansi)
        for key in keys.REQUIRED_COLORS:
            if key not in self._table(table, "colors"):
                self._add(f"colors.{key}", "missing", "add it under [colors]")
        return ThemeFile(
            name=self._name(table, name),
            title=self._text(table, "title", limit=60),
            description=self._text(table, "description", limit=200, required=False),
            dark=self._flag(table, "dark"),
            ansi=ansi,
            colors=colors,
            ink=self._colors(self._table(table, "ink"), "ink", keys.ink_keys(ansi=ansi), ansi=ansi),
            variables=self._variables(self._table(table, "variables"), ansi=ansi),
            source=self.source,
        )

    def fault_of_toml(self, fault: ValueError | RecursionError) -> None:
        message = clean(str(fault), limit=200)
        found = _AT_LINE.search(message)
        where = f"{self.source}:{found[1]}" if found else self.source
        if isinstance(fault, RecursionError):
            message = "its lists are nested too deeply"
        message = _AT_LINE.sub("", message).strip()
        why = f"this is no valid TOML: {message[:1].lower()}{message[1:]}"
        self.faults.append(ThemeFault(where, "", why, "texts stand in quotes: accent = '#78b4e0'"))

    def _name(self, table: Mapping[str, Any], expected: str) -> str:
        name = self._text(table, "name", limit=64)
        if name and not is_theme_name(name):
            self._add("name", f"{name!r} is no name", "use small letters, digits and -")
        elif name and name != expected:
            hint = f"rename the file to {name}.toml, or write name = '{expected}'"
            self._add("name", f"the file is called {expected}.toml but names itself {name}", hint)
        return name

    def _text(
        self, table: Mapping[str, Any], key: str, *, limit: int, required: bool = True
    ) -> str:
        value = table.get(key, "" if not required else None)
        if value is None:
            self._add(key, "missing", f"add {key} = '...' at the top")
        elif not isinstance(value, str) or not value.isprintable() or len(value) > limit:
            self._add(key, f"must be one line of text of at most {limit} characters")
        else:
            return clean(value)
        return ""

    def _flag(self, table: Mapping[str, Any], key: str, *, required: bool = True) -> bool:
        value = table.get(key, None if required else False)
        if isinstance(value, bool):
            return value
        why = "missing" if value is None else "must be true or false, without quotes"
        self._add(key, why, f"write {key} = true or {key} = false at the top")
        return False

    def _table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        if not any(fault.key == key for fault in self.faults):
            self._add(key, "must be a table", f"begin it with a line [{key}]")
        return {}

    def _colors(
        self, table: Mapping[str, Any], name: str, allowed: tuple[str, ...], *, ansi: bool
    ) -> dict[str, str]:
        self._refuse_unknown(table, allowed, name)
        found: dict[str, str] = {}
        for key in allowed:
            if key not in table:
                continue
            value = table[key]
            hint = keys.refuse_color(value, ansi=ansi) if isinstance(value, str) else _QUOTES
            if hint:
                self._add(f"{name}.{key}", f"{_show(value)} is no colour", hint)
            else:
                found[key] = value
        return found

    def _variables(self, table: Mapping[str, Any], *, ansi: bool) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in table.items():
            text = value if isinstance(value, str) else ""
            hint = keys.refuse_variable(name, text, ansi=ansi)
            if hint:
                self._add(f"variables.{_key(name)}", f"{_show(value)} does not fit", hint)
            else:
                found[name] = text
        if found:
            from envbench.ui.themes.textual_theme import variable_names

            self._refuse_unknown(found, variable_names(), "variables")
        return found

    def _refuse_unknown(self, table: Mapping[str, Any], allowed: Iterable[str], name: str) -> None:
        known = set(allowed)
        for key in table:
            if key not in known:
                path = f"{name}.{_key(key)}" if name else _key(key)
                hint = _guess(key, known) if len(self.faults) < MAX_FAULTS else ""
                self._add(path, "no such key, so it is ignored", hint, is_error=False)

    def _add(self, key: str, why: str, hint: str = "", *, is_error: bool = True) -> None:
        line = self._lines.get(key) or self._lines.get(key.partition(".")[0])
        where = f"{self.source}:{line}" if line else self.source
        self.faults.append(ThemeFault(where, key, why, hint, is_error))


_SCHEMA_HINT = f"write schema = '{keys.SCHEMA}' in the first line"
_QUOTES = "colours are texts in quotes: '#78b4e0'"


def _guess(key: str, known: set[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key[:100], sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else "remove it"


def _key(name: str) -> str:
    return clean(name, limit=60)


def _show(value: object) -> str:
    if isinstance(value, str):
        return f"'{clean(value, limit=40)}'"
    return _KINDS.get(type(value), "a date")


_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def _limit(faults: list[ThemeFault], source: str) -> tuple[ThemeFault, ...]:
    """Keep the first ones, errors before warnings."""
    ordered = sorted(faults, key=lambda fault: not fault.is_error)
    if len(ordered) <= MAX_FAULTS:
        return tuple(ordered)
    left = len(ordered) - MAX_FAULTS
    more = ThemeFault(source, "", f"and {left} more", is_error=ordered[MAX_FAULTS].is_error)
    return (*ordered[:MAX_FAULTS], more)


def _find_lines(text: str) -> dict[str, int]:
    """Find where keys stand: dotted key to line, as well as that goes without a full parser."""
    lines: dict[str, int] = {}
    table = ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        key, equals, _ = line.partition("=")
        if line.startswith("["):
            name = line.lstrip("[").partition("]")[0].strip()
            table = f"{name}."
            lines.setdefault(name, number)
        elif equals and not line.startswith("#"):
            lines.setdefault(table + key.strip().strip("\"'"), number)
    return lines
