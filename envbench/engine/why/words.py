"""What holds a package back, in words."""

from collections.abc import Sequence

from envbench.model.conflict import Chain, Conflict, SpecLine
from envbench.model.why import Culprit


def say_held(told: Sequence[Culprit], *, wish: Chain | None, is_own: bool) -> str:
    """Say in one sentence which lines hold a package, and how.

    Args:
        told: The culprits.
        wish: What a newer version needs of the package in which it and the first culprit meet.
        is_own: The one culprit is the line that names the package.
    """
    if len(told) > 1:
        *names, last = (name_line(culprit.line) for culprit in told)
        return f"{', '.join(names)} and {last} each hold it"
    (culprit,) = told
    if is_own:
        return f"{name_line(culprit.line)} asks for it"
    steps = [_say_last(culprit.chain)] if culprit.chain and culprit.chain.links else []
    steps += [_say_whole(wish)] if wish and wish.links else []
    how = f": {'; '.join(steps)}" if steps else ""
    return f"{name_line(culprit.line)} holds it{how}"


def explain_refusal(conflict: Conflict) -> str:
    """Say why something has no solution at all, in a sentence or two."""
    if conflict.cores:
        return " ".join(conflict.cores[0].explanation)
    return conflict.causes[0].explanation if conflict.causes else conflict.summary


def name_line(line: SpecLine) -> str:
    """Name a line by number and text."""
    return f"line {line.line} `{line.text}`" if line.line is not None else f"`{line.text}`"


def _say_last(chain: Chain) -> str:
    return f"{chain.links[-1].package} needs {chain.demand}"


def _say_whole(chain: Chain) -> str:
    through = [link.package for link in chain.links[1:]]
    via = f" through {', '.join(through)}" if through else ""
    return f"{chain.links[0].package} needs {chain.demand}{via}"
