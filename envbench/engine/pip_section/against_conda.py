"""Pip items that need another version of what conda installs."""

from collections.abc import Iterable

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.chains import Meeting, find_meeting
from envbench.engine.pip_section.conda_part import CondaPart, Hold, trace_hold
from envbench.engine.pip_section.core_words import join_names, name_line, name_lines, tell_chains
from envbench.engine.pip_section.demands import DemandGraph
from envbench.engine.pip_section.guilty import GuiltySet
from envbench.engine.pip_section.prose import Prose
from envbench.model.conflict import Core, CoreKind, SpecLine


def tell_against_conda(guilty: GuiltySet, conda: CondaPart, prose: Prose) -> Core:
    """Tell of items against the pins of conda, and of the conda lines behind the pins."""
    meeting = find_meeting(DemandGraph([prose], guilty.pins), guilty.lines, guilty.pins)
    name = meeting.name or min(guilty.pins)
    holds = {
        pin: trace_hold(conda, pin, meeting.ranges if pin == name else ())
        for pin in sorted(guilty.pins)
    }
    forcing = _list_lines(holds.values())
    installed = join_names([f"{pin} {version}" for pin, version in sorted(guilty.pins.items())])
    told = [
        f"{name_lines(guilty.lines)} {'does' if len(guilty.lines) == 1 else 'do'} not go with"
        f" {installed}, which conda installs.",
        tell_chains(meeting.chains),
        *(_tell_hold(hold, meeting) for hold in holds.values() if conda.lines or hold.chains),
    ]
    return Core(
        kind=CoreKind.PIP_AGAINST_CONDA,
        lines=(*forcing, *guilty.lines),
        explanation=tuple(show_text(text, limit=600) for text in told if text)[:4],
        chains=(*(c for hold in holds.values() for c in hold.chains), *meeting.chains),
        meeting=name,
        is_minimal=guilty.is_minimal,
        solver_text=guilty.talk,
    )


def _list_lines(holds: Iterable[Hold]) -> tuple[SpecLine, ...]:
    lines = {chain.line for hold in holds for chain in hold.chains}
    return tuple(sorted(lines, key=lambda line: (line.line or 0, line.text)))


def _tell_hold(hold: Hold, meeting: Meeting) -> str:
    if hold.chains:
        return " ".join(
            f"{name_line(chain.line)} {'forces it' if not chain.links else 'holds it'}"
            f"{': ' + tell_chains([chain]) if chain.links else '.'}"
            for chain in hold.chains[:2]
        )
    if not meeting.ranges:
        return "No line asks for that version: conda chose it by itself."
    return (
        f"No line asks for that version: conda chose it by itself. {hold.package}"
        f" {meeting.ranges[0]} among the dependencies {'brings' if hold.is_proven else 'may bring'}"
        " one that fits."
    )
