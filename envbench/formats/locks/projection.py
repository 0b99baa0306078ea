"""States a lock as a format will say it: what the format does not keep is forgotten."""

from collections.abc import Collection
from dataclasses import replace

from envbench.model.lock import Lock
from envbench.model.locked_set import LockAspect, LockedPackage, LockedPip, LockedSet, lock_to_set

Kept = Collection[LockAspect]


def project(lock: Lock, kept: Kept) -> LockedSet:
    """State a lock as a format that keeps only these aspects will say it."""
    full = lock_to_set(lock)
    channel_of = {package.name: package.channel for package in lock.packages}
    return replace(
        full,
        kept=frozenset(kept),
        name=full.name if LockAspect.NAME in kept else None,
        platform=full.platform if LockAspect.PLATFORM in kept else None,
        channels=project_channels(lock, kept),
        packages=tuple(
            _project_package(package, channel_of[package.name], kept) for package in full.packages
        )
        if LockAspect.CONDA in kept
        else (),
        pip=tuple(_project_pip(package, kept) for package in full.pip)
        if LockAspect.PIP in kept
        else (),
        variables=full.variables if LockAspect.VARIABLES in kept else (),
        indexes=full.indexes if LockAspect.INDEXES in kept else (),
    )


def project_channels(lock: Lock, kept: Kept) -> tuple[str, ...]:
    """State the channels, by name or as the addresses they stand for."""
    if LockAspect.CHANNEL_ORDER not in kept:
        return ()
    if LockAspect.CHANNEL_NAME in kept:
        return lock.channels
    from envbench.formats.locks.conda_addresses import locate_channels, name_channel

    return tuple(map(name_channel, locate_channels((lock,))))


def _project_package(package: LockedPackage, channel: str, kept: Kept) -> LockedPackage:
    md5, sha256 = _project_hashes(package, kept)
    url = package.url if LockAspect.ADDRESS in kept else None
    return replace(
        package,
        build=package.build if LockAspect.BUILD in kept else None,
        url=url,
        channel=(channel or None) if LockAspect.CHANNEL in kept and not url else None,
        md5=md5,
        sha256=sha256,
    )


def _project_hashes(package: LockedPackage, kept: Kept) -> tuple[str | None, str | None]:
    """Keep what is kept; a format with room for one hash takes the other where its own is unknown."""
    md5 = package.md5 if LockAspect.MD5 in kept else None
    sha256 = package.sha256 if LockAspect.SHA256 in kept else None
    if (LockAspect.MD5 in kept or LockAspect.SHA256 in kept) and not (md5 or sha256):
        return package.md5, package.sha256
    return md5, sha256


def _project_pip(package: LockedPip, kept: Kept) -> LockedPip:
    return replace(
        package,
        url=package.url if LockAspect.PIP_ADDRESS in kept else None,
        sha256=package.sha256 if LockAspect.PIP_HASH in kept else None,
        direct_url=package.direct_url if LockAspect.PIP_DIRECT in kept else None,
        editable=package.editable and LockAspect.PIP_EDITABLE in kept,
        index_url=package.index_url if LockAspect.PIP_INDEX in kept else None,
    )
