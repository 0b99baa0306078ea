"""The sentences of a core: for a reader who has to choose a line to change."""

from collections.abc import Mapping, Sequence

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.conflicts.branches import Branching
from envbench.engine.backends.rattler.conflicts.cases import Cases
from envbench.engine.backends.rattler.conflicts.core_words import list_and, name_line
from envbench.engine.backends.rattler.conflicts.fitting_versions import say_what_fits
from envbench.engine.backends.rattler.conflicts.hidden import explain_hidden, find_hidden
from envbench.engine.backends.rattler.conflicts.package_words import (
    list_versions,
    name_channels,
    spell_package,
)
from envbench.engine.backends.rattler.conflicts.refusal import Refusal
from envbench.engine.backends.rattler.conflicts.stories import Story, demanded
from envbench.engine.backends.rattler.conflicts.story_words import explain_meeting
from envbench.engine.backends.rattler.conflicts.supplies import Picks
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.search import find_near_versions

Lines = Mapping[int, Line]


def explain_story(propagation: Propagation, story: Story | None, lines: Lines) -> list[str]:
    """Say what the lines demand that does not meet, and what would go with them."""
    if story is None:
        no_choice = "Nothing rules one of them out at once, but no choice of versions works."
        return [_say_together(lines), no_choice]
    told = explain_meeting(propagation.universe, story, lines)
    if len(lines) == 1 and len(story.ways) == 1 and story.ways[0].hops:
        told.append(_say_what_exists(propagation, story))
    fits = say_what_fits(propagation, lines, story)
    return [*told, fits] if fits else told


def explain_cases(propagation: Propagation, cases: Cases, lines: Lines) -> list[str]:
    """Say of each version of a package why it does not go with the other lines."""
    universe, story = propagation.universe, cases.story
    line = lines[story.ways[0].line]
    others = [lines[index] for index in story.conditions]
    told = [f"No version of {line.name} that {_names([line])} allows goes with {_names(others)}."]
    for reason in cases.reasons[:2]:
        way = next(way for way in reason.ways if way.line == line.index and way.hops)
        said = explain_meeting(universe, reason, lines)
        which = spell_package(universe, line.name, way.hops[0].left)
        told.append(" ".join(said).replace(name_line(line.spec_line), which, 1))
    if len(cases.reasons) > 2:
        told.append("What else there is fails in similar ways.")
    fits = say_what_fits(propagation, lines, story)
    return [*told, fits] if fits else told


def explain_branching(propagation: Propagation, branching: Branching, lines: Lines) -> list[str]:
    """Say that each version of a package that would do fails somewhere."""
    story, universe = branching.story, propagation.universe
    name = story.meeting
    fails = "; ".join(
        f"with {name} {version} no {other} is left" for version, other in branching.failures
    )
    way = explain_meeting(universe, story, lines)[:1] if story.ways[0].hops else []
    return [_say_together(lines), *way, f"No version of {name} works: {fails}."]


def explain_virtual(refusal: Refusal, story: Story | None, lines: Lines, name: str) -> list[str]:
    """Say what of the box is needed, and what it has."""
    box = refusal.host.describe(name)
    if story is None:
        return [_say_together(lines), f"What would fit needs {name}; {box}."]
    told = explain_meeting(refusal.propagation.universe, story, lines)
    return [*told, f"{box[0].upper()}{box[1:]}."]


def explain_priority(
    propagation: Propagation, story: Story | None, lines: Lines, picks: Picks
) -> tuple[list[str], list[str]]:
    """Say what strict priority hides; and where that is."""
    universe = propagation.universe
    rule = "With flexible channel priority these lines have a solution."
    way = explain_meeting(universe, story, lines)[:2] if story is not None else []
    if story is not None and len(story.ways) == 1 and story.ways[0].hops:
        everything = universe.full(story.meeting)
        visible = universe.first_tier(story.meeting, everything)
        wanted = demanded(propagation, story)
        if everything & ~visible & wanted and not visible & wanted:
            hidden = everything & ~visible & wanted
            told, available = explain_hidden(universe, story.meeting, hidden, visible)
            return [*way, told, rule], available
    found = find_hidden(propagation, story, lines, picks)
    if found is None:
        together = [] if way else [_say_together(lines)]
        return [*together, *way, "Strict channel priority hides what would fit.", rule], []
    told, available = explain_hidden(universe, *found)
    return [*(way or [_say_together(lines)]), told, rule], available


def _say_what_exists(propagation: Propagation, story: Story) -> str:
    universe, name = propagation.universe, story.meeting
    mask = universe.usable.get(name, 0)
    if not mask:
        return f"No channel has a package named {name}."
    places = list_and(name_channels(universe, name, mask))
    has = "has" if " and " not in places else "have"
    wanted = demanded(propagation, story)
    if wanted & mask:
        return f"{spell_package(universe, name, wanted & mask)} cannot be installed here."
    versions = list_versions(universe, name, mask)
    last = story.ways[0].hops[-1]
    texts = [
        text
        for record in universe.list_records(last.name, last.left)
        for text in record.depends
        if text.split()[0] == name
    ]
    asked = texts[0].partition(" ")[2] if texts else ""
    near = ", ".join(find_near_versions(asked, versions)[:4])
    return f"There is no such {name}: {places} {has} {near} (nearest first)."


def _say_together(lines: Lines) -> str:
    if len(lines) == 1:
        return f"{_names(list(lines.values()))} cannot be installed, even alone."
    return f"{_names(list(lines.values()))} cannot be combined."


def _names(lines: Sequence[Line]) -> str:
    return list_and([name_line(line.spec_line) for line in lines])
