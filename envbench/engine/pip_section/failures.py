"""From what uv says to what the user is told: cause and remedy.

uv promises no machine-readable errors; the phrases below are those of versions 0.11 to 0.13, and
whatever is not recognised is shown whole.
"""

import re
from collections.abc import Callable, Sequence

from packaging.utils import canonicalize_name

from envbench.engine.pip_section.errors import (
    PipBrokenError,
    PipHashError,
    PipNetworkError,
    PipNoSolutionError,
    PipNotFoundError,
    PipOfflineError,
    PipRunsCodeError,
    UvError,
)
from envbench.engine.pip_section.items import VettedItem
from envbench.engine.pip_section.uv_process import UvOutcome
from envbench.model.errors import EnvbenchError

_NAME = r"`?([A-Za-z0-9][A-Za-z0-9._-]*)"
_NOT_FOUND = re.compile(
    rf"{_NAME}`? was not found in the (?:provided package locations|package registry)"
)
_NOT_CACHED = re.compile(rf"{_NAME}`? was not found in the cache")
_SOURCE_ONLY = (
    re.compile(rf"Building source distributions for {_NAME}"),
    re.compile(rf"Wheels are required for {_NAME}"),
    re.compile(rf"{_NAME}(?:==\S+)? has no usable wheels"),
)
_NETWORK = re.compile(
    r"Failed to fetch|error sending request|tcp connect error|timed out|dns error|certificate"
    r"|HTTP status (?:client|server) error|Git operation failed|connection reset|incomplete"
    r"|end of file|decoding response body",
    re.IGNORECASE,
)
_DAMAGED = re.compile(rf"The structure of {_NAME}`?[^\n]* was invalid")
_UNREADABLE = re.compile(r"Failed to read metadata from: \S*?([^/\s]+)\.dist-info")
_UNAUTHORISED = re.compile(r"\b(?:401 Unauthorized|403 Forbidden)")


def explain_failure(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError:
    """Turn a failed call into an error with cause and remedy; the caller raises it.

    Args:
        outcome: Of the call; its status is not 0.
        items: To name the line of the item that is meant.
        where: The user's file, for failures that no single item explains.
    """
    for explain in (
        _killed,
        _hash,
        _source,
        _unauthorised,
        _damaged,
        _unreadable,
        _offline,
        _not_found,
        _no_solution,
        _network,
    ):
        error = explain(outcome, items, where)
        if error is not None:
            return error
    return UvError(
        f"the pip section failed (uv ended with status {outcome.status})",
        where=where, why=cut_talk(outcome.talk),
    )  # fmt: skip


_Explain = Callable[[UvOutcome, Sequence[VettedItem], str], EnvbenchError | None]


def is_no_solution(outcome: UvOutcome) -> bool:
    """Whether uv says that the requirements exclude each other."""
    return outcome.status == 1 and "No solution found" in outcome.talk


def find_item(name: str, items: Sequence[VettedItem]) -> VettedItem | None:
    """Return the item that names this distribution."""
    wanted = canonicalize_name(name)
    return next((item for item in items if item.name == wanted), None)


def _place(name: str, items: Sequence[VettedItem], where: str) -> str:
    item = find_item(name, items)
    return item.place if item else where


def _killed(outcome: UvOutcome, _items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    if outcome.status >= 0:
        return None
    return PipBrokenError(
        f"uv was killed by signal {-outcome.status}",
        where=where,
        why="The installation stopped in the middle; its prefix must not be used.",
        hint="Build again; check the memory of this box if nobody killed it.",
    )


def _hash(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    match = re.search(rf"Hash mismatch for {_NAME}", outcome.talk)
    if match is None:
        return None
    return PipHashError(
        f"the downloaded {match[1]} is not the one that was expected",
        where=_place(match[1], items, where),
        why=cut_talk(outcome.talk),
        hint="Do not use this file. Ask whoever runs the index, or correct the hash.",
    )


def _source(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    match = next((m for pattern in _SOURCE_ONLY if (m := pattern.search(outcome.talk))), None)
    if match is None:
        return None
    return PipRunsCodeError(
        f"installing {match[1]} would run code of {match[1]}",
        where=_place(match[1], items, where),
        why="There is no wheel of it for this platform and Python, only source, and building that"
        " runs the package's own build script under your account.",
        hint=f"Ask for a version with a wheel, take {match[1]} from a conda channel, or, if you"
        " trust it, build with --allow-builds (`pip.allow_source_builds` in the settings).",
    )


def _unauthorised(
    outcome: UvOutcome, _items: Sequence[VettedItem], where: str
) -> EnvbenchError | None:
    match = _UNAUTHORISED.search(outcome.talk)
    if match is None:
        return None
    return PipNetworkError(
        f"the package index refused the request ({match[0]})",
        where=where,
        why=cut_talk(outcome.talk),
        hint="Give the user name and password of the index in your netrc file.",
    )


def _damaged(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    match = _DAMAGED.search(outcome.talk)
    if match is None:
        return None
    return PipNetworkError(
        f"the archive of {match[1]} is damaged, or the download of it broke off",
        where=_place(match[1], items, where),
        why=cut_talk(outcome.talk),
        hint="Check the network and try again; if it stays, tell whoever runs the package index.",
    )


def _unreadable(
    outcome: UvOutcome, _items: Sequence[VettedItem], where: str
) -> EnvbenchError | None:
    match = _UNREADABLE.search(outcome.talk)
    if match is None:
        return None
    return UvError(
        f"uv cannot read what is installed of {match[1]}, so nothing is installed beside it",
        where=where,
        why=cut_talk(outcome.talk),
        hint="Take another version of that package in the conda dependencies, or everything from"
        " conda.",
    )


def _offline(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    match = _NOT_CACHED.search(outcome.talk)
    if match is None and "network was disabled" not in outcome.talk:
        return None
    name = match[1] if match else "a package"
    return PipOfflineError(
        f"{name} is not in the cache, and the network is switched off",
        where=_place(name, items, where),
        why=cut_talk(outcome.talk),
        hint="Build once with the network, or point find_links at a folder of wheels.",
    )


def _not_found(outcome: UvOutcome, items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    match = _NOT_FOUND.search(outcome.talk)
    if match is None:
        return None
    return PipNotFoundError(
        f"no package index in use has {match[1]}",
        where=_place(match[1], items, where),
        why=cut_talk(outcome.talk),
        hint="Check the spelling, and that the index which has it is in your settings.",
    )


def _no_solution(
    outcome: UvOutcome, _items: Sequence[VettedItem], where: str
) -> EnvbenchError | None:
    if not is_no_solution(outcome):
        return None
    return PipNoSolutionError(
        "the pip section has no solution",
        where=where,
        why=cut_talk(outcome.talk),
        hint="Loosen one of the versions named above.",
    )


def _network(outcome: UvOutcome, _items: Sequence[VettedItem], where: str) -> EnvbenchError | None:
    if not _NETWORK.search(outcome.talk):
        return None
    return PipNetworkError(
        "the package index cannot be reached, or broke off",
        where=where,
        why=cut_talk(outcome.talk),
        hint="Check the network, proxy and index settings, then try again.",
    )


def cut_talk(talk: str, limit: int = 4000) -> str:
    """Keep the explanation in uv's talk, and drop what is only progress."""
    start = talk.find("error:")
    return talk[max(start, 0) :].strip()[:limit]
