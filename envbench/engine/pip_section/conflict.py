"""Why the pip section has no solution: which items, and which of conda's versions.

uv explains in prose. Here the same question is asked again with less, until what is left is a
smallest set of the user's lines and of conda's pins that exclude each other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from envbench.engine.pip_section.blame import BlameFinder
from envbench.engine.pip_section.errors import PipNoSolutionError, PipNotFoundError
from envbench.engine.pip_section.failures import explain_failure, is_no_solution
from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.request import PipTask
from envbench.engine.pip_section.uv_process import UvOutcome
from envbench.engine.pip_section.workspace import pinnable
from envbench.model.errors import EnvbenchError

_MOST_NAMED = 6


class Ask(Protocol):
    """Dry-runs items under pins."""

    def __call__(self, items: Sequence[VettedItem], pins: Mapping[str, str]) -> UvOutcome:
        """Return how the dry run ended."""


@dataclass(frozen=True, slots=True)
class _Blame:
    items: Sequence[VettedItem]
    pins: Mapping[str, str]
    smallest: bool


def explain_conflict(
    outcome: UvOutcome, items: Sequence[VettedItem], task: PipTask, ask: Ask
) -> EnvbenchError:
    """Turn a failed resolution into an error that names lines and pins; the caller raises it."""
    error = explain_failure(outcome, items, task.spec_path)
    if not is_no_solution(outcome) or not isinstance(error, PipNoSolutionError):
        return error
    if isinstance(error, PipNotFoundError) and error.where != task.spec_path:
        return error
    pins = _find_pins(outcome, items, task, ask)
    guilty, smallest = _find_items(items, task, ask)
    if isinstance(error, PipNotFoundError) and not pins:
        error.where = guilty[0].place if guilty else error.where
        return error
    return _tell(_Blame(guilty, pins, smallest), error.why, task)


def _find_pins(
    outcome: UvOutcome, items: Sequence[VettedItem], task: PipTask, ask: Ask
) -> dict[str, str]:
    """Return the pins to blame: proven where leaving them away helps, else those uv names."""
    if ask(items, {}).status == 0:
        finder = BlameFinder[str](lambda names: _fails(ask(items, _pick(task.owned, names))))
        return _pick(task.owned, finder.smallest_failing(sorted(pinnable(task.owned))))
    # Without the pin uv would look on the index for a distribution that only conda has, and fail
    # for another reason; so its prose about the first failure has to do.
    return {
        name: version
        for name, version in sorted(task.owned.items())
        if re.search(
            rf"(?<![\w.-]){re.escape(name)}=={re.escape(version)}(?![\w.+]*\d)", outcome.talk
        )
    }


def _find_items(
    items: Sequence[VettedItem], task: PipTask, ask: Ask
) -> tuple[list[VettedItem], bool]:
    finder = BlameFinder[VettedItem](lambda part: _fails(ask(part, task.owned)))
    return finder.smallest_failing(items), not finder.exhausted


def _fails(outcome: UvOutcome) -> bool:
    return is_no_solution(outcome)


def _pick(owned: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: owned[name] for name in names}


def _tell(blame: _Blame, talk: str, task: PipTask) -> PipNoSolutionError:
    places = [f"{item.text} ({item.place})" for item in blame.items[:_MOST_NAMED]]
    if len(blame.items) > _MOST_NAMED:
        places.append(f"{len(blame.items) - _MOST_NAMED} more")
    installed = [f"{name} {version}" for name, version in blame.pins.items()]
    asked = ", ".join(places)
    if installed:
        what = f"the pip section does not go with {', '.join(installed)}, which conda installs"
        hint = f"Change the version of {', '.join(blame.pins)} in the conda dependencies, or ask"
        hint += " for a version of the pip item that accepts it."
    else:
        what = "the pip items exclude each other" if len(blame.items) > 1 else ""
        what = what or "the pip section has no solution"
        hint = "Loosen one of the versions named above."
    lead = "Smallest set that fails" if blame.smallest else "Among these"
    return PipNoSolutionError(
        what,
        where=blame.items[0].place if blame.items else task.spec_path,
        why=f"{lead}: {asked}.\n{talk}",
        hint=hint,
    )
