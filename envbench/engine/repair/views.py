"""Which sets of lines a search looks at, and in which order."""

from dataclasses import dataclass, field
from itertools import combinations

from envbench.engine.repair.asked_lines import AskedLines
from envbench.engine.repair.contexts import Context
from envbench.engine.repair.variants import Variant
from envbench.model.repair import Move

_FEW_LINES = 6
_MOST_OPEN = 2
"""Under strict channel priority a line that asks for another version may let in another channel,
which is more than its removal does. So sets of so many lines are tried whether they hit the cores
or not; of longer specs only the lines of cores are combined."""


@dataclass(slots=True)
class View:
    """What is known of the lines under one change beside them, or under none."""

    context: Context | None
    cores: list[frozenset[int]] | None = None
    """None where they are not known yet."""
    examined: list[tuple[int, ...]] = field(default_factory=list)
    """Sets of lines that were looked at."""
    current: tuple[int, ...] = ()
    """The set that is being looked at."""
    unexplained: list[Variant] = field(default_factory=list)
    """What has no solution, and of which it was not asked why."""
    solved: set[tuple[int, ...]] = field(default_factory=set)
    """Sets whose removal has a solution."""

    @property
    def moves(self) -> tuple[Move, ...]:
        """Give the changes that belong to every fix here."""
        return self.context.moves if self.context is not None else ()

    def next_set(self, count: int, lines: AskedLines) -> tuple[int, ...] | None:
        """Choose the next set of so many lines that has not been looked at; None when there is none."""
        cores = self.cores or []
        fixed = self.context.indexes if self.context is not None else frozenset[int]()
        members = touched = {i for core in cores for i in core}
        is_open = lines.is_strict and count <= _MOST_OPEN
        if is_open and (count == 1 or len(lines.texts) <= _FEW_LINES):
            members = set(range(len(lines.texts)))
        ordered_members = sorted(members - fixed, key=lambda i: (i not in touched, lines.weigh(i)))
        for chosen in combinations(ordered_members, count):
            ordered = tuple(sorted(chosen))
            if ordered in self.examined:
                continue
            if not is_open and not all(core & set(chosen) for core in cores):
                continue
            if any(set(solved) < set(chosen) for solved in self.solved):
                continue
            return ordered
        return None
