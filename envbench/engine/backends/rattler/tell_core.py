"""A core between lines: what kind of thing it is, and how it comes about."""

from collections.abc import Sequence

from envbench.engine.backends.rattler.branches import Branching, find_branching
from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.core_words import list_and, name_line
from envbench.engine.backends.rattler.domains import Why
from envbench.engine.backends.rattler.judge import Judge, Part
from envbench.engine.backends.rattler.package_words import name_channels, spell_package
from envbench.engine.backends.rattler.propagation import Propagation
from envbench.engine.backends.rattler.refusal import Refusal
from envbench.engine.backends.rattler.shavings import find_shaved_story
from envbench.engine.backends.rattler.stories import (
    Hop,
    Story,
    Way,
    demanded,
    find_story,
    find_way,
    owners,
)
from envbench.engine.backends.rattler.story_words import (
    explain_meeting,
    say_what_fits,
    write_chains,
)
from envbench.engine.backends.rattler.supplies import (
    find_lacking_virtual,
    is_priority_to_blame,
)
from envbench.engine.backends.rattler.traces import trace_story
from envbench.engine.backends.rattler.universe import HERE
from envbench.engine.conflict_text import read_conflict, trim_text
from envbench.engine.outside_text import show_text
from envbench.model.conflict import Core, CoreKind

MAX_SENTENCES = 4


async def tell_core(
    refusal: Refusal, judge: Judge, part: Part, *, is_priority: bool = False
) -> Core:
    """Tell of a smallest set of lines without a solution.

    Args:
        refusal: What it is part of.
        judge: Has the solver's own words, if it was asked.
        part: Indexes of the lines.
        is_priority: Flexible channel priority is known to solve them.
    """
    chosen = [line for line in refusal.lines if line.index in part]
    read = read_conflict(judge.refusals.get(part, ""))
    kind, story, told, available = await _find_out(refusal, chosen, part, is_priority=is_priority)
    universe = refusal.propagation.universe
    lines = {line.index: line for line in chosen}
    return Core(
        kind=kind,
        lines=tuple(line.spec_line for line in chosen),
        explanation=tuple(show_text(text, limit=600) for text in told[:MAX_SENTENCES]),
        chains=write_chains(universe, story, lines) if story is not None else (),
        meeting=show_text(story.meeting, limit=120) if story is not None else "",
        available=tuple(available)[:6],
        solver_text=trim_text(read.text),
    )


async def _find_out(
    refusal: Refusal, chosen: Sequence[Line], part: Part, *, is_priority: bool
) -> tuple[CoreKind, Story | None, list[str], Sequence[str]]:
    propagation = refusal.propagation
    if is_priority or await is_priority_to_blame(refusal, part):
        story = _find_any_story(propagation, part)
        told, available = _explain_priority(propagation, story, chosen)
        return CoreKind.CHANNEL_PRIORITY, story, told, available
    lacking = await find_lacking_virtual(refusal, part)
    if lacking is not None:
        story = _find_virtual_story(propagation.suppose(lacking), part, lacking)
        told = _explain_virtual(refusal, story, chosen, lacking)
        return CoreKind.MISSING_VIRTUAL, story, told, ()
    story = _find_any_story(propagation, part)
    if story is None and (branching := find_branching(propagation, part)) is not None:
        told = _explain_branching(propagation, branching, chosen)
        return CoreKind.INCOMPATIBLE, branching.story, told, ()
    return CoreKind.INCOMPATIBLE, story, _explain_story(propagation, story, chosen), ()


def _find_any_story(propagation: Propagation, part: Part) -> Story | None:
    return (
        find_story(propagation, part)
        or find_shaved_story(propagation, part)
        or trace_story(propagation, part)
    )


def _find_virtual_story(propagation: Propagation, part: Part, name: str) -> Story | None:
    """Find the way to a property of the box, as if it were there."""
    domains = propagation.follow(part)
    for step in domains.steps:
        if step.name == name and step.other and not step.accepted & HERE:
            way = find_way(propagation, domains, step.other)
            hops = (*way, Hop(step.other, step.other_left))
            root = owners(propagation, part).get(hops[0].name, min(part))
            conditions = tuple(line for line in sorted(part) if line != root)
            limits = step.why is Why.LIMITED
            return Story(name, (Way(root, hops, limits=limits),), conditions)
    return None


def _explain_story(
    propagation: Propagation, story: Story | None, chosen: Sequence[Line]
) -> list[str]:
    together = _say_together(chosen)
    if story is None:
        return [together, "Nothing rules one of them out at once, but no choice of versions works."]
    chains = write_chains(propagation.universe, story, {line.index: line for line in chosen})
    told = explain_meeting(story, chains)
    if len(chosen) == 1 and len(told) == 1:
        told.append(_say_what_exists(propagation, story))
    fits = say_what_fits(propagation, chosen, story)
    return [*told, fits] if fits else told


def _explain_branching(
    propagation: Propagation, branching: Branching, chosen: Sequence[Line]
) -> list[str]:
    name = branching.story.meeting
    chains = write_chains(
        propagation.universe, branching.story, {line.index: line for line in chosen}
    )
    fails = "; ".join(
        f"with {name} {version} no {other} is left" for version, other in branching.failures
    )
    return [
        _say_together(chosen),
        *(explain_meeting(branching.story, chains)[:1] if branching.story.ways[0].hops else []),
        f"No version of {name} works: {fails}.",
    ]


def _say_what_exists(propagation: Propagation, story: Story) -> str:
    universe = propagation.universe
    mask = universe.usable.get(story.meeting, 0)
    if not mask:
        return f"No channel has a package named {story.meeting}."
    places = list_and(name_channels(universe, story.meeting, mask))
    has = "has" if " and " not in places else "have"
    return f"{places} {has} {spell_package(universe, story.meeting, mask)}."


def _say_together(chosen: Sequence[Line]) -> str:
    names = [name_line(line.spec_line) for line in chosen]
    if len(names) == 1:
        return f"{names[0]} cannot be installed, even alone."
    return f"{list_and(names)} cannot be combined."


def _explain_virtual(
    refusal: Refusal, story: Story | None, chosen: Sequence[Line], name: str
) -> list[str]:
    box = refusal.host.describe(name)
    if story is None:
        return [_say_together(chosen), f"What would fit needs {name}; {box}."]
    universe = refusal.propagation.universe
    chains = write_chains(universe, story, {line.index: line for line in chosen})
    return [*explain_meeting(story, chains), f"{box[0].upper()}{box[1:]}."]


def _explain_priority(
    propagation: Propagation, story: Story | None, chosen: Sequence[Line]
) -> tuple[list[str], list[str]]:
    rule = "With flexible channel priority these lines have a solution."
    unknown = [_say_together(chosen), "Strict channel priority hides what would fit.", rule]
    if story is None:
        return unknown, []
    universe, name = propagation.universe, story.meeting
    everything = universe.full(name)
    visible = universe.first_tier(name, everything)
    hidden = everything & ~visible & demanded(propagation, story)
    if not hidden:
        return unknown, []
    chains = write_chains(universe, story, {line.index: line for line in chosen})
    places, first = (name_channels(universe, name, mask) for mask in (hidden, visible))
    has = "has" if len(places) == 1 else "have"
    return [
        *explain_meeting(story, chains)[:2],
        f"{list_and(places)} {has} {spell_package(universe, name, hidden)}, but under strict channel"
        f" priority only {list_and(first)} counts, which comes first and has"
        f" {spell_package(universe, name, visible)}.",
        rule,
    ], [f"{place}::{name}" for place in places]
