"""Setting one key of a TOML file: a splice by lines that leaves every other byte as it is.

The outcome is read again and must say what was wanted, or the edit is refused.

Source: TOML 1.0.
"""

import copy
import re
import tomllib
from typing import Any

from envbench.formats.toml_text import write_toml
from envbench.model.errors import UsageError

_HEADER = re.compile(r"[ \t]*\[")
_MOST_LINES = 2000
"""Lines of a longer value are not looked for."""


def set_toml_key(text: str, key: str, value: object, *, path: str = "<text>") -> str:
    """Give one key another value; comments, order and all other keys stay.

    Args:
        text: The file; it may be empty.
        key: A plain key, or `table.key`.
        value: A text, a number, a truth value, or a list of these.
        path: How messages name the file.

    Raises:
        UsageError: The text is no TOML, or the key stands where no splice is sure.
    """
    before = _load(text, path)
    table, _, name = key.rpartition(".")
    wanted = copy.deepcopy(before)
    inner = wanted.setdefault(table, {}) if table else wanted
    if not isinstance(inner, dict):
        raise UsageError(f"`{table}` is no table", where=path, hint="mend the file by hand")
    if name in inner and type(inner[name]) is type(value) and inner[name] == value:
        return text
    inner[name] = value
    newline = "\r\n" if "\r\n" in text else "\n"
    pair = write_toml({name: value}).rstrip("\n")
    lines = text.splitlines(keepends=True)
    for edited in (_replace(lines, table, name, pair), _insert(lines, table, name, pair, newline)):
        if edited is not None and _says(edited, wanted):
            return edited
    raise UsageError(
        f"`{key}` is not written",
        where=path,
        why="it stands in the file in a way that is not edited",
        hint=f"write {pair!r} by hand",
    )


def _load(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise UsageError(
            "the file is no valid TOML", where=path, why=str(fault)[:200], hint="mend it first"
        ) from None


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


def _replace(lines: list[str], table: str, name: str, pair: str) -> str | None:
    """Put the pair in the place of the one that is there; None when there is none."""
    start, end = _region(lines, table) or (0, 0)
    spelled = rf"[ \t]*(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')[ \t]*="
    key = re.compile(spelled)
    for index in range(start, end):
        if not key.match(lines[index]):
            continue
        behind = _value_end(lines, index, end)
        if behind is None:
            continue
        indent = re.match(r"[ \t]*", lines[index])
        first, last = indent[0] if indent else "", lines[behind - 1]
        tail = _tail_of(last) if behind == index + 1 else _end_of(last)
        return "".join((*lines[:index], first, pair, tail, *lines[behind:]))
    return None


def _value_end(lines: list[str], index: int, end: int) -> int | None:
    """Find the line behind a value: the fewest lines that are TOML by themselves."""
    for behind in range(index + 1, min(end, index + _MOST_LINES) + 1):
        try:
            tomllib.loads("".join(lines[index:behind]))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        return behind
    return None


def _tail_of(line: str) -> str:
    """Give what stands behind the value on its line: blanks, comment and line end."""
    body = line[: len(line) - len(_end_of(line))]
    for match in re.finditer(r"[ \t]*#", body):
        # The first `#` before which the line is whole is no part of a text.
        try:
            tomllib.loads(body[: match.start()])
        except tomllib.TOMLDecodeError:
            continue
        return line[match.start() :]
    return _end_of(line)


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _insert(lines: list[str], table: str, name: str, pair: str, newline: str) -> str | None:
    region = _region(lines, table)
    if region is None:
        lead = newline if lines else ""
        return "".join((*_ended(lines, newline), f"{lead}[{table}]{newline}{pair}{newline}"))
    start, end = region
    commented = re.compile(rf"[ \t]*#[ \t]*{re.escape(name)}[ \t]*=")
    place = next((i + 1 for i in range(start, end) if commented.match(lines[i])), None)
    if place is None:
        place = _behind_last_pair(lines, start, end)
    before, after = _ended(lines[:place], newline), lines[place:]
    return "".join((*before, pair + newline, *after))


def _ended(lines: list[str], newline: str) -> list[str]:
    return [*lines[:-1], lines[-1] + newline] if lines and not _end_of(lines[-1]) else lines


def _behind_last_pair(lines: list[str], start: int, end: int) -> int:
    """Find the end of a region, without the comments that belong to the next header."""
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        if end == len(lines):
            return end
        end -= 1
    return end


def _region(lines: list[str], table: str) -> tuple[int, int] | None:
    """Give the lines of a table, its header left out; None when there is no such header."""
    headers = [i for i, line in enumerate(lines) if _HEADER.match(line) and _is_header(line)]
    if not table:
        return 0, headers[0] if headers else len(lines)
    for index in headers:
        if re.match(rf"[ \t]*\[[ \t]*[\"']?{re.escape(table)}[\"']?[ \t]*\]", lines[index]):
            return index + 1, next((i for i in headers if i > index), len(lines))
    return None


def _is_header(line: str) -> bool:
    # Items of a list over several lines may begin with a bracket, too.
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
