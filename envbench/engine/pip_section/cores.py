"""The smallest sets of pip items, and of what conda installs, that cannot go together."""

from dataclasses import replace

from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.core_kinds import tell_core
from envbench.engine.pip_section.errors import PipTimeUpError
from envbench.engine.pip_section.guilty import find_guilty, list_items
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.conflict import Core

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
        Empty when the section has a solution.

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
            core = tell_core(trials, guilty, conda or CondaPart())
            cores.append(replace(core, is_independent=_shares_nothing(core, cores)))
        except PipTimeUpError:
            if not cores:
                raise
            break
        freed += guilty.pins
        if not guilty.pins:
            rest = [item for item in rest if item not in guilty.items]
    return tuple(cores)


def _shares_nothing(core: Core, others: list[Core]) -> bool:
    return not {line for other in others for line in other.lines}.intersection(core.lines)
