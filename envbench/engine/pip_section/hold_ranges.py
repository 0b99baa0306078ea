"""Which versions the pip section needs of what conda installs."""

from collections.abc import Sequence
from dataclasses import dataclass

from envbench.engine.pip_section.chains import find_meeting
from envbench.engine.pip_section.conda_part import CondaPart
from envbench.engine.pip_section.demands import DemandGraph
from envbench.engine.pip_section.guilty import list_items
from envbench.engine.pip_section.prose import read_prose
from envbench.engine.pip_section.trial import PipTrials


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRange:
    """What pip needs of a distribution that conda installs."""

    distribution: str
    """Normalised name."""
    package: str
    """conda's name of it."""
    ranges: tuple[str, ...] = ()
    """Version ranges in conda's notation, `>=1.22.4,<2`, any of which will do; empty when pip
    takes the version that conda has, or when what it needs could not be found out."""
    chosen: str = ""
    """The version that pip would take if conda had none; empty when no index has a fitting one."""


def hold_ranges(
    trials: PipTrials,
    distribution: str,
    items: Sequence[str] | None = None,
    conda: CondaPart | None = None,
) -> HeldRange:
    """Find out in which versions conda would have to bring a distribution.

    Args:
        trials: The section and what conda owns.
        distribution: Normalised name.
        items: Those that are to go with it; all when None.
        conda: Only used for the name of the conda package.

    Raises:
        EnvbenchError: As `PipTrials.try_items`.
    """
    owned = trials.task.owned
    texts = list(trials.task.items if items is None else items)
    others = {name: version for name, version in owned.items() if name != distribution}
    pin = {name: version for name, version in owned.items() if name == distribution}
    trial = trials.try_items(texts, released=list(others))
    ranges: tuple[str, ...] = ()
    if trial.is_refused and pin:
        lines = [item.shown for item in list_items(trials) if item.text in texts]
        graph = DemandGraph([read_prose(trial.refusal)], pin)
        ranges = find_meeting(graph, lines, pin).ranges
    free = trials.try_items(texts, owned=others, released=list(others))
    chosen = free.versions.get(distribution, "")
    if trial.is_refused and not ranges and chosen:
        ranges = (f"=={chosen.partition('+')[0]}",)
    return HeldRange(
        distribution=distribution,
        package=(conda or CondaPart()).package_of(distribution),
        ranges=tuple(to_conda_range(versions) for versions in ranges),
        chosen=chosen,
    )


def to_conda_range(versions: str) -> str:
    """Write version specifiers of pip as conda reads them: `==1.2.*` becomes `1.2.*`."""
    parts = versions.split(",")
    return ",".join(p.removeprefix("==") if p.endswith(".*") else p for p in parts)
