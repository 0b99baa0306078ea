"""Formats that name packages by address: they need one of each, and some carry its hash."""

import re
from collections.abc import Iterable

from envbench.model.errors import UsageError
from envbench.model.lock import Lock

_MOST_NAMED = 5
_HASH = re.compile(r"[#&]sha256=(?P<digest>[0-9a-f]{64})\Z")


def refuse_unaddressed(lock: Lock, file_name: str, *, pip: bool = True) -> None:
    """Let only locks pass whose packages have addresses.

    Raises:
        UsageError: Some have none; they are named.
    """
    conda = [package.name for package in lock.packages if not package.url]
    wheels = [p.name for p in lock.pip if not (p.url or p.direct_url)] if pip else []
    if not conda and not wheels:
        return
    names = [*conda, *wheels]
    rest = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    raise UsageError(
        f"{file_name} cannot name {shown}",
        why="Their addresses are not known: installers of pip packages do not keep them."
        if wheels
        else "Their addresses are not known.",
        hint="Lock the spec instead, build the environment with envbench, which keeps addresses,"
        " or choose a format of names and versions (environment-yml, requirements).",
    )


def with_hash(url: str, sha256: str | None) -> str:
    """Add the hash to a direct reference as pip takes it; repositories have none."""
    if sha256 is None or is_repository(url):
        return url
    return f"{url}{'&' if '#' in url else '#'}sha256={sha256}"


def split_hash(url: str) -> tuple[str, str | None]:
    """Take the hash off a direct reference."""
    match = _HASH.search(url)
    return (url[: match.start()], match["digest"]) if match else (url, None)


def is_repository(url: str) -> bool:
    """Tell whether a direct reference names a version control system, `git+https://...`."""
    return "+" in url.partition("://")[0]


def say_unchecked(name: str, kinds: Iterable[str]) -> str:
    """Say that a package could be installed, but not checked."""
    others = ", ".join(sorted(set(kinds)))
    return f"{name} has no sha256, only {others}: it could not be checked. Lock it with sha256"
