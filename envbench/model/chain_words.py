"""The chain from a line to where lines meet, written behind the line."""

import re
from collections.abc import Sequence

from envbench.model.conflict import Chain, Core, SpecLine
from envbench.model.version_ranges import shorten_demand, split_demand

DEEPER = 6
"""Blanks before a row that continues another one."""


def list_steps(core: Core, line: SpecLine) -> list[str]:
    """Give the chain of a line, from the package behind it to what it asks for."""
    chain = next((chain for chain in core.chains if chain.line == line), None)
    if chain is None or not chain.links:
        # The line itself asks for the package in which all meet.
        return []
    packages = [link.package for link in chain.links]
    if packages and _normal(split_demand(packages[0])[0]) == _normal(line.name):
        del packages[0]
    return [*packages, shorten_demand(chain.demand)]


def write_steps(head: str, steps: Sequence[str], longest: int, width: int) -> list[str]:
    """Write a chain behind its line, in as many rows as it needs.

    Args:
        head: The line.
        steps: What `list_steps` gave.
        longest: Width of the longest line that has a chain.
        width: Characters of a row.
    """
    if not steps:
        return [head]
    rows = [head.ljust(longest) + " "]
    for step in steps:
        if len(rows[-1]) + len(step) + 4 > width:
            rows.append(" " * (DEEPER - 1))
        rows[-1] += f" -> {step}"
    return [row.rstrip() for row in rows]


def write_one_row(head: str, steps: Sequence[str], longest: int, width: int) -> str:
    """Leave out what stands in the middle of a chain that has no room."""
    for shown in (steps, [*steps[:1], "...", *steps[-1:]], ["...", *steps[-1:]], steps[-1:]):
        if not steps or (len(steps) < 3 and "..." in shown):
            continue
        row = f"{head.ljust(longest)}  -> {' -> '.join(shown)}"
        if len(row) <= width:
            return row
    return f"{head}  -> {steps[-1]}" if steps else head


def find_demand(chain: Chain, meeting: str) -> str:
    """Give the range that a chain asks for; empty when it is not that of the package."""
    parts = [split_demand(part) for part in shorten_demand(chain.demand).split(" or ")]
    name, wanted = parts[0]
    if _normal(name.rpartition("::")[2]) != _normal(meeting) or not wanted:
        return ""
    # Further alternatives come without the name.
    ranges = [wanted, *(f"{other} {more}".strip() for other, more in parts[1:])]
    if len(ranges) == 1:
        return wanted.removeprefix("=") if re.match(r"=[^=]", wanted) else wanted
    return f"({' or '.join(ranges)})"


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
