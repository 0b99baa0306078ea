"""What kind of conflict a guilty set of a pip section is, told in sentences."""

from collections.abc import Sequence
from dataclasses import replace

from envbench.engine.outside_text import show_text
from envbench.engine.pip_section.against_conda import tell_against_conda
from envbench.engine.pip_section.chains import Meeting, choose_meeting, find_meeting
from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.core_words import name_lines, tell_chains
from envbench.engine.pip_section.demands import DemandGraph, tell_demand
from envbench.engine.pip_section.guilty import GuiltySet
from envbench.engine.pip_section.lone_items import tell_lone_item
from envbench.engine.pip_section.other_pythons import tell_other_python
from envbench.engine.pip_section.prose import Prose, read_prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Core, CoreKind


def tell_core(trials: PipTrials, guilty: GuiltySet, conda: CondaPart) -> Core:
    """Tell of a guilty set.

    Raises:
        EnvbenchError: As `PipTrials.try_items`.
    """
    prose = read_prose(guilty.talk)
    if guilty.pins:
        return tell_against_conda(guilty, conda, prose)
    core = tell_other_python(trials, guilty, conda, prose)
    if core is None and len(guilty.items) == 1:
        core = tell_lone_item(trials, guilty, prose)
    return _add_first_index(core or _tell_together(trials, guilty, prose), prose)


def _add_first_index(core: Core, prose: Prose) -> Core:
    """Say that further indexes were not asked: a name is taken from the first one that has it."""
    told = [
        f"Only {index} was asked for {name}, being the first index that has it."
        for name, index in prose.first_index[:1]
    ]
    return replace(core, explanation=(*core.explanation[:3], *told))


def _tell_together(trials: PipTrials, guilty: GuiltySet, prose: Prose) -> Core:
    lines = guilty.lines
    meeting = _find_meeting(trials, guilty, prose)
    together = "cannot be combined" if len(lines) > 1 else "cannot be installed, even alone"
    told = [
        f"{name_lines(lines)} {together}.",
        tell_chains(meeting.chains) or _tell_facts(prose),
        _tell_left_out(prose),
    ]
    return Core(
        kind=CoreKind.PIP,
        lines=lines,
        explanation=tuple(show_text(text, limit=600) for text in told if text),
        chains=meeting.chains,
        meeting=meeting.name,
        is_minimal=guilty.is_minimal,
        solver_text=guilty.talk,
    )


def _find_meeting(trials: PipTrials, guilty: GuiltySet, prose: Prose) -> Meeting:
    """Read where the lines meet; where uv does not say it, ask it again with exact versions."""
    lines = guilty.lines
    meeting = find_meeting(DemandGraph([prose]), lines)
    if meeting.is_whole or len(lines) == 1:
        return meeting
    exact = _ask_exactly(trials, guilty)
    again = find_meeting(DemandGraph([exact]), lines)
    both = find_meeting(DemandGraph([exact, prose]), lines)
    return choose_meeting(meeting, choose_meeting(again, both))


def _ask_exactly(trials: PipTrials, guilty: GuiltySet) -> Prose:
    texts = []
    for item in guilty.items:
        version = trials.try_items([item.text], owned={}).versions.get(item.shown.name)
        texts.append(f"{item.shown.name}=={version}" if version else item.text)
    return read_prose(trials.try_items(texts, owned={}).refusal)


def _tell_facts(prose: Prose) -> str:
    """Fall back to what uv said plainly, where no way between the lines could be read."""
    facts = [tell_demand(demand) for demand in prose.demands[:3]]
    facts += [f"no package index has {name}" for name in prose.absent[:2]]
    facts += [f"there is no {term}" for term in prose.missing[:2]]
    return f"{'; '.join(facts)}." if facts else ""


def _tell_left_out(prose: Prose) -> str:
    facts: Sequence[str] = [tell_demand(demand) for demand in prose.needs_python[:2]]
    return f"Left out for this python: {'; '.join(facts)}." if facts else ""
