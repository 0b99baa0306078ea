"""Some cores with one cause in rows, from all that can be said to the least: lines, chains, reasons."""

import re
from collections.abc import Sequence

from envbench.model.chain_words import list_steps, write_one_row, write_steps
from envbench.model.conflict import Core, CoreKind, SpecLine
from envbench.model.core_groups import CoreGroup
from envbench.model.core_sentences import is_limit, list_changeable, say_more, say_role, say_why
from envbench.model.meeting_words import count_sides
from envbench.model.row_wrapping import INDENT, cut, list_or, name_lines, wrap_text
from envbench.model.version_ranges import shorten_sentence

_LISTED = 6
"""Lines whose numbers are listed in one row."""
_MOST = 8
"""Lines with a row of their own."""
_INSTEAD = {
    CoreKind.MISSING_PACKAGE: "did you mean",
    CoreKind.MISSING_VERSION: "there are",
    CoreKind.MISSING_BUILD: "builds there are",
    CoreKind.WRONG_CHANNEL: "there is",
    CoreKind.PLATFORM: "it is there for",
}
_IN_SHORT = {CoreKind.MISSING_VIRTUAL, CoreKind.PLATFORM}
"""Kinds that say more by their sentences than by what exists instead."""


def describe_group(
    group: CoreGroup, path: str, width: int, *, asks_for_change: bool
) -> list[list[str]]:
    """Tell cores in several ways.

    Args:
        group: What cannot hold.
        path: How the user's file is named before the numbers of lines; empty for `line 12`.
        width: Characters of a row.
        asks_for_change: Whether to say here which lines to change.

    Returns:
        Rows of each way, the longest way first, each shorter than the one before; sentences are
        whole in each of them.
    """
    if len(group.first.lines) == 1 and not group.chains:
        ways = _tell_line(group.first, path, width)
    else:
        ways = _tell_lines(group, path, width, asks_for_change=asks_for_change)
    shorter: list[list[str]] = []
    for way in ways:
        if not shorter or len(way) < len(shorter[-1]):
            shorter.append([cut(row, width) for row in way])
    return shorter


def place_of(line: SpecLine, path: str) -> str:
    """Name the place of a line: `environment.yml:12`, or `line 12` without a path."""
    if line.line is None:
        return path
    return f"{path}:{line.line}" if path else f"line {line.line}"


# -- a line alone --------------------------------------------------------------------------------


def _tell_line(core: Core, path: str, width: int) -> list[list[str]]:
    (line,) = core.lines
    head = _head(line, path)
    told = [_without_place(shorten_sentence(text), line) for text in core.explanation]
    if core.kind is CoreKind.MISSING_VIRTUAL:
        told = [say_why(CoreGroup((core,))) or " ".join(told)]
    instead = _instead(core)
    more = wrap_text(instead, width) if instead else []
    whole = [head, *wrap_text(" ".join(told), width)]
    ways = [[*whole, *more], whole]
    if not core.available or core.kind in _IN_SHORT:
        ways.append([head, *wrap_text(told[0], width)] if told else [head])
    return [*ways, [_in_short(core, head, told, width)]]


def _in_short(core: Core, head: str, told: Sequence[str], width: int) -> str:
    """Say it in the row of the line; with as much of what exists as has room."""
    if core.available and core.kind not in _IN_SHORT:
        for count in range(len(core.available), 0, -1):
            there = ", ".join(core.available[:count])
            row = f"{head}: {_INSTEAD.get(core.kind, 'there are')} {there}"
            if len(row) <= width or count == 1:
                return row
    return f"{head}: {told[0]}" if told else head


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
    """Tell whether a name, or `channel::name` by its two parts, was said."""
    return all(
        re.search(rf"(?<![\w.]){re.escape(part)}(?![\w]|\.\d)", told) is not None
        for part in text.split("::")
    )


# -- lines that do not go together ---------------------------------------------------------------


def _tell_lines(
    group: CoreGroup, path: str, width: int, *, asks_for_change: bool
) -> list[list[str]]:
    core = group.first
    why = say_why(group)
    change = f"change {_say_change(group)}."
    if asks_for_change and len(group.lines) > 1 and _is_between(group):
        why = f"{why.removesuffix('.')}: {change}" if why.count(". ") == 0 else why
    instead = _instead(core) if core.available and len(group.cores) == 1 else ""
    reason = wrap_text(why, width)
    extra = [*wrap_text(say_more(group), width), *wrap_text(instead, width)]
    whole = _rows_of_lines(group, path, width, whole=True)
    single = _rows_of_lines(group, path, width, whole=False)
    places = " " * INDENT + _list_places(group.lines, path)
    meeting = f" do not meet in {core.meeting}" if core.meeting else f": {why}"
    one = f"{places}: {why}"
    return [
        [*whole, *reason, *extra],
        [*whole, *reason],
        [*single, *reason],
        [*wrap_text(places.strip(), width, first=INDENT), *reason],
        [one if len(one) <= width else f"{places}{meeting}"],
    ]


def _is_between(group: CoreGroup) -> bool:
    """Tell whether the sentence is about lines of which one has to change."""
    core = group.first
    if not core.is_minimal or core.meeting.startswith("__"):
        return False
    return count_sides(group) > 1 or (not core.meeting and core.kind is CoreKind.INCOMPATIBLE)


def _say_change(group: CoreGroup) -> str:
    """Name the lines of which one has to change: where cores share one, that one or all others."""
    others = [line.line for line in group.lines if line != group.hub and line.line is not None]
    if len(group.cores) > 1 and group.hub is not None and group.hub.line is not None:
        return f"line {group.hub.line}, or {name_lines(others)}"
    return _name_numbers(list_changeable(group))


def _name_numbers(lines: Sequence[SpecLine]) -> str:
    """Name lines by their numbers, if they are few: `line 12 or line 16`."""
    numbers = [line.line for line in lines]
    if any(number is None for number in numbers) or len(numbers) > 4:
        return "one of them"
    return list_or([f"line {number}" for number in numbers])


def _rows_of_lines(group: CoreGroup, path: str, width: int, *, whole: bool) -> list[str]:
    lines = group.lines
    shown = lines if len(lines) <= _MOST + 1 else lines[:_MOST]
    told = [pair for line in shown for pair in _list_chains(group, line, path)]
    longest = max((len(head) for head, steps in told if steps), default=0)
    rows: list[str] = []
    for head, steps in told:
        if whole:
            rows += write_steps(head, steps, longest, width)
        else:
            rows.append(write_one_row(head, steps, longest, width))
    if len(shown) < len(lines):
        left = [str(line.line) for line in lines[len(shown) :] if line.line is not None]
        where = f": {', '.join(left)}" if left else ""
        rows.append(f"{' ' * INDENT}and {len(lines) - len(shown)} more lines{where}")
    return rows


def _list_chains(group: CoreGroup, line: SpecLine, path: str) -> list[tuple[str, list[str]]]:
    """Give the line with its chain; with a row for each further chain of it."""
    head = _head(line, path)
    limits = any(is_limit(core, line) for core in group.cores)
    chains = [chain for chain in group.chains if chain.line == line and chain.links]
    found = [list_steps(chain, limits=limits) for chain in chains]
    if not found:
        role = say_role(group, line)
        return [(head, [role] if role else [])]
    further = "and also".rjust(len(head))
    return [(further if index else head, steps) for index, steps in enumerate(found)]


# -- rows ----------------------------------------------------------------------------------------


def _head(line: SpecLine, path: str) -> str:
    pip = " (pip)" if line.is_pip else ""
    place = place_of(line, path)
    return f"{' ' * INDENT}{place}{'  ' if place else ''}{line.text}{pip}"


def _list_places(lines: Sequence[SpecLine], path: str) -> str:
    texts = [line.text + (" (pip)" if line.is_pip else "") for line in lines]
    if len(lines) > _LISTED:
        texts = [*texts[:3], f"{len(texts) - 3} more lines"]
    names = list_or(texts, "and")
    numbers = [str(line.line) for line in lines if line.line is not None]
    if not numbers:
        return f"{path}  {names}" if path else names
    shown = ",".join(numbers if len(lines) <= _LISTED else numbers[:1])
    plural = "s" if "," in shown else ""
    return f"{path}:{shown}  {names}" if path else f"line{plural} {shown}  {names}"
