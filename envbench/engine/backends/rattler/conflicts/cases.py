"""Cores of which each version of a line's package fails for a reason of its own."""

import functools
import operator
from dataclasses import dataclass

from envbench.engine.backends.rattler.conflicts.demands import Side, Way, read_side
from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.package_words import list_versions
from envbench.engine.backends.rattler.conflicts.stories import Story, meet_sides, owners
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import Groups, bits

MAX_SPLIT = 12
"""Groups of records that are looked at."""
MAX_REASONS = 3


@dataclass(frozen=True, slots=True)
class Cases:
    """A line's package, and why each of its versions fails beside the other lines."""

    story: Story
    """That the line asks for it, and the others stand beside."""
    reasons: tuple[Story, ...]
    """How the versions fail, several of them together where they fail alike."""


def find_cases(propagation: Propagation, part: Part) -> Cases | None:
    """Find a line of which each version meets the others somewhere; None where there is none."""
    for name, line in sorted(owners(propagation, part).items()):
        others = part - {line}
        own = propagation.accepted(line)
        if name.startswith("__") or not others or own is None:
            continue
        reasons = _list_reasons(propagation, part, line, own)
        if reasons:
            conditions = tuple(sorted(others))
            return Cases(Story(name, (Way(line, ()),), conditions), tuple(reasons))
    return None


def _list_reasons(
    propagation: Propagation, part: Part, line: int, own: tuple[str, int]
) -> list[Story]:
    name, accepted = own
    split = _split(propagation, name, accepted & propagation.base.left.get(name, 0))
    if not 2 <= len(split) <= MAX_SPLIT:
        return []
    others = read_side(propagation, part - {line})
    groups: dict[str, int] = {}
    for mask in split:
        story = meet_sides(propagation, part, _read_some(propagation, line, name, mask), others)
        if story is None:
            return []
        groups[story.meeting] = groups.get(story.meeting, 0) | mask
    if len(groups) > MAX_REASONS:
        return []
    reasons = []
    for mask in groups.values():
        side = _read_some(propagation, line, name, mask)
        story = meet_sides(propagation, part, side, others)
        if story is None:
            return []
        reasons.append(story)
    return reasons


def _read_some(propagation: Propagation, line: int, name: str, mask: int) -> Side:
    domains = propagation.follow([line], only={name: mask})
    return read_side(propagation, [line], domains)


def _split(propagation: Propagation, name: str, mask: int) -> list[int]:
    """Split records by version, and those of one version by the packages that they need."""
    needs = propagation.universe.needs.get(name, {})
    users = {other: _unite_users(groups) for other, groups in needs.items()}
    split: dict[tuple[str, tuple[str, ...]], int] = {}
    for index in bits(mask):
        version = list_versions(propagation.universe, name, 1 << index)[0]
        needed = tuple(other for other, which in users.items() if which >> index & 1)
        split[version, needed] = split.get((version, needed), 0) | 1 << index
    return list(split.values())


def _unite_users(groups: Groups) -> int:
    return functools.reduce(operator.or_, (which for _, which in groups), 0)
