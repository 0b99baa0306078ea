"""One core of a conflict in a given number of rows: which lines, how they meet, what exists instead."""

import re
from collections.abc import Sequence
from textwrap import wrap

from envbench.model.chain_words import DEEPER, find_demand, list_steps, write_one_row, write_steps
from envbench.model.conflict import Core, CoreKind, SpecLine

INDENT = 2
_MEETING_KINDS = frozenset({CoreKind.INCOMPATIBLE, CoreKind.PIP_AGAINST_CONDA, CoreKind.PIP})
"""Kinds that the two demands explain; of the others, the sentences say more."""
_MANY = re.compile(r"\(([^()|\s]+)(?:\|[^()|\s]+){4,}\|([^()|\s]+)\)")
"""`(a|b|c|d|e|f)`: patterns of builds for many processors."""
_LISTED = 6
"""Lines whose numbers are listed in one row."""
_TOGETHER = "cannot be combined."
_INSTEAD = {
    CoreKind.MISSING_PACKAGE: "did you mean",
    CoreKind.MISSING_VERSION: "there are",
    CoreKind.MISSING_BUILD: "builds there are",
    CoreKind.WRONG_CHANNEL: "there is",
    CoreKind.PLATFORM: "it is there for",
}


def describe_core(core: Core, path: str, width: int, most: int) -> tuple[str, ...]:
    """Tell a core.

    Args:
        core: What cannot hold.
        path: How the user's file is named before the numbers of lines; empty for `line 12`.
        width: Characters of a row.
        most: Rows; 1 at least. With less room, what matters least goes first.
    """
    if len(core.lines) == 1 and not core.chains:
        rows = _tell_line(core, path, width, most)
    else:
        rows = _tell_lines(core, path, width, most)
    return tuple(cut(row, width) for row in rows)


def cut(text: str, width: int) -> str:
    """Cut a row to a width."""
    return text if len(text) <= width else text[: max(0, width - 4)].rstrip() + " ..."


def list_or(texts: Sequence[str], word: str = "or") -> str:
    """Join texts: `a, b or c`."""
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}" if len(texts) > 1 else "".join(texts)


def place_of(line: SpecLine, path: str) -> str:
    """Name the place of a line: `environment.yml:12`, or `line 12` without a path."""
    if line.line is None:
        return path
    return f"{path}:{line.line}" if path else f"line {line.line}"


def name_numbers(lines: Sequence[SpecLine]) -> str:
    """Name lines by their numbers, if they are few: `line 12 or line 16`."""
    numbers = [line.line for line in lines]
    if any(number is None for number in numbers) or len(numbers) > 4:
        return "one of them"
    return list_or([f"line {number}" for number in numbers])


# -- a line alone --------------------------------------------------------------------------------


def _tell_line(core: Core, path: str, width: int, most: int) -> list[str]:
    (line,) = core.lines
    head = _head(line, path)
    told = [_without_place(text, line) for text in core.explanation]
    if most == 1:
        return [_in_short(core, head, told)]
    rows = [head, *_wrapped(" ".join(told), width)]
    instead = _instead(core)
    if not instead:
        return _fit(rows, most)
    return [*_fit(rows, most - 1), *_wrapped(instead, width)[:1]]


def _in_short(core: Core, head: str, told: Sequence[str]) -> str:
    if core.available and core.kind is not CoreKind.MISSING_VIRTUAL:
        return f"{head}: {_INSTEAD.get(core.kind, 'there are')} {', '.join(core.available)}"
    return f"{head}: {' '.join(told)}" if told else head


def _without_place(text: str, line: SpecLine) -> str:
    """Take off the line that a sentence begins with: it stands in the row above."""
    lead = rf"{re.escape(line.text)}(?: \(line \d+\))?(?: \(pip\))?:? "
    shorter = re.sub(f"^{lead}", "", text)
    return shorter or text


def _instead(core: Core) -> str:
    """Say what exists instead, unless the sentences have said it."""
    told = " ".join(core.explanation)
    there = list(core.available)
    if core.kind is CoreKind.WRONG_CHANNEL:
        there = [text for text in there if "::" in text] or there
    if core.kind is CoreKind.MISSING_VIRTUAL or all(_stands_in(text, told) for text in there[:2]):
        return ""
    return f"{_INSTEAD.get(core.kind, 'there are')}: {', '.join(there)}"


def _stands_in(text: str, told: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(text)}(?![\w]|\.\d)", told) is not None


# -- lines that do not go together ---------------------------------------------------------------


def _tell_lines(core: Core, path: str, width: int, most: int) -> list[str]:
    told = _say_why(core)
    places = " " * INDENT + _list_places(core.lines, path)
    if most == 1 and core.meeting:
        return [f"{places} do not meet in {core.meeting}"]
    if most == 1:
        return [f"{places}: {told}"]
    if most <= min(len(core.lines), _LISTED):
        # In one row all of them have room; in rows of their own some would not.
        return [places, *_fit(_wrapped(told, width), most - 1)]
    why = _wrapped(told, width)
    why = _fit(why, min(len(why), max(1, most - len(core.lines))))
    shown = _rows_of_lines(core, path, width, most - len(why))
    instead = _instead(core) if core.kind not in _MEETING_KINDS or core.available else ""
    rest = [*_wrapped(instead, width)[:1]] if instead else []
    return [*shown, *why, *rest][:most]


def _rows_of_lines(core: Core, path: str, width: int, most: int) -> list[str]:
    heads = [_head(line, path) for line in core.lines]
    steps = [list_steps(core, line) for line in core.lines]
    longest = max((len(h) for h, s in zip(heads, steps, strict=True) if s), default=0)
    whole = [write_steps(h, s, longest, width) for h, s in zip(heads, steps, strict=True)]
    if sum(len(rows) for rows in whole) > most:
        whole = [[write_one_row(h, s, longest, width)] for h, s in zip(heads, steps, strict=True)]
    rows = [row for each in whole for row in each]
    if len(rows) <= most:
        return rows
    left = core.lines[most - 1 :]
    numbers = [str(line.line) for line in left if line.line is not None]
    where = f": {', '.join(numbers)}" if numbers else ""
    return [*rows[: most - 1], f"{' ' * INDENT}and {len(left)} more lines{where}"]


def _say_why(core: Core) -> str:
    """Say why the lines do not go together, and which of them to change."""
    change = f": change {name_numbers(core.lines)}." if len(core.lines) > 1 else "."
    if core.kind is CoreKind.PIP_AGAINST_CONDA and all(line.is_pip for line in core.lines):
        # No line of the file asks for what conda chose: only the sentences name it.
        return " ".join(core.explanation)
    if not core.is_minimal or core.kind not in _MEETING_KINDS:
        return " ".join(_sentences(core) or core.explanation)
    if not core.meeting:
        told = " ".join(_sentences(core)) or "These cannot be combined."
        return told.removesuffix(".") + change
    demands = [find_demand(chain, core.meeting) for chain in core.chains]
    wanted = list(dict.fromkeys(demand for demand in demands if demand))
    if len(wanted) < 2 or not all(demands):
        return f"These do not meet in {core.meeting}{change}"
    if len(wanted) > 4:
        wanted = [*wanted[:3], f"{len(wanted) - 3} more ranges"]
    return f"{core.meeting} cannot be {list_or(wanted, 'and')} at once{change}"


def _sentences(core: Core) -> list[str]:
    """Leave out that the lines do not go together: it is said by their standing here."""
    return [text for text in core.explanation if not text.endswith(_TOGETHER)]


# -- rows ----------------------------------------------------------------------------------------


def _head(line: SpecLine, path: str) -> str:
    pip = " (pip)" if line.is_pip else ""
    place = place_of(line, path)
    return f"{' ' * INDENT}{place}{'  ' if place else ''}{line.text}{pip}"


def _list_places(lines: Sequence[SpecLine], path: str) -> str:
    texts = [line.text + (" (pip)" if line.is_pip else "") for line in lines]
    if len(lines) > 4:
        texts = [*texts[:3], f"{len(texts) - 3} more lines"]
    names, first = list_or(texts, "and"), lines[0]
    others = [str(line.line) for line in lines[1:] if line.line is not None]
    is_short = len(lines) <= _LISTED and first.line is not None
    more = "".join(f",{number}" for number in others) if is_short else ""
    place = place_of(first, path)
    return f"{place}{more}  {names}" if place else names


def _wrapped(text: str, width: int) -> list[str]:
    lead = " " * DEEPER
    rows = wrap(
        _MANY.sub(r"(\1|...|\2)", text),
        max(width, DEEPER + 20),
        initial_indent=lead,
        subsequent_indent=lead,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return rows or []


def _fit(rows: Sequence[str], most: int) -> list[str]:
    """Keep the first rows; the last one says that there was more."""
    if len(rows) <= most:
        return list(rows)
    return [*rows[: most - 1], f"{rows[most - 1]} ..."] if most > 0 else []
