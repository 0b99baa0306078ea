"""A story in words: chains, and sentences for a reader who has to choose a line to change."""

from collections.abc import Mapping, Sequence

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.conflicts.core_words import list_and, name_line
from envbench.engine.backends.rattler.conflicts.demands import Way
from envbench.engine.backends.rattler.conflicts.package_words import (
    spell_accepted,
    spell_need,
    spell_package,
)
from envbench.engine.backends.rattler.conflicts.stories import Story
from envbench.engine.backends.rattler.narrowing.propagation import unite
from envbench.engine.backends.rattler.narrowing.universe import Universe
from envbench.engine.channels import strip_channel
from envbench.engine.outside_text import show_text
from envbench.model.conflict import Chain, Link


def write_chains(universe: Universe, story: Story, lines: Mapping[int, Line]) -> tuple[Chain, ...]:
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


def explain_meeting(universe: Universe, story: Story, lines: Mapping[int, Line]) -> list[str]:
    """Say what each line demands, through what and beside which others, and that it does not meet."""
    ways = sorted((way for way in story.ways if way.hops), key=lambda way: way.line)
    direct = [lines[way.line] for way in story.ways if not way.hops]
    told = [_say_way(universe, story, way, lines) for way in ways]
    told = _join_ways(told, limit=3 - bool(direct))
    names = _name_lines(direct)
    if direct and not told:
        told.append(f"{names} ask for versions of {story.meeting} that do not meet.")
    elif direct:
        is_shut_out = any(_forbids(universe, story, way) for way in ways)
        verb = ("asks for" if is_shut_out else "rules out").split(" ", 1)
        first = verb[0] if len(direct) == 1 else verb[0].removesuffix("s")
        told[-1] = f"{told[-1][:-1]}, which {names} {first} {verb[1]}."
    elif len(ways) > 1:
        told.append(f"No {story.meeting} satisfies {'both' if len(ways) == 2 else 'all of them'}.")
    if story.dead:
        what = spell_package(universe, story.meeting, story.dead)
        told[-1] = f"{told[-1][:-1]}: {what} would, but cannot be installed here."
    if not story.is_whole:
        told[-1] += " What else there is fails in similar ways."
    return told


def _say_way(universe: Universe, story: Story, way: Way, lines: Mapping[int, Line]) -> str:
    chain = _write_chain(universe, story, way, lines[way.line])
    beside = f"With {_name_lines([lines[index] for index in way.given])}, " if way.given else ""
    through = [link.package for link in chain.links[1:]]
    via = f" through {', '.join(through)}" if through else ""
    if _forbids(universe, story, way):
        return f"{beside}{name_line(chain.line)} does not go with any {story.meeting}{via}."
    verb = "leaves only" if way.accepted is not None else "allows only" if way.limits else "needs"
    return f"{beside}{name_line(chain.line)} {verb} {chain.demand}{via}."


def _forbids(universe: Universe, story: Story, way: Way) -> bool:
    """Tell whether nothing of the meeting is allowed at all, as `cpuonly <0` says."""
    if not way.limits or not way.hops or story.meeting.startswith("__"):
        return False
    groups = universe.limits.get(way.hops[-1].name, {}).get(story.meeting, ())
    return not unite(groups, way.hops[-1].left)[1] & universe.full(story.meeting)


def _name_lines(lines: Sequence[Line]) -> str:
    return list_and([name_line(line.spec_line) for line in lines])


def _join_ways(told: list[str], *, limit: int) -> list[str]:
    return told if len(told) <= limit else [*told[: limit - 1], " ".join(told[limit - 1 :])]
