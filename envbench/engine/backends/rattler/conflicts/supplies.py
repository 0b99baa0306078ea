"""What a conflict would need from elsewhere: another box, or another channel priority.

Found by trying it: the core is solved as if the box had what it lacks, or with flexible priority.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from envbench.engine.backends.rattler.conflicts.judge import Part
from envbench.engine.backends.rattler.conflicts.refusal import Refusal
from envbench.engine.backends.rattler.narrowing.propagation import Propagation
from envbench.engine.backends.rattler.narrowing.universe import HERE
from envbench.engine.errors import SolveTimeoutError
from envbench.engine.search import sort_versions
from envbench.model.channel import ChannelPriority
from envbench.model.host import HostProfile

if TYPE_CHECKING:
    from rattler import RepoDataRecord

Picks = Sequence["RepoDataRecord"]
"""The packages of a plan."""

_FIELDS = {"__cuda": "cuda", "__glibc": "glibc", "__linux": "linux", "__archspec": "archspec"}
_PLENTY = "99.0"
_LEAST = re.compile(r">=?\s*(\d+(?:\.\d+)*)")
MAX_HOSTS = 3
"""Versions of a property of the box that are tried."""


async def find_lacking_virtual(refusal: Refusal, part: Part) -> str | None:
    """Find the property of the box for lack of which a core has no solution.

    Returns:
        `__cuda`, `__glibc`, ...; None when no single one would make the lines go together.
    """
    suspects = _list_suspects(refusal.propagation)
    if not suspects or refusal.propagation.suppose(*suspects).follow(part).emptied:
        return None
    for name in suspects:
        if refusal.propagation.suppose(name).follow(part).emptied:
            continue
        for host in _better_hosts(refusal, name):
            if await _is_solvable(refusal, part, host):
                return name
    return None


def _list_suspects(propagation: Propagation) -> list[str]:
    """List what the box has not or not new enough, and what something would need."""
    universe = propagation.universe
    tables = ((universe.users, universe.needs), (universe.limiters, universe.limits))
    return [
        name
        for name in sorted(universe.virtual & set(_FIELDS))
        if any(
            not accepted & HERE
            for users, table in tables
            for user in users.get(name, ())
            for accepted, _ in table[user][name]
        )
    ]


def _better_hosts(refusal: Refusal, name: str) -> list[HostProfile]:
    host = refusal.attempt.request.host
    texts = refusal.propagation.universe.list_texts(name)
    if name == "__archspec":
        return [replace(host, archspec=build) for build in _list_builds(texts)]
    least = {number for text in texts for number in _LEAST.findall(text)}
    changes: list[dict[str, Any]] = [
        {_FIELDS[name]: version} for version in sort_versions(least)[:MAX_HOSTS] or [_PLENTY]
    ]
    return [replace(host, **change) for change in changes]


def _list_builds(texts: Sequence[str]) -> Sequence[str]:
    """List the microarchitectures that dependencies name: `__archspec 1 x86_64_v4`."""
    words = [text.split() for text in texts]
    return sorted({own[2].strip("*") for own in words if len(own) == 3} - {""})


async def _is_solvable(refusal: Refusal, part: Part, host: HostProfile) -> bool:
    from rattler.exceptions import SolverError

    attempt = refusal.attempt
    better = replace(attempt, request=replace(attempt.request, host=host))
    try:
        await better.run(sorted(part))
    except (SolverError, SolveTimeoutError):
        return False
    return True


async def pick_unordered(refusal: Refusal, part: Part) -> Picks | None:
    """Solve for just these lines with flexible channel priority.

    Returns:
        The packages; None when priority is not strict, or when that does not help.
    """
    from rattler.exceptions import SolverError

    if refusal.attempt.request.channel_priority is not ChannelPriority.STRICT:
        return None
    try:
        return await refusal.attempt.run(sorted(part), unordered=True)
    except (SolverError, SolveTimeoutError):
        return None
