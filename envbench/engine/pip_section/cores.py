"""The smallest sets of pip items, and of what conda installs, that cannot go together."""

from collections.abc import Sequence
from dataclasses import replace

from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.core_kinds import tell_core
from envbench.engine.pip_section.errors import PipTimeUpError
from envbench.engine.pip_section.guilty import find_guilty, list_items
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Core, SpecLine

_MOST_CORES = 6


def find_pip_cores(
    trials: PipTrials, conda: CondaPart | None = None, *, most: int = _MOST_CORES
) -> tuple[Core, ...]:
    """Find the conflicts of a pip section, in itself and with what conda installs.

    After a core is found, the rest is asked again: as if conda did not own what takes part in it, or,
    where nothing of conda does, without its items.

    Args:
        trials: The section, what conda owns, and how uv is asked.
        conda: The conda lines and their plan; without it, pins are told without their lines.
        most: After so many cores the search ends.

    Returns:
        Lines that fail alone first, then in the order of the file; empty when the section has a
        solution.

    Raises:
        PipTimeUpError: The time was up before the first core was found.
        EnvbenchError: An index cannot be reached, ...; that is no conflict.
    """
    rest = list(list_items(trials))
    freed: list[str] = []
    cores: list[Core] = []
    while rest and len(cores) < most:
        try:
            guilty = find_guilty(trials, rest, freed=freed)
            if guilty is None:
                break
            cores.append(tell_core(trials, guilty, conda or CondaPart()))
        except PipTimeUpError:
            if not cores:
                raise
            break
        freed += guilty.pins
        if not guilty.pins:
            rest = [item for item in rest if item not in guilty.items]
    return _mark_independent(sorted(cores, key=_order))


def _order(core: Core) -> tuple[bool, list[tuple[int, str]]]:
    """Lines that fail alone come first, then as in the file: which uv finds first is chance."""
    return len(core.lines) > 1, [(line.line or 0, line.text) for line in core.lines]


def _mark_independent(cores: Sequence[Core]) -> tuple[Core, ...]:
    seen: set[SpecLine] = set()
    marked = []
    for core in cores:
        marked.append(replace(core, is_independent=seen.isdisjoint(core.lines)))
        seen.update(core.lines)
    return tuple(marked)
