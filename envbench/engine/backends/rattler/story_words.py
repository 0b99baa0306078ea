"""A story in words: chains, and sentences for a reader who has to choose a line to change."""

from collections.abc import Sequence

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.core_words import list_and, name_line
from envbench.engine.backends.rattler.package_words import (
    list_versions,
    spell_accepted,
    spell_need,
    spell_package,
    spell_versions,
)
from envbench.engine.backends.rattler.propagation import Propagation
from envbench.engine.backends.rattler.stories import Story, Way
from envbench.engine.backends.rattler.universe import Universe
from envbench.engine.channels import strip_channel
from envbench.engine.outside_text import show_text
from envbench.model.conflict import Chain, Link


def write_chains(universe: Universe, story: Story, lines: dict[int, Line]) -> tuple[Chain, ...]:
    """Write the way of each line, in the order of the lines; a line can have more than one.

    Conditions have no way: their chain says what they ask for.
    """
    conditions = [Way(index, ()) for index in story.conditions]
    return tuple(
        _write_chain(universe, story, way, lines[way.line])
        for way in sorted([*story.ways, *conditions], key=lambda way: way.line)
    )


def _write_chain(universe: Universe, story: Story, way: Way, line: Line) -> Chain:
    links = []
    for number, hop in enumerate(way.hops):
        is_last = number + 1 == len(way.hops)
        other = story.meeting if is_last else way.hops[number + 1].name
        if is_last and way.accepted is not None:
            needs = spell_accepted(universe, other, way.accepted)
        else:
            needs = spell_need(universe, hop.name, hop.left, other, limits=is_last and way.limits)
        links.append(Link(spell_package(universe, hop.name, hop.left), show_text(needs, limit=300)))
    demand = links[-1].needs if links else _own_words(line)
    return Chain(line=line.spec_line, links=tuple(links), demand=demand)


def _own_words(line: Line) -> str:
    return show_text(strip_channel(line.text), limit=200)


def explain_meeting(story: Story, chains: Sequence[Chain]) -> list[str]:
    """Say what each line demands, through what, and that it does not meet."""
    direct = [c for c in chains if not c.links and c.line.name == story.meeting]
    given = [c.line for c in chains if not c.links and c not in direct]
    ways = [chain for chain in chains if chain.links]
    told = [_say_way(chain) for chain in ways]
    if given and told:
        told[0] = f"With {list_and([name_line(line) for line in given])}, {told[0]}"
    told = _join_ways(told, limit=3 - bool(direct))
    if direct and not told:
        names = list_and([name_line(chain.line) for chain in direct])
        told.append(f"{names} ask for versions of {story.meeting} that do not meet.")
    elif direct:
        names = list_and([name_line(chain.line) for chain in direct])
        told[-1] = f"{told[-1][:-1]}, which {names} {'rules' if len(direct) == 1 else 'rule'} out."
    elif len(ways) > 1:
        told.append(f"No {story.meeting} satisfies {'both' if len(ways) == 2 else 'all of them'}.")
    if not story.is_whole:
        told[-1] += " What else there is fails in similar ways."
    return told


def _say_way(chain: Chain) -> str:
    through = [link.package for link in chain.links[1:]]
    via = f" through {', '.join(through)}" if through else ""
    return f"{name_line(chain.line)} needs {chain.demand}{via}."


def _join_ways(told: list[str], *, limit: int) -> list[str]:
    return told if len(told) <= limit else [*told[: limit - 1], " ".join(told[limit - 1 :])]


def say_what_fits(propagation: Propagation, lines: Sequence[Line], story: Story) -> str:
    """Say what of a line's package would come into question beside the other lines.

    What is said holds for certain: of everything else it follows that it can't go with them.
    """
    if len(lines) < 2:
        return ""
    parts = []
    everything = {line.index for line in lines}
    for line in lines:
        others = everything - {line.index}
        left = propagation.follow(others).left.get(line.name, 0)
        versions = list_versions(propagation.universe, line.name, left)
        beside = list_and([name_line(o.spec_line) for o in lines if o is not line])
        what = (
            f"only {line.name} {spell_versions(versions)} can"
            if versions
            else f"no {line.name} can"
        )
        parts.append(f"{what} go with {beside}")
    ranked = [part for line, part in zip(lines, parts, strict=True) if line.name != story.meeting]
    chosen = (ranked or parts)[:2]
    text = "; ".join(chosen)
    return f"{text[0].upper()}{text[1:]}."
