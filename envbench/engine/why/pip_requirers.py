"""Which items of a pip section require a package, found by resolving each of them alone.

The resolver tells which packages it chose, not why. So an item is resolved alone: what then is
among the packages is required by it. The way in between comes from the refusal that follows when
the package is pinned to a version that nobody wants, where there is such a version.
"""

from collections.abc import Mapping

from packaging.utils import canonicalize_name

from envbench.engine.pip_section.demands import DemandGraph, Steps
from envbench.engine.pip_section.guilty import PipItem, list_items
from envbench.engine.pip_section.items import read_item
from envbench.engine.pip_section.prose import read_prose
from envbench.engine.pip_section.trial import PipTrials
from envbench.model.why import Requirer

_UNWANTED = "0"
_MOST_ITEMS = 12


def find_pip_requirers(
    trials: PipTrials, name: str, versions: Mapping[str, str]
) -> tuple[tuple[Requirer, ...], int]:
    """Find the items that require a package, directly or through others.

    Args:
        trials: The section, which has a solution.
        name: Normalised name of the distribution; conda may own it.
        versions: What the whole section comes to.

    Returns:
        Those whose dependency it is, up to the user's lines; and how many items were not looked at.

    Raises:
        EnvbenchError: As `PipTrials.try_items`.
    """
    items = [item for item in list_items(trials) if item.shown.name != name]
    found = [_ask(trials, item, name, versions) for item in items[:_MOST_ITEMS]]
    return tuple(each for each in found if each is not None), max(0, len(items) - _MOST_ITEMS)


def _ask(
    trials: PipTrials, item: PipItem, name: str, versions: Mapping[str, str]
) -> Requirer | None:
    own = item.shown.name
    if own not in versions:
        return None
    text = _pin(item, versions[own])
    others = {n: v for n, v in trials.task.owned.items() if n != name}
    alone = trials.try_items([text], owned=others)
    if name not in alone.versions:
        return None
    refusal = trials.try_items([text], owned={**others, name: _UNWANTED}).refusal
    graph = DemandGraph([read_prose(refusal)] if refusal else [], {name: _UNWANTED})
    steps = graph.way(own, name)
    if not steps:
        needs = f"{name}, itself or through others"
        return Requirer(package=f"{own} {versions[own]}", needs=needs, is_pip=True, line=item.shown)
    return _build(graph, item, steps, versions)


def _build(
    graph: DemandGraph, item: PipItem, steps: Steps, versions: Mapping[str, str]
) -> Requirer:
    """Turn a way from an item into a branch that grows from the package up to the line."""
    links = graph.chain(item.shown, steps).links
    branch: tuple[Requirer, ...] = ()
    for number, ((who, _), link) in enumerate(zip(steps, links, strict=True)):
        label = f"{who} {versions[who]}" if who in versions else link.package
        line = item.shown if number == 0 else None
        branch = (
            Requirer(package=label, needs=link.needs, is_pip=True, line=line, requirers=branch),
        )
    return branch[0]


def _pin(item: PipItem, version: str) -> str:
    """Ask for the very version that was chosen, with the extras of the item."""
    requirement = read_item(item.text)
    if requirement.url:
        return item.text
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{canonicalize_name(requirement.name)}{extras}=={version}"
