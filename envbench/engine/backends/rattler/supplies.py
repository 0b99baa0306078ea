"""What a conflict would need from elsewhere: another box, or another channel priority.

Found by trying it: the core is solved as if the box had what it lacks, or with flexible priority.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from envbench.engine.backends.rattler.judge import Part
from envbench.engine.backends.rattler.propagation import Propagation
from envbench.engine.backends.rattler.refusal import Refusal
from envbench.engine.backends.rattler.universe import HERE
from envbench.engine.errors import SolveTimeoutError
from envbench.model.channel import ChannelPriority
from envbench.model.host import HostProfile

_FIELDS = {"__cuda": "cuda", "__glibc": "glibc", "__linux": "linux", "__archspec": "archspec"}
_PLENTY = {"__cuda": "99.0", "__glibc": "99.0", "__linux": "99.0"}


async def find_lacking_virtual(refusal: Refusal, part: Part) -> str | None:
    """Find the property of the box for lack of which a core has no solution.

    Returns:
        `__cuda`, `__glibc`, ...; None when no single one would make the lines go together.
    """
    for name in _list_suspects(refusal.propagation):
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
    if name != "__archspec":
        changed: dict[str, Any] = {_FIELDS[name]: _PLENTY[name]}
        return [replace(host, **changed)]
    return [replace(host, archspec=build) for build in _list_builds(refusal.propagation)]


def _list_builds(propagation: Propagation) -> Sequence[str]:
    """List the microarchitectures that dependencies name: `__archspec 1 x86_64_v4`."""
    texts = {
        text.split()[2].strip("*")
        for user in propagation.universe.users.get("__archspec", ())
        for record in propagation.universe.records[user]
        for text in record.depends
        if text.startswith("__archspec ") and len(text.split()) == 3
    }
    return sorted(text for text in texts if text)


async def _is_solvable(refusal: Refusal, part: Part, host: HostProfile) -> bool:
    from rattler.exceptions import SolverError

    attempt = refusal.attempt
    better = replace(attempt, request=replace(attempt.request, host=host))
    try:
        await better.run(sorted(part))
    except (SolverError, SolveTimeoutError):
        return False
    return True


async def is_priority_to_blame(refusal: Refusal, part: Part) -> bool:
    """Tell whether flexible channel priority would solve just these lines."""
    from rattler.exceptions import SolverError

    if refusal.attempt.request.channel_priority is not ChannelPriority.STRICT:
        return False
    try:
        await refusal.attempt.run(sorted(part), unordered=True)
    except (SolverError, SolveTimeoutError):
        return False
    return True
