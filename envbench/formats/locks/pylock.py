"""The pip part of a lock as `pylock.toml`, for use beside a lock of the conda part.

Source: PEP 751; every package needs a source and, unless it is a repository, a hash.
"""

import re
from typing import Any

from envbench.formats.pylock_part import PylockPackage, read_pylock
from envbench.formats.toml_text import write_toml
from envbench.model.errors import UsageError
from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import LockAspect, LockedPip, LockedSet, LockReading

KEPT = frozenset(
    {LockAspect.PIP, LockAspect.PIP_ADDRESS, LockAspect.PIP_HASH, LockAspect.PIP_DIRECT}
)
_REPOSITORY = re.compile(
    r"(?P<type>git|hg|bzr|svn)\+(?P<url>[^@#]+(?:@[^@#/]+(?=/))?[^@#]*)@(?P<commit>[0-9a-f]{7,64})"
    r"(?:#subdirectory=(?P<subdirectory>[^&]+))?"
)


def write_pip_lock(lock: Lock) -> str:
    """Write the pip packages of a lock.

    Raises:
        UsageError: The address or the hash of a package is not known; they are named.
    """
    tables = {package.name: _describe(package) for package in lock.pip}
    unknown = sorted(name for name, table in tables.items() if table is None)
    if unknown:
        raise UsageError(
            f"pylock.toml cannot name {', '.join(unknown[:5])}{' and more' if unknown[5:] else ''}",
            why="Their address or hash is not known: neither is kept on disk by the installer.",
            hint="Build the environment with envbench, which keeps both, or choose another format.",
        )
    head = {"lock-version": "1.0", "created-by": "envbench"}
    return write_toml({**head, "packages": [tables[name] for name in sorted(tables)]})


def read_pip_lock(text: str) -> LockReading:
    """Read the packages of a `pylock.toml`.

    Raises:
        UsageError: It is none, or of an unknown version, or names a package twice.
    """
    pip = sorted((_to_locked(package) for package in read_pylock(text)), key=lambda p: p.name)
    return LockReading(LockedSet(kept=KEPT, pip=tuple(pip)), ())


def _describe(package: PipPackage) -> dict[str, Any] | None:
    table: dict[str, Any] = {"name": package.name, "version": package.version}
    hashes = {"sha256": package.sha256} if package.sha256 else None
    if package.editable:
        return None
    if package.direct_url:
        source = _describe_direct(package.direct_url, hashes)
        return {**table, **source} if source else None
    if not package.url or not hashes:
        return None
    file = {"url": package.url, "hashes": hashes}
    if package.url.partition("?")[0].endswith(".whl"):
        return {**table, "wheels": [file]}
    return {**table, "sdist": file}


def _describe_direct(url: str, hashes: dict[str, str] | None) -> dict[str, Any] | None:
    match = _REPOSITORY.fullmatch(url)
    if match:
        vcs = {"type": match["type"], "url": match["url"], "commit-id": match["commit"]}
        if match["subdirectory"]:
            vcs["subdirectory"] = match["subdirectory"]
        return {"vcs": vcs}
    return {"archive": {"url": url, "hashes": hashes}} if hashes else None


def _to_locked(package: PylockPackage) -> LockedPip:
    file = package.wheels[0] if len(package.wheels) == 1 else package.sdist
    hashes = package.direct_hashes
    archive = next((h.partition(":")[2] for h in hashes if h.startswith("sha256:")), None)
    known = None if package.direct else file
    return LockedPip(
        name=package.name,
        version=package.version,
        url=known.url if known else None,
        sha256=known.sha256 if known else archive,
        direct_url=package.direct,
    )
