"""What of a line's package comes into question beside the other lines.

What is said holds for certain: of everything else it follows that it cannot go with them.
"""

from collections.abc import Mapping, Sequence

from envbench.engine.backends.rattler.candidates import Line
from envbench.engine.backends.rattler.conflicts.core_words import list_and, name_line
from envbench.engine.backends.rattler.conflicts.package_words import list_told, spell_versions
from envbench.engine.backends.rattler.conflicts.stories import Story
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import Universe
from envbench.engine.build_families import list_build_families, name_family
from envbench.model.cleaning import clean
from envbench.model.version import compare_versions


def say_what_fits(propagation: Propagation, lines: Mapping[int, Line], story: Story) -> str:
    """Say it of the one or two lines that do not ask for the package in which all meet."""
    if len(lines) < 2:
        return ""
    ranked = [line for line in lines.values() if line.name != story.meeting]
    parts = []
    for line in ranked or list(lines.values()):
        others = [other for other in lines.values() if other is not line]
        beside = list_and([name_line(other.spec_line) for other in others])
        left = propagation.follow([other.index for other in others]).left.get(line.name, 0)
        parts.append(_say_of_one(propagation, line, left, beside))
    # A choice of versions says more than that there is none.
    best = sorted((part for part in parts if part), key=lambda part: part.startswith("no "))[:2]
    text = "; ".join(part for part in parts if part in best)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _say_of_one(propagation: Propagation, line: Line, left: int, beside: str) -> str:
    universe, own = propagation.universe, propagation.accepted(line.index)
    versions = list_told(universe, line.name, left)
    if not versions:
        return f"no {line.name} can go with {beside}"
    asked = list_told(universe, line.name, own[1] & universe.full(line.name)) if own else []
    same = [version for version in versions if version in asked]
    if same:
        fitting = _list_builds(universe, line.name, left, same)
        everything = _list_builds(universe, line.name, universe.full(line.name), same)
        if set(map(name_family, fitting)) == set(map(name_family, everything)):
            return ""
        shown = list_and(list_build_families(fitting, "")[:3])
        return (
            f"of {line.name} {spell_versions(same)} only builds like {shown} can go with {beside}"
        )
    below, above = _part(versions, asked)
    if below and above:
        near = f"{below[-1]} and {above[0]}"
        return f"the nearest {line.name} that may go with {beside} are {near}"
    return f"only {line.name} {spell_versions(versions)} can go with {beside}"


def _list_builds(universe: Universe, name: str, mask: int, versions: Sequence[str]) -> list[str]:
    return [
        clean(str(record.build), limit=80)
        for record in universe.list_records(name, mask)
        if clean(str(record.version), limit=80) in versions
    ]


def _part(versions: Sequence[str], asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part versions into those below all that is asked for, and the others."""
    if not asked:
        return [], list(versions)
    below = [v for v in versions if compare_versions(v, asked[0]) > 0]
    return below, [v for v in versions if v not in below]
