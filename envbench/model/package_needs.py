"""Who needs whom among the packages of a plan, and the way from a package up to the spec."""

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from envbench.model.plan import PackageRecord

_NAME = re.compile(r"(?:\S+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)")


class Need(NamedTuple):
    """One dependency of one package."""

    by: str
    """Name of the package that has it."""
    text: str
    """As the record has it, `numpy >=1.23,<3`."""


Needs: TypeAlias = Mapping[str, tuple[Need, ...]]
"""Name of a package to what others want of it, by their names."""


def map_needs(packages: Iterable[PackageRecord]) -> Needs:
    """Turn the dependencies of packages round; properties of the box (`__cuda`) are among them."""
    found: defaultdict[str, list[Need]] = defaultdict(list)
    for package in sorted(packages, key=attrgetter("name")):
        for text in package.depends:
            name = name_of(text)
            if name and name != package.name:
                found[name].append(Need(package.name, text))
    return {name: tuple(needs) for name, needs in found.items()}


def name_of(dependency: str) -> str:
    """Give the name in a dependency of a record; empty when it has none."""
    match = _NAME.match(dependency)
    return match[1].lower() if match else ""


def trace_needs(
    name: str, needs: Needs, roots: Collection[str], most: int = 4
) -> tuple[tuple[Need, ...], ...]:
    """Find the shortest ways from roots to a package.

    Args:
        name: Where the ways end.
        needs: From `map_needs`.
        roots: Names of the packages that the user asked for. A way begins at the last root on it.
        most: How many ways are given at most, one of each root.

    Returns:
        Ways, shortest first; the first need of each is the root's, the last one is for `name`.
    """
    ways: list[tuple[Need, ...]] = []
    seen = {name}
    waiting: deque[tuple[str, tuple[Need, ...]]] = deque([(name, ())])
    while waiting and len(ways) < most:
        here, way = waiting.popleft()
        for need in needs.get(here, ()):
            if need.by in seen:
                continue
            seen.add(need.by)
            if need.by in roots:
                ways.append((need, *way))
            else:
                waiting.append((need.by, (need, *way)))
    return tuple(ways[:most])
