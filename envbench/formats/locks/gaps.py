"""What makes a lock less than exact although its format could say more."""

from collections.abc import Sequence

from envbench.formats.locks.projection import Kept
from envbench.model.lock import Lock, Loss, PipPackage
from envbench.model.locked_set import LockAspect

WHY_INDEX = (
    "Versions such as `2.1.0+cu118` are on the index of their project only; a consumer without"
    " that index finds nothing, or takes the CPU build."
)


def find_gaps(lock: Lock, kept: Kept) -> tuple[Loss, ...]:
    """List what makes a lock less than exact although the format could say more.

    The facts are missing in the lock itself, or are true on this box only.
    """
    gaps = (
        _foreign_python(lock, kept),
        _portability(lock, kept),
        _unknown_hashes(lock, kept),
        _md5_only(lock, kept),
        _unknown_index(lock, kept),
    )
    return tuple(gap for gap in gaps if gap is not None)


def _foreign_python(lock: Lock, kept: Kept) -> Loss | None:
    if not lock.python_version or LockAspect.CONDA not in kept:
        return None
    return Loss(
        "python", (), f"Its Python {lock.python_version} is no conda package, and is not named.",
    )  # fmt: skip


def _md5_only(lock: Lock, kept: Kept) -> Loss | None:
    if not {LockAspect.MD5, LockAspect.SHA256} <= set(kept):
        return None
    names = tuple(p.name for p in lock.packages if p.md5 and not p.sha256)
    if not names:
        return None
    why = "Only their md5 is known: it guards against damage, not against forgery."
    return Loss("unknown sha256", names, why)


def _portability(lock: Lock, kept: Kept) -> Loss | None:
    names: list[str] = []
    if LockAspect.ADDRESS in kept:
        names += (p.name for p in lock.packages if p.url.startswith("file:"))
    if LockAspect.PIP_ADDRESS in kept:
        names += (p.name for p in lock.pip if "file://" in f"{p.url} {p.direct_url}")
    return describe_local(names)


def describe_local(names: Sequence[str]) -> Loss | None:
    """Tell of packages that lie on this box only; None when there are none."""
    if not names:
        return None
    why = "Their addresses are files on this box: the lock works only where these files lie too."
    return Loss("portability", tuple(names), f"{why} Most consumers do not check their hashes.")


def _unknown_hashes(lock: Lock, kept: Kept) -> Loss | None:
    names: list[str] = []
    if has_hashes(kept):
        names += (p.name for p in lock.packages if not (p.md5 or p.sha256))
    if LockAspect.PIP_HASH in kept:
        names += (p.name for p in lock.pip if not (p.sha256 or p.direct_url))
    if not names:
        return None
    return Loss("unknown hashes", tuple(names), "A consumer cannot check what it fetches for them.")


def _unknown_index(lock: Lock, kept: Kept) -> Loss | None:
    names = tuple(
        p.name for p in lock.pip if is_local(p) and not (p.url or p.direct_url or p.index_url)
    )
    if not names or LockAspect.PIP not in kept:
        return None
    return Loss("index of local versions", names, WHY_INDEX)


def has_hashes(kept: Kept) -> bool:
    """Whether a format has room for hashes of conda packages."""
    return LockAspect.MD5 in kept or LockAspect.SHA256 in kept


def is_local(package: PipPackage) -> bool:
    """Whether a version has a local part, `+cu118`."""
    if "+" not in package.version:
        return False
    from packaging.version import InvalidVersion, Version

    try:
        return Version(package.version).local is not None
    except InvalidVersion:
        return True
