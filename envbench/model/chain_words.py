"""The chain from a line to where lines meet, written behind the line."""

from collections.abc import Sequence

from envbench.model.conflict import Chain
from envbench.model.row_wrapping import DEEPER
from envbench.model.version_ranges import say_spans, shorten_demand, split_demand

_WITH_IT = "with it "
"""Before a chain that begins at the package of another line: this line only narrows that one."""


def list_steps(chain: Chain, *, limits: bool = False) -> list[str]:
    """Give what stands behind a line: each with its arrow or word, from the package behind it on.

    Nothing when the line itself asks for the package in which all meet.

    Args:
        chain: Of that line.
        limits: Whether what is at its end is not needed, but only kept to some versions.
    """
    if not chain.links:
        return []
    packages = [say_spans(link.package) for link in chain.links]
    arrows = [f"-> {package}" for package in packages[1:]]
    demand = shorten_demand(chain.demand)
    arrows.append(_say_limit(demand) if limits else f"-> {demand}")
    if same_name(split_demand(packages[0])[0], chain.line.name):
        return arrows
    return [_WITH_IT + packages[0], *arrows]


def _say_limit(demand: str) -> str:
    name, wanted = split_demand(demand)
    return f"allows no {name}" if wanted == "<0" else f"allows only {demand}"


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
        if len(rows[-1]) + len(step) + 1 > width:
            rows.append(" " * (DEEPER - 1))
        rows[-1] += f" {_fit(step, width - DEEPER)}"
    return [row.rstrip() for row in rows]


def write_one_row(head: str, steps: Sequence[str], longest: int, width: int) -> str:
    """Leave out what stands in the middle of a chain that has no room."""
    if not steps:
        return head
    last = steps[-1]
    for shown in (
        steps,
        [*steps[:1], "-> ...", last] if len(steps) > 2 else steps,
        ["-> ...", last] if len(steps) > 1 else steps,
        ["-> ...", _fewer(last)] if len(steps) > 1 else [_fewer(last)],
    ):
        row = f"{head.ljust(longest)}  {' '.join(shown)}"
        if len(row) <= width:
            return row
    return f"{head}  {_fewer(last)}"


def _fit(step: str, room: int) -> str:
    return step if len(step) <= room else _fewer(step)


def _fewer(step: str) -> str:
    """Keep the first of several ranges, and count the others."""
    first, *others = step.split(" or ")
    return f"{first} or {len(others)} more ranges" if len(others) > 1 else step


def find_demand(chain: Chain, meeting: str) -> str:
    """Give the range that a chain asks for; empty when it is not that of the package."""
    name, wanted = split_demand(shorten_demand(chain.demand))
    if not same_name(name.rpartition("::")[2], meeting):
        return ""
    return wanted


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are those of one package."""
    return _normal(one) == _normal(other)


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")
