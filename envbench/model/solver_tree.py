"""The solver's own explanation of a conflict as a tree, and the same said in fewer lines.

Source: resolvo's `DisplayUnsat`, as rattler prints it. It is prose: what is not recognised is kept
as it is, and any text gives an answer.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envbench.model.solver_lines import (
    Demand,
    Other,
    Package,
    SolverLine,
    join_demands,
    join_packages,
    read_line,
)

HEADER = "Cannot solve the request because of: "
_BRANCH = re.compile(r"(?P<lead>(?:│  |   )*)(?:├─ |└─ )(?P<text>.*)")
_MAX_DEPTH = 60
"""Deeper lines stay on this level: nothing that a solver says is so deep."""
_UNICODE = ("├─ ", "└─ ", "│  ")
_ASCII = ("|- ", "`- ", "|  ")


@dataclass(frozen=True, slots=True)
class SolverNode:
    """One line with what hangs on it."""

    line: SolverLine
    children: tuple["SolverNode", ...] = ()


def fold_solver_text(text: str, *, is_ascii: bool = False) -> str:
    """Say the solver's text in fewer lines, every package in it still named.

    Branches that differ only in versions become one, a single option stands on the line that asks
    for it, and a subtree that comes again is shown once.

    Args:
        text: What the solver said, cleaned.
        is_ascii: Draw the branches without other characters than ASCII's.
    """
    return "\n".join(write_tree(fold_tree(read_tree(text)), is_ascii=is_ascii))


def read_tree(text: str) -> tuple[SolverNode, ...]:
    """Read a text as a forest; lines without branches are roots."""
    roots: list[_Draft] = []
    path: list[_Draft] = []
    for row in text.removeprefix(HEADER).split("\n"):
        branch = _BRANCH.fullmatch(row)
        depth = min(len(branch["lead"]) // 3 + 1, _MAX_DEPTH) if branch else 0
        node = _Draft(read_line(branch["text"] if branch else row), [])
        # A branch without the lines it belongs to hangs on the nearest one there is.
        del path[depth:]
        (path[-1].children if path and branch else roots).append(node)
        path.append(node)
    return tuple(root.finish() for root in roots)


def fold_tree(nodes: Iterable[SolverNode]) -> tuple[SolverNode, ...]:
    """Fold what hangs on each root; the roots themselves stay."""
    return tuple(SolverNode(node.line, _fold_all(node.children)) for node in nodes)


def write_tree(nodes: Iterable[SolverNode], *, is_ascii: bool = False) -> tuple[str, ...]:
    """Draw a forest; what hangs on a line is not drawn again where the same comes a second time."""
    art, seen = _ASCII if is_ascii else _UNICODE, set[SolverNode]()
    rows: list[str] = []
    for node in nodes:
        rows.append(node.line.write())
        rows += _draw(node.children, "", art, seen)
    return tuple(rows)


class _Draft:
    __slots__ = ("children", "line")

    def __init__(self, line: SolverLine, children: "list[_Draft]") -> None:
        self.line, self.children = line, children

    def finish(self) -> SolverNode:
        return SolverNode(self.line, tuple(child.finish() for child in self.children))


def _draw(
    nodes: tuple[SolverNode, ...], lead: str, art: tuple[str, str, str], seen: set[SolverNode]
) -> Iterator[str]:
    for index, node in enumerate(nodes):
        is_last = index == len(nodes) - 1
        branch = lead + (art[1] if is_last else art[0])
        if node.children and node in seen:
            yield f"{branch}{node.line.write()} (shown above)"
            continue
        seen.add(node)
        yield branch + node.line.write()
        yield from _draw(node.children, lead + ("   " if is_last else art[2]), art, seen)


# -- folding -------------------------------------------------------------------------------------


def _fold_all(nodes: Iterable[SolverNode]) -> tuple[SolverNode, ...]:
    folded = [_fold(node) for node in nodes]
    return tuple(_join_alternatives(_join_versions(folded)))


def _fold(node: SolverNode) -> SolverNode:
    children = _fold_all(node.children)
    line = node.line
    if isinstance(line, Demand) and line.has_options and len(children) == 1:
        (option,) = children
        if isinstance(option.line, Package) and option.line.name == line.name:
            joined = Demand(line.name, line.ranges, option.line.tail, option.line)
            return SolverNode(joined, option.children)
    return SolverNode(line, children)


def _join_versions(nodes: Iterable[SolverNode]) -> list[SolverNode]:
    """Make one of siblings that are the same but for the versions of the package, or altogether."""
    found: dict[object, SolverNode] = {}
    for node in nodes:
        line = node.line
        if isinstance(line, Other):
            found[len(found)] = node
            continue
        if isinstance(line, Demand):
            found.setdefault(node, node)
            continue
        key = (line.name, line.tail, node.children)
        known = found.get(key)
        if known is not None and isinstance(known.line, Package):
            line = join_packages(known.line, line)
        found[key] = SolverNode(line, node.children)
    return list(found.values())


def _join_alternatives(nodes: Iterable[SolverNode]) -> list[SolverNode]:
    """Make one of siblings whose chains go over the same packages to the same end."""
    found: dict[object, SolverNode] = {}
    for node in nodes:
        # What one thing asks for is all needed; only packages beside each other are alternatives.
        key = _shape(node) if isinstance(node.line, Package) else len(found)
        known = found.get(key)
        found[key] = node if known is None else _join_chains(known, node)
    return list(found.values())


def _shape(node: SolverNode) -> object:
    """Give what is left of a chain without versions and ranges."""
    line = node.line
    if isinstance(line, Other):
        return node
    rest = _shape(node.children[0]) if len(node.children) == 1 else node.children
    has_option = isinstance(line, Demand) and line.option is not None
    return type(line), line.name, line.tail, has_option, rest


def _join_chains(one: SolverNode, two: SolverNode) -> SolverNode:
    """Join chains of the same shape, link by link."""
    line = one.line
    if isinstance(line, Package) and isinstance(two.line, Package):
        line = join_packages(line, two.line)
    elif isinstance(line, Demand) and isinstance(two.line, Demand):
        line = join_demands(line, two.line)
    if len(one.children) != 1:
        return SolverNode(line, one.children)
    return SolverNode(line, (_join_chains(one.children[0], two.children[0]),))
