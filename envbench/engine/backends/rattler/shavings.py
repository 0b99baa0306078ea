"""What a line leaves of a package, found by trying its versions one after the other.

Some builds need a package directly, others through a third one: then no single dependency says
what the line needs, but each version can be supposed, to see whether anything contradicts it.
"""

from envbench.engine.backends.rattler.domains import Domains
from envbench.engine.backends.rattler.judge import Part
from envbench.engine.backends.rattler.package_words import list_versions
from envbench.engine.backends.rattler.propagation import Propagation
from envbench.engine.backends.rattler.stories import Hop, Story, Way
from envbench.engine.backends.rattler.universe import bits

MAX_TRIED = 30
"""Versions, or minor versions of python, that are tried at most."""


def find_shaved_story(propagation: Propagation, part: Part) -> Story | None:
    """Tell of two lines of which one asks for what the other leaves nothing of; None elsewhere."""
    if len(part) != 2:
        return None
    for asking in sorted(part, key=lambda line: _own_name(propagation, line) != "python"):
        (other,) = part - {asking}
        accepted = propagation.accepted(asking)
        own = propagation.accepted(other)
        domains = propagation.follow([other])
        if accepted is None or own is None or domains.emptied:
            continue
        name, mask = accepted
        if name not in domains.required or name == own[0] or name.startswith("__"):
            continue
        left = _shave(propagation, domains, other, name)
        if left is not None and not left & mask:
            hop = Hop(own[0], domains.left.get(own[0], 0))
            return Story(name, (Way(asking, ()), Way(other, (hop,), accepted=left)))
    return None


def _own_name(propagation: Propagation, line: int) -> str:
    return (propagation.accepted(line) or ("", 0))[0]


def _shave(propagation: Propagation, domains: Domains, line: int, name: str) -> int | None:
    """Return what a line leaves of a package; None when there is too much to try."""
    groups: dict[str, int] = {}
    for index in bits(domains.left.get(name, 0)):
        version = list_versions(propagation.universe, name, 1 << index)[0]
        key = ".".join(version.split(".")[:2]) if name == "python" else version
        groups[key] = groups.get(key, 0) | 1 << index
        if len(groups) > MAX_TRIED:
            return None
    left = 0
    for mask in groups.values():
        if not propagation.follow([line], only={name: mask}).emptied:
            left |= mask
    return left
