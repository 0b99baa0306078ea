"""What strict channel priority hides of what a plan with flexible priority would take."""

from collections.abc import Mapping

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.conflicts.core_words import list_and
from envbench.engine.backends.rattler.conflicts.package_words import name_channels, spell_package
from envbench.engine.backends.rattler.conflicts.stories import Story
from envbench.engine.backends.rattler.conflicts.supplies import Picks
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import Universe

Hidden = tuple[str, int, int]
"""A package, what of it is hidden and would be taken, and what is visible."""


def find_hidden(
    propagation: Propagation, story: Story | None, lines: Mapping[int, Line], picks: Picks
) -> Hidden | None:
    """Find a package of which a plan takes what strict priority hides; one on the way first."""
    universe = propagation.universe
    hidden: list[Hidden] = []
    for name, mask in sorted(_find_masks(universe, picks).items()):
        asked = universe.full(name)
        for line in lines.values():
            own = propagation.accepted(line.index)
            if own is not None and own[0] == name:
                asked &= own[1]
        visible = universe.first_tier(name, asked)
        if mask & ~visible:
            hidden.append((name, mask, visible))
    ways = story.ways if story is not None else ()
    near = [hop.name for way in ways for hop in reversed(way.hops)]
    return min(
        hidden,
        key=lambda item: (near.index(item[0]) if item[0] in near else len(near), item[0]),
        default=None,
    )


def _find_masks(universe: Universe, picks: Picks) -> dict[str, int]:
    found: dict[str, int] = {}
    for pick in picks:
        name = pick.name.normalized
        key = pick.channel, pick.subdir, pick.file_name
        for index, record in enumerate(universe.records.get(name, ())):
            if (record.channel, record.subdir, record.file_name) == key:
                found[name] = 1 << index
                break
    return found


def explain_hidden(
    universe: Universe, name: str, hidden: int, visible: int
) -> tuple[str, list[str]]:
    """Say what is hidden and by what; and where it is: `conda-forge::libjpeg-turbo`."""
    places, first = (name_channels(universe, name, mask) for mask in (hidden, visible))
    has = "has" if len(places) == 1 else "have"
    told = (
        f"{list_and(places)} {has} {spell_package(universe, name, hidden)}, but under strict"
        f" channel priority only {list_and(first)} counts, which comes first and has"
        f" {spell_package(universe, name, visible)}."
    )
    return told, [f"{place}::{name}" for place in places]
