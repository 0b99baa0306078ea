"""Who requires whom inside one lock.

Source: `depends` of conda records (names only: what is locked fits), PEP 508 requirements.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envbench.formats.exports.python_distributions import distributions_of
from envbench.formats.python_version import python_of
from envbench.model.lock import Lock
from envbench.model.lock_verdicts.marker_environment import MarkerEnvironment
from envbench.model.package_needs import name_of


class Manager(StrEnum):
    """Whose package it is."""

    CONDA = "conda"
    PIP = "pip"
    NONE = "none"
    """The Python of a virtual environment."""


class Node(NamedTuple):
    """One package of a lock."""

    manager: Manager
    name: str


FOREIGN_PYTHON = Node(Manager.NONE, "python")


def find_edges(lock: Lock) -> dict[Node, tuple[Node, ...]]:
    """Map each package to those of the same lock that it requires, sorted."""
    edges: dict[Node, tuple[Node, ...]] = {}
    conda = {p.name: Node(Manager.CONDA, p.name) for p in lock.packages}
    for package in lock.packages:
        needed = {conda[name] for name in map(name_of, package.depends) if name in conda}
        edges[conda[package.name]] = _sorted(needed - {conda[package.name]})
    of_python = _provide(lock)
    python = conda.get("python")
    if python is None and lock.python_version:
        python = FOREIGN_PYTHON
        edges[python] = ()
    for name, required in _required_by_pip(lock):
        node = Node(Manager.PIP, name)
        found = {of_python[each] for each in required if each in of_python}
        if python is not None:
            found.add(python)
        edges[node] = _sorted(found - {node})
    return edges


def find_roots(edges: Mapping[Node, Iterable[Node]]) -> tuple[Node, ...]:
    """List packages from which all others are reached: first those that nobody requires."""
    required = {node for nodes in edges.values() for node in nodes}
    roots = [node for node in sorted(edges) if node not in required]
    reached: set[Node] = set()
    for node in roots:
        _reach(node, edges, reached)
    for node in sorted(edges):
        # What is left are rings in which everybody requires somebody.
        if node not in reached:
            roots.append(node)
            _reach(node, edges, reached)
    return tuple(sorted(roots))


def _provide(lock: Lock) -> dict[str, Node]:
    """Map the names of PyPI to who brings them; pip's own stand before conda's."""
    found = {
        distribution.name: Node(Manager.CONDA, package.name)
        for package in lock.packages
        for distribution in distributions_of(package)
    }
    return found | {p.name: Node(Manager.PIP, p.name) for p in lock.pip}


def _required_by_pip(lock: Lock) -> Iterator[tuple[str, set[str]]]:
    environment = MarkerEnvironment(lock.platform or None, python_of(lock))
    parsed = {p.name: list(_parse(p.requires_dist or ())) for p in lock.pip}
    extras: dict[str, set[str]] = {}
    for requirement in (each for requirements in parsed.values() for each in requirements):
        extras.setdefault(canonicalize_name(requirement.name), set()).update(requirement.extras)
    for name, requirements in parsed.items():
        wanted = extras.get(name, ())
        yield (
            name,
            {
                canonicalize_name(requirement.name)
                for requirement in requirements
                # What cannot be known counts: its target is in the lock for some reason.
                if environment.accepts(requirement.marker, wanted) is not False
            },
        )


def _parse(texts: Iterable[str]) -> Iterator[Requirement]:
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            # Old releases have metadata that no tool reads; the graph goes on without the edge.
            continue


def _reach(start: Node, edges: Mapping[Node, Iterable[Node]], reached: set[Node]) -> None:
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += edges.get(node, ())


def _sorted(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes))
