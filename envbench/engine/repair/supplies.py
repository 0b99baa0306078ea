"""What the channels have of the package of a line, as its changes need to know it."""

import re
from collections.abc import Callable, Sequence

from envbench.engine.search import sort_versions
from envbench.engine.solver.protocol import Found
from envbench.model.known_names import meant_names
from envbench.model.repair_moves import Supply

_FOR_GPUS = "-gpu"


def find_supply(
    name: str, ask: Callable[[str], Found], ask_plain: Callable[[str], Supply | None]
) -> Supply:
    """Find out what there is under a name.

    Args:
        name: Of the package.
        ask: Asks the channels.
        ask_plain: Tells of the same package for any box; None where that is no way out.
    """
    found = ask(name)
    by_channel = tuple((each.channel, each.versions) for each in found.versions)
    versions = tuple(sort_versions(v for _, listed in by_channel for v in listed))
    # What is known to be meant is no guess: beside it, names that look alike are noise.
    meant = [each for each in meant_names(name) if each in found.close_names]
    plain = name.removesuffix(_FOR_GPUS)
    other = ask_plain(plain) if versions and plain != name else None
    return Supply(
        by_channel=by_channel,
        versions=versions,
        close_names=tuple(meant or _same_letters(name, found.close_names)),
        plain_name=plain if other is not None and other.versions else "",
    )


def _same_letters(name: str, close: Sequence[str]) -> Sequence[str]:
    """Keep, of names that are close, those that differ in nothing but their joints, if any do."""
    same = [each for each in close if _letters(each) == _letters(name)]
    return same or close


def _letters(name: str) -> str:
    return re.sub(r"[-_.]", "", name)
