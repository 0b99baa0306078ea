"""What shall be locked, and the locks that came of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from envbench.model.channel import ChannelPriority
from envbench.model.lock import Lock

if TYPE_CHECKING:
    from envbench.model.conflict import Conflict
    from envbench.model.lock_difference import LockDifference


class LockSubject(StrEnum):
    """What a lock is made from."""

    ENVIRONMENT = "environment"
    """What is installed, whoever installed it."""
    SPEC = "spec"
    """What a solve of the spec would install; nothing is installed."""
    LOCK = "lock"
    """What another lock file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOrder:
    """What `envbench lock` was asked for."""

    subject: str
    """Name, `NAME@GENERATION` or path of an environment; path of a spec or of a lock file."""
    platforms: tuple[str, ...] = ()
    """conda subdirs; none given means this box's, or those of the host profiles."""
    host_files: tuple[Path, ...] = ()
    """Profiles of boxes, at most one for each platform; a platform without one gets that of an
    ordinary box of its kind."""
    virtual: tuple[str, ...] = ()
    """Virtual packages that the boxes are taken to have, `__cuda=12.4`."""
    priority: ChannelPriority | None = None
    exclude_newer: str | None = None
    offline: bool = False
    against: str | None = None
    """Lock file or environment whose packages are kept where the spec allows it."""
    update: tuple[str, ...] = ()
    """Packages that are not kept but taken as new as they can be."""
    find_hashes: bool = True
    """Whether hashes that no installer kept are looked for on the package index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformChange:
    """What a lock changes on one platform against what was kept."""

    platform: str
    difference: "LockDifference"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLocks:
    """The locks of one environment, one for each platform; or why there are none."""

    subject: LockSubject
    source: str
    """As shown in messages."""
    locks: tuple[Lock, ...] = ()
    """In the order asked for."""
    changes: tuple[PlatformChange, ...] = ()
    """Against the lock or environment that was kept; empty when there was none."""
    against: str = ""
    warnings: tuple[str, ...] = ()
    conflict: "Conflict | None" = None
    """Why the spec has no solution; `locks` is empty then."""
    conflict_platform: str = ""
    conflict_hint: str = ""
    """How to lock for a box that has what is missing; empty when it is not for want of a box."""
