"""Who requires a package, up to the user's lines: the tree that `why` tells.

Conda packages and pip distributions are members of one graph, so that a way may lead through both.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from envbench.model.conflict import SpecLine
from envbench.model.why import Requirer

MOST_TOLD = 60
"""Requirers in one tree, all levels together."""
MOST_AT_TOP = 20
MOST_BELOW = 6
"""At most so many requirers of one package are told; the rest is counted."""
_FAR = 1 << 30


class Key(NamedTuple):
    """Names a member: conda and pip may use one name for two things."""

    name: str
    """Of the conda package, lower case; of the distribution as PEP 503 spells it."""
    is_pip: bool = False


class Wish(NamedTuple):
    """One dependency of a member."""

    on: Key
    text: str
    """As the member states it: `numpy >=1.23,<3`."""


@dataclass(frozen=True, slots=True)
class Member:
    """One package of a plan or an environment, and what it depends on."""

    key: Key
    version: str
    wishes: tuple[Wish, ...] = ()


class Tree(NamedTuple):
    """What is told of who requires a package."""

    requirers: tuple[Requirer, ...]
    more: int
    """How many further direct requirers there are."""


def grow_tree(subject: Key, members: Iterable[Member], lines: Mapping[Key, SpecLine]) -> Tree:
    """Tell who requires a member, and who requires those, up to the user's lines.

    Nearest to a line first, then by name. A way ends where a line asks for the package; one that
    comes to a package told before ends there, too, marked so.

    Args:
        subject: Whom it is about.
        members: All packages.
        lines: Those that the user asks for.
    """
    return _Grower({member.key: member for member in members}, lines).grow(subject)


@dataclass(slots=True)
class _Grower:
    members: Mapping[Key, Member]
    lines: Mapping[Key, SpecLine]
    told: set[Key] = field(default_factory=set)
    room: int = MOST_TOLD
    askers: Mapping[Key, list[tuple[Key, str]]] = field(init=False)
    distances: Mapping[Key, int] = field(init=False)

    def __post_init__(self) -> None:
        self.askers = _turn_round(self.members)
        self.distances = _measure(self.members, self.lines)

    def grow(self, subject: Key) -> Tree:
        self.told.add(subject)
        return self._tell_askers(subject, MOST_AT_TOP)

    def _tell_askers(self, of: Key, most: int) -> Tree:
        askers = sorted(self.askers.get(of, ()), key=self._rank)
        shown = askers[: min(most, max(self.room, 0))]
        # The room is taken by all of a level before the first of them is followed further.
        self.room -= len(shown)
        return Tree(tuple(self._tell(by, text) for by, text in shown), len(askers) - len(shown))

    def _tell(self, by: Key, text: str) -> Requirer:
        label = f"{by.name} {self.members[by].version}"
        line = self.lines.get(by)
        if line is not None:
            return Requirer(package=label, needs=text, is_pip=by.is_pip, line=line)
        if by in self.told:
            return Requirer(package=label, needs=text, is_pip=by.is_pip, is_told_above=True)
        self.told.add(by)
        above = self._tell_askers(by, MOST_BELOW)
        return Requirer(
            package=label,
            needs=text,
            is_pip=by.is_pip,
            requirers=above.requirers,
            more=above.more,
        )

    def _rank(self, asker: tuple[Key, str]) -> tuple[int, Key, str]:
        by, text = asker
        return self.distances.get(by, _FAR), by, text


def _turn_round(members: Mapping[Key, Member]) -> dict[Key, list[tuple[Key, str]]]:
    """Map each member to those that depend on it, each with all that it says of it."""
    found: defaultdict[Key, dict[Key, list[str]]] = defaultdict(dict)
    for member in members.values():
        for wish in member.wishes:
            if wish.on != member.key:
                texts = found[wish.on].setdefault(member.key, [])
                if wish.text not in texts:
                    texts.append(wish.text)
    return {
        on: [(by, " and ".join(texts)) for by, texts in askers.items()]
        for on, askers in found.items()
    }


def _measure(members: Mapping[Key, Member], lines: Mapping[Key, SpecLine]) -> dict[Key, int]:
    """Count for each member the steps down from the nearest line."""
    distances = {key: 0 for key in lines if key in members}
    waiting = deque(sorted(distances))
    while waiting:
        key = waiting.popleft()
        for wish in members[key].wishes:
            if wish.on in members and wish.on not in distances:
                distances[wish.on] = distances[key] + 1
                waiting.append(wish.on)
    return distances
