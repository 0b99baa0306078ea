"""A difference between two environments in a few words, for lists."""

from collections import Counter
from collections.abc import Iterable

from envbench.envs.compare import LockDifference
from envbench.model.plan import ChangeKind

_WORDS = {ChangeKind.ADD: "added", ChangeKind.REMOVE: "removed"}


def say_difference(difference: LockDifference) -> str:
    """Say how many things differ, such as `2 packages changed, 1 pip added`; empty when none do."""
    parts = [
        *_count((change.kind for change in difference.conda), "package", "packages"),
        *_count((change.kind for change in difference.pip), "pip", "pip"),
    ]
    if difference.variables:
        count = len(difference.variables)
        parts.append(f"{count} {'variable' if count == 1 else 'variables'} changed")
    if difference.channels:
        parts.append("channels changed")
    if difference.platform:
        parts.append("platform changed")
    return ", ".join(parts)


def _count(kinds: Iterable[ChangeKind], one: str, several: str) -> list[str]:
    counted = Counter(_WORDS.get(kind, "changed") for kind in kinds)
    return [
        f"{counted[word]} {one if counted[word] == 1 else several} {word}"
        for word in ("changed", "added", "removed")
        if counted[word]
    ]
