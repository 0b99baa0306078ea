"""Series of versions, and how far one version lies from another.

A *series* is what a `.*` pin names: `2.14` of 2.14.0 and 2.14.1.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from envbench.model.version import VersionError, parse_version
from envbench.model.version_match import satisfies_version

Distance = tuple[int, int, int]
"""Major, minor and patch steps."""

NO_DISTANCE: Distance = (0, 0, 0)

_COMPONENT = re.compile(r"(?:\d+!)?[^._+]+")
_NUMBER = re.compile(r"\d+(?:[._]\d+)*")
_MANY_MINORS = 100
"""More than any minor version of Python."""


def series_of(version: str, level: int) -> str:
    """Name the series of a version: its first components, `2.14` of `2.14.1` at level 2."""
    parts = re.split(r"([._])", version.partition("+")[0])
    return "".join(parts[: 2 * level - 1])


def choose_level(versions: Iterable[str]) -> int:
    """Say how many components name a series of a package: two, or one where there are no more."""
    counts = [len(_COMPONENT.findall(version.partition("+")[0])) for version in versions]
    return 2 if any(count > 1 for count in counts) else 1


def step_between(asked: str, got: str, *, name: str = "") -> Distance:
    """Count the steps between two versions at the first component in which they differ.

    Args:
        asked: A version.
        got: Another one.
        name: Of the package: a step of Python's minor version counts as a major one.
    """
    if asked == got:
        return NO_DISTANCE
    one, two = _numbers(asked), _numbers(got)
    if name == "python":
        one, two = _shift(one), _shift(two)
    width = max(len(one), len(two), 3)
    padded = zip(one + (0,) * (width - len(one)), two + (0,) * (width - len(two)), strict=True)
    for level, (left, right) in enumerate(padded):
        if left != right:
            steps = abs(left - right) if level < 3 else 1
            return (steps, 0, 0) if level == 0 else (0, steps, 0) if level == 1 else (0, 0, steps)
    return (0, 0, 0) if _is_same(asked, got) else (0, 0, 1)


def distance_from(
    constraint: str | None, got: str, existing: Sequence[str], *, name: str = ""
) -> Distance:
    """Count the steps from what a constraint asks for to a version.

    Args:
        constraint: In conda's own notation; None asks for nothing.
        got: The version that there is in the end.
        existing: Versions that exist; those that meet the constraint are what was asked for. Where
            none does, the numbers of the constraint are.
        name: Of the package.
    """
    if constraint is None or constraint == "*" or satisfies_version(got, constraint):
        return NO_DISTANCE
    asked = tuple(v for v in existing if satisfies_version(v, constraint))
    references = asked or tuple(found[0] for found in _NUMBER.finditer(constraint))
    if not references:
        return NO_DISTANCE
    step, reference = min((step_between(r, got, name=name), r) for r in references)
    if step[0] == 0 or name == "python":
        return step
    # Of another major version, those series that lie nearer are further steps.
    return (step[0], _count_nearer(reference, got, existing), 0)


def _count_nearer(reference: str, got: str, existing: Sequence[str]) -> int:
    major, near, far = _numbers(got)[:1], _numbers(reference), _numbers(got)
    between = {
        numbers[:2]
        for version in existing
        if (numbers := _numbers(version))[:1] == major
        and min(near, far) <= numbers <= max(near, far)
    }
    return len(between - {far[:2]})


def add_distances(distances: Iterable[Distance]) -> Distance:
    """Add distances up, level by level."""
    total = NO_DISTANCE
    for one in distances:
        total = (total[0] + one[0], total[1] + one[1], total[2] + one[2])
    return total


@cache
def _numbers(version: str) -> tuple[int, ...]:
    found = _NUMBER.search(version.rpartition("!")[2].partition("+")[0])
    if found is None:
        return ()
    return tuple(int(part[:9]) for part in re.split(r"[._]", found[0]))


def _shift(numbers: tuple[int, ...]) -> tuple[int, ...]:
    if not numbers:
        return numbers
    minor = numbers[1] if len(numbers) > 1 else 0
    return (numbers[0] * _MANY_MINORS + minor, *numbers[2:])


def _is_same(one: str, two: str) -> bool:
    try:
        return parse_version(one) == parse_version(two)
    except VersionError:
        return one == two
