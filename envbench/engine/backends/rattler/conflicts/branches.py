"""Cores that only show when a choice is made: each version that is left of some package fails."""

from dataclasses import dataclass

from envbench.engine.backends.rattler.conflicts.demands import Way, read_side
from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.package_words import list_versions
from envbench.engine.backends.rattler.conflicts.stories import Story
from envbench.engine.backends.rattler.narrowing.domains import Domains
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import bits

MAX_VERSIONS = 6
MAX_PACKAGES = 40


@dataclass(frozen=True, slots=True)
class Branching:
    """A package of which every version fails."""

    story: Story
    """The way to it."""
    failures: tuple[tuple[str, str], ...]
    """Version, and the package of which nothing is left then; oldest first."""


def find_branching(propagation: Propagation, part: Part) -> Branching | None:
    """Find a package with few versions of which none can be chosen; None when there is none."""
    domains = propagation.follow(part)
    if domains.emptied:
        return None
    options = {
        name: _split_versions(propagation, domains, name)
        for name in domains.required
        if not name.startswith("__")
    }
    few = sorted(
        (name for name, split in options.items() if 2 <= len(split) <= MAX_VERSIONS),
        key=lambda name: (len(options[name]), name),
    )
    for name in few[:MAX_PACKAGES]:
        failures = []
        for version, mask in options[name].items():
            emptied = propagation.follow(part, only={name: mask}).emptied
            if not emptied:
                break
            failures.append((version, emptied))
        else:
            return Branching(_tell_way(propagation, part, domains, name), tuple(failures))
    return None


def _split_versions(propagation: Propagation, domains: Domains, name: str) -> dict[str, int]:
    left, universe = domains.left.get(name, 0), propagation.universe
    if left.bit_count() > 200:
        return {}
    split: dict[str, int] = dict.fromkeys(list_versions(universe, name, left), 0)
    for index in bits(left):
        split[list_versions(universe, name, 1 << index)[0]] |= 1 << index
    return split


def _tell_way(propagation: Propagation, part: Part, domains: Domains, name: str) -> Story:
    side = read_side(propagation, part, domains)
    line, hops = side.ways.get(name, (min(part), ()))
    others = tuple(other for other in sorted(part) if other != line)
    return Story(name, (Way(line, hops, given=others if hops else ()),), others)
