"""A core between lines: what kind of thing it is, and how it comes about."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.conflicts.branches import find_branching
from envbench.engine.backends.rattler.conflicts.cases import find_cases
from envbench.engine.backends.rattler.conflicts.core_sentences import (
    explain_branching,
    explain_cases,
    explain_priority,
    explain_story,
    explain_virtual,
)
from envbench.engine.backends.rattler.conflicts.demands import read_side
from envbench.engine.backends.rattler.conflicts.judge import Judge, Part
from envbench.engine.backends.rattler.conflicts.refusal import Refusal
from envbench.engine.backends.rattler.conflicts.shavings import find_shaved_story
from envbench.engine.backends.rattler.conflicts.stories import Story, find_story, owners
from envbench.engine.backends.rattler.conflicts.story_words import write_chains
from envbench.engine.backends.rattler.conflicts.supplies import (
    Picks,
    find_lacking_virtual,
    pick_unordered,
)
from envbench.engine.backends.rattler.conflicts.traces import trace_story
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import HERE
from envbench.engine.conflict_text import read_conflict, trim_text
from envbench.engine.outside_text import show_text
from envbench.model.conflict import Core, CoreKind

MAX_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class _Finding:
    """What came out about a core."""

    kind: CoreKind
    story: Story | None
    told: Sequence[str]
    available: Sequence[str] = ()


async def tell_core(
    refusal: Refusal, judge: Judge, part: Part, *, unordered: Picks | None = None
) -> Core:
    """Tell of a smallest set of lines without a solution.

    Args:
        refusal: What it is part of.
        judge: Has the solver's own words, if it was asked.
        part: Indexes of the lines.
        unordered: A plan for these lines, and maybe more, with flexible channel priority.
    """
    lines = {line.index: line for line in refusal.lines if line.index in part}
    read = read_conflict(judge.refusals.get(part, ""))
    found = await _find_out(refusal, lines, part, unordered)
    universe, story = refusal.propagation.universe, found.story
    return Core(
        kind=found.kind,
        lines=tuple(line.spec_line for line in lines.values()),
        explanation=tuple(show_text(text, limit=600) for text in found.told[:MAX_SENTENCES]),
        chains=write_chains(universe, story, lines) if story is not None else (),
        meeting=show_text(story.meeting, limit=120) if story is not None else "",
        available=tuple(found.available)[:6],
        solver_text=trim_text(read.text),
    )


async def _find_out(
    refusal: Refusal, lines: dict[int, Line], part: Part, unordered: Picks | None
) -> _Finding:
    propagation = refusal.propagation
    picks = unordered if unordered is not None else await pick_unordered(refusal, part)
    if picks is not None:
        story = _find_any_story(propagation, part)
        told, available = explain_priority(propagation, story, lines, picks)
        return _Finding(CoreKind.CHANNEL_PRIORITY, story, told, available)
    lacking = await find_lacking_virtual(refusal, part)
    if lacking is not None:
        story = _find_virtual_story(propagation.suppose(lacking), part, lacking)
        told = explain_virtual(refusal, story, lines, lacking)
        return _Finding(CoreKind.MISSING_VIRTUAL, story, told)
    return _tell_incompatible(propagation, lines, part)


def _tell_incompatible(propagation: Propagation, lines: dict[int, Line], part: Part) -> _Finding:
    kind, certain = CoreKind.INCOMPATIBLE, _make_certain(propagation, part)
    story = find_story(certain, part)
    if story is None and (cases := find_cases(certain, part)) is not None:
        return _Finding(kind, cases.story, explain_cases(certain, cases, lines))
    story = story or find_shaved_story(certain, part)
    if story is None and (branching := find_branching(propagation, part)) is not None:
        told = explain_branching(propagation, branching, lines)
        return _Finding(kind, branching.story, told)
    story = story or trace_story(propagation, part)
    return _Finding(kind, story, explain_story(certain, story, lines))


def _find_any_story(propagation: Propagation, part: Part) -> Story | None:
    certain = _make_certain(propagation, part)
    return (
        find_story(certain, part)
        or find_story(propagation, part)
        or find_shaved_story(certain, part)
        or trace_story(propagation, part)
    )


def _make_certain(propagation: Propagation, part: Part) -> Propagation:
    """Conclude from some of the lines only what holds beside the others as well."""
    return propagation.set_free(owners(propagation, part))


def _find_virtual_story(propagation: Propagation, part: Part, name: str) -> Story | None:
    """Find the way to a property of the box, as if it were there."""
    side = read_side(propagation, part)
    for demand in side.demands.get(name, ()):
        if not demand.accepted & HERE and demand.way.hops:
            others = tuple(line for line in sorted(part) if line != demand.way.line)
            return Story(name, (demand.way,), others)
    return None
