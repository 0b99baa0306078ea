"""The sentence that says what two lines demand of one package, and why that does not meet."""

import re
from collections.abc import Sequence

from envbench.model.chain_words import find_demand, same_name
from envbench.model.conflict import Chain, Core, SpecLine
from envbench.model.core_groups import CoreGroup
from envbench.model.counting import count_of
from envbench.model.row_wrapping import list_or, name_lines
from envbench.model.version_ranges import split_demand

_BESIDE = re.compile(
    r"With (?P<with>.*?\)), \S.*? \(line (?P<line>\d+)\)(?: \(pip\))? (?:needs|allows only) "
)
"""`With python=3.12 (line 5), pytorch=2.6 (line 6) needs ...`"""
_RANGES = 3

_Side = tuple[SpecLine, str]
"""A line, and the range that it asks for."""


def say_demands(group: CoreGroup) -> str:
    """Say what the lines demand of the package in which they meet.

    Returns:
        A sentence; empty when it needs more than two demands to say it.
    """
    sides = list_sides(group)
    if len({demand for _, demand in sides}) < 2 or len(sides) < count_sides(group):
        return ""
    has_numbers = len({line for line, _ in sides}) > 1
    hub = [demand for line, demand in sides if line == group.hub]
    in_order = dict.fromkeys((*hub, *(demand for _, demand in sides)))
    told = [_say_side(group, demand, sides if has_numbers else []) for demand in in_order]
    if len(told) > _RANGES + 1:
        told = [*told[:_RANGES], count_of(len(told) - _RANGES, "more range")]
    name = "python" if group.first.meeting == "python_abi" else group.first.meeting
    if group.hub is not None and len(told) > 2:
        # The others may well meet each other.
        return f"{name} {told[0]} fits none of {list_or(told[1:], 'and')}."
    return f"{name} cannot be {list_or(told, 'and')} at once."


def list_sides(group: CoreGroup) -> list[_Side]:
    """List the lines that demand something of the package in which they meet, and what."""
    sides = [(chain.line, find_demand(chain, group.first.meeting)) for chain in group.chains]
    return [(line, demand) for line, demand in sides if demand]


def count_sides(group: CoreGroup) -> int:
    """Count the chains that ask for the package in which lines meet, in whatever version."""
    return sum(is_side(group, chain) for chain in group.chains)


def is_side(group: CoreGroup, chain: Chain) -> bool:
    """Tell whether a chain ends at the package in which lines meet."""
    return bool(group.first.meeting) and same_name(find_name(chain), group.first.meeting)


def find_name(chain: Chain) -> str:
    """Name the package that a chain asks for."""
    return split_demand(chain.demand)[0].rpartition("::")[2]


def _say_side(group: CoreGroup, demand: str, sides: Sequence[_Side]) -> str:
    lines = [line for line, other in sides if other == demand and line.line is not None]
    if demand.count(" or ") > 1:
        first, *others = demand.split(" or ")
        demand = f"{first} or {len(others)} other ranges"
    if not lines:
        return demand
    said = name_lines(sorted(line.line for line in lines if line.line is not None))
    beside = _find_beside(group, lines[0]) if len(lines) == 1 else []
    return f"{demand} ({said} with {name_lines(beside)})" if beside else f"{demand} ({said})"


def _find_beside(group: CoreGroup, line: SpecLine) -> list[int]:
    """Number the lines without which a line would not ask for what it does."""
    chain = next(chain for chain in group.chains if chain.line == line)
    start = split_demand(chain.links[0].package)[0] if chain.links else line.name
    found = {
        other.line
        for other in group.lines
        if other != line and not same_name(start, line.name) and same_name(start, other.name)
    }
    for narrowed, others in find_narrowed(group.first):
        if narrowed == line.line:
            found |= {other.line for other in group.lines if other.line in others}
    return sorted(number for number in found if number is not None)


def find_narrowed(core: Core) -> list[tuple[int, set[int]]]:
    """Read off the sentences which line asks for something only beside which others."""
    matches = [_BESIDE.match(text) for text in core.explanation]
    return [
        (int(m["line"]), {int(number) for number in re.findall(r"\(line (\d+)\)", m["with"])})
        for m in matches
        if m is not None
    ]
