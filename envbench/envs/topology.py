"""The order in which packages can be installed one by one."""

import heapq
from collections.abc import Mapping, Sequence

from envbench.model.package_record import PackageRecord


def sort_topologically(packages: Sequence[PackageRecord]) -> tuple[PackageRecord, ...]:
    """Sort packages so that each comes after what it depends on; by name where that is free.

    Cycles (`python` and `pip` depend on each other) are entered at their first name.
    """
    by_name = {package.name: package for package in packages}
    waits_for = {
        name: {_dependency_name(spec) for spec in package.depends} & by_name.keys() - {name}
        for name, package in by_name.items()
    }
    waiting: dict[str, list[str]] = {name: [] for name in by_name}
    for name, needed in waits_for.items():
        for dependency in needed:
            waiting[dependency].append(name)
    ready = [name for name, needed in waits_for.items() if not needed]
    heapq.heapify(ready)
    ordered: list[PackageRecord] = []
    left = dict(waits_for)
    while left:
        name = heapq.heappop(ready) if ready else _entry_of_cycle(left)
        if name not in left:
            continue
        del left[name]
        ordered.append(by_name[name])
        for other in waiting[name]:
            if other in left:
                left[other].discard(name)
                if not left[other]:
                    heapq.heappush(ready, other)
    return tuple(ordered)


def _entry_of_cycle(left: Mapping[str, set[str]]) -> str:
    """Pick where to cut a cycle: the interpreter first, else the fewest open dependencies."""
    if "python" in left:
        return "python"
    return min(left, key=lambda name: (len(left[name]), name))


def _dependency_name(spec: str) -> str:
    word = spec.split(maxsplit=1)[0] if spec.strip() else ""
    for mark in "[=<>!~":
        word = word.partition(mark)[0]
    return word.rpartition("::")[2].lower()
