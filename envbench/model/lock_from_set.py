"""What a lock file says, as a normalised lock: as complete as the file is."""

from envbench.model.lock import Lock, PipPackage
from envbench.model.locked_set import LockedPackage, LockedPip, LockedSet
from envbench.model.plan import PackageRecord


def lock_of_set(locked: LockedSet) -> Lock:
    """Make a lock of what one platform of a lock file says.

    Packages have what the file said of them; a package without an address has an empty one.
    """
    return Lock(
        name=locked.name or "",
        platform=locked.platform or "",
        channels=locked.channels,
        # In the order of the file, which of some formats is that of installation.
        packages=tuple(map(_to_record, sorted(locked.packages, key=lambda p: p.line or 0))),
        pip=tuple(map(_to_pip, locked.pip)),
        variables=locked.variables,
        indexes=locked.indexes,
    )


def _to_record(package: LockedPackage) -> PackageRecord:
    if package.record is not None:
        return package.record
    base, _, file_name = (package.url or "").rpartition("/")
    channel_url, _, subdir = base.rpartition("/")
    return PackageRecord(
        name=package.name,
        version=package.version,
        build=package.build or "",
        build_number=0,
        subdir=subdir,
        file_name=file_name,
        url=package.url or "",
        channel=package.channel or channel_url,
        channel_url=channel_url,
        md5=package.md5,
        sha256=package.sha256,
    )


def _to_pip(package: LockedPip) -> PipPackage:
    return package.record or PipPackage(
        name=package.name,
        version=package.version,
        url=package.url,
        sha256=package.sha256,
        direct_url=package.direct_url,
        editable=package.editable,
    )
