"""What a line leaves of a package, found by trying its versions one after the other.

Some builds need a package directly, others through a third one: then no single dependency says
what the line needs, but each version can be supposed, to see whether anything contradicts it.
"""

from envbench.engine.backends.rattler.conflicts.demands import Side, Way, read_side
from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.package_words import list_versions
from envbench.engine.backends.rattler.conflicts.stories import Story
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import bits

MAX_TRIED = 30
"""Versions, or minor versions of python, that are tried at most."""


def find_shaved_story(propagation: Propagation, part: Part) -> Story | None:
    """Tell of a line that asks for what the others leave nothing of; None where there is none."""
    for asking in sorted(part, key=lambda line: (_own_name(propagation, line) != "python", line)):
        others = part - {asking}
        accepted = propagation.accepted(asking)
        if accepted is None or not others:
            continue
        name, mask = accepted
        side = read_side(propagation, others)
        if name not in side.ways or not side.ways[name][1] or name.startswith("__"):
            continue
        left = _shave(propagation, side, name)
        if left is not None and not left & mask and (way := side.way_to(name, accepted=left)):
            conditions = tuple(sorted(others - {way.line}))
            return Story(name, (Way(asking, ()), way), conditions)
    return None


def _own_name(propagation: Propagation, line: int) -> str:
    return (propagation.accepted(line) or ("", 0))[0]


def _shave(propagation: Propagation, side: Side, name: str) -> int | None:
    """Return what lines leave of a package; None when there is too much to try."""
    groups: dict[str, int] = {}
    for index in bits(side.domains.left.get(name, 0)):
        version = list_versions(propagation.universe, name, 1 << index)[0]
        key = ".".join(version.split(".")[:2]) if name == "python" else version
        groups[key] = groups.get(key, 0) | 1 << index
        if len(groups) > MAX_TRIED:
            return None
    left = 0
    for mask in groups.values():
        if not propagation.follow(side.lines, only={name: mask}).emptied:
            left |= mask
    return left
