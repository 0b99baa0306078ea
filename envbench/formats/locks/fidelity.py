"""What a lock format cannot say about an environment, in words.

A format is known by the aspects it keeps. `projection` forgets all others; the losses are computed
from what was forgotten, so that a loss is reported exactly when something really is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass

from envbench.formats.locks.gaps import WHY_INDEX, has_hashes, is_local
from envbench.formats.locks.projection import Kept, project_channels
from envbench.model.lock import Lock, Loss, PipPackage
from envbench.model.locked_set import LockAspect, index_of, list_indexes

__all__ = ["Kept", "find_losses"]


def find_losses(lock: Lock, kept: Kept) -> tuple[Loss, ...]:
    """List what is lost, with what a consumer will do differently because of it."""
    return tuple(loss for rule in _RULES if (loss := _apply(rule, lock, kept)) is not None)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One way in which a format may fall short."""

    what: str
    missing: LockAspect
    """The aspect whose absence is the loss."""
    find: Callable[[Lock, Kept], tuple[str, ...] | None]
    """Whom it concerns: names, an empty tuple for the whole environment, None for nobody."""
    why: str
    unless: frozenset[LockAspect] = frozenset()
    """Aspects without which another rule tells the loss already."""


def _apply(rule: _Rule, lock: Lock, kept: Kept) -> Loss | None:
    if rule.missing in kept or not rule.unless <= set(kept):
        return None
    names = rule.find(lock, kept)
    return None if names is None else Loss(rule.what, names, rule.why)


def _some(names: tuple[str, ...]) -> tuple[str, ...] | None:
    return names or None


def _conda(lock: Lock, _kept: Kept) -> tuple[str, ...] | None:
    return _some(tuple(package.name for package in lock.packages))


def _addresses(lock: Lock, _kept: Kept) -> tuple[str, ...] | None:
    return _some(tuple(package.name for package in lock.packages if package.url))


def _channels_of_packages(lock: Lock, kept: Kept) -> tuple[str, ...] | None:
    """Name the packages that are not from the first channel, when there are several.

    An address says the channel; of packages without one, the name is lost in any case.
    """
    channels = {package.channel for package in lock.packages}
    first = next((name for name in lock.channels if name in channels), None)
    has_addresses = LockAspect.ADDRESS in kept
    return _some(
        tuple(
            p.name
            for p in lock.packages
            if (p.channel and not p.url)
            or (p.url and not has_addresses and len(channels) > 1 and p.channel != first)
        )
    )


def _channel_names(lock: Lock, kept: Kept) -> tuple[str, ...] | None:
    return () if project_channels(lock, kept) != lock.channels else None


def _other_hash(mine: str, other: str) -> Callable[[Lock, Kept], tuple[str, ...] | None]:
    """Name the packages whose hash of one kind is dropped although the format knows hashes."""

    def find(lock: Lock, kept: Kept) -> tuple[str, ...] | None:
        return _some(
            tuple(
                package.name
                for package in lock.packages
                if getattr(package, mine) and (getattr(package, other) or not has_hashes(kept))
            )
        )

    return find


def _all_hashes(lock: Lock, kept: Kept) -> tuple[str, ...] | None:
    if has_hashes(kept):
        return None
    return _some(tuple(p.name for p in lock.packages if p.md5 or p.sha256))


def _one_hash(mine: str, other: str) -> Callable[[Lock, Kept], tuple[str, ...] | None]:
    find = _other_hash(mine, other)
    return lambda lock, kept: find(lock, kept) if has_hashes(kept) else None


def _pip(pick: Callable[[PipPackage], object]) -> Callable[[Lock, Kept], tuple[str, ...] | None]:
    return lambda lock, _kept: _some(tuple(p.name for p in lock.pip if pick(p)))


def _local_versions(lock: Lock, kept: Kept) -> tuple[str, ...] | None:
    """Name the packages of local versions whose index is not said either."""
    is_said = LockAspect.INDEXES in kept
    return _some(
        tuple(
            p.name
            for p in lock.pip
            if is_local(p) and _has_address(p) and not (is_said and index_of(p))
        )
    )


def _has_address(package: PipPackage) -> bool:
    """Whether it came from an index: a direct reference is told by a rule of its own."""
    return bool(package.url) and not package.direct_url


def _platform(lock: Lock, _kept: Kept) -> tuple[str, ...] | None:
    return () if lock.platform else None


_CONDA = frozenset({LockAspect.CONDA})
_PIP = frozenset({LockAspect.PIP})
_RULES = (
    _Rule(
        "name", LockAspect.NAME, lambda lock, _: () if lock.name else None,
        "The file does not name the environment; whoever uses it chooses a name.",
    ),
    _Rule(
        "platform", LockAspect.PLATFORM, _platform,
        "The file does not say for which platform it was made; on another one the solver looks for"
        " these versions there, and finds other builds or none.",
    ),
    _Rule(
        "conda packages", LockAspect.CONDA, _conda,
        "The format only knows pip packages; Python itself and all of conda's libraries must come"
        " from somewhere else.",
    ),
    _Rule(
        "channel order", LockAspect.CHANNEL_ORDER, lambda lock, _: () if lock.channels else None,
        "Later updates of the environment will use the channels of whoever makes them.",
    ),
    _Rule(
        "channel names", LockAspect.CHANNEL_NAME, _channel_names,
        "Channels are written by address: whoever uses the file fetches from there, whatever"
        " mirrors are configured on that box.",
        frozenset({LockAspect.CHANNEL_ORDER}),
    ),
    _Rule(
        "channel per package", LockAspect.CHANNEL, _channels_of_packages,
        "Which channel each package came from is not said; a consumer takes it from the first"
        " channel that has the version, which may be another build of it.",
        _CONDA,
    ),
    _Rule(
        "addresses", LockAspect.ADDRESS, _addresses,
        "A consumer has to solve again, with the index of its day, and fails when a version was"
        " removed or its dependencies were changed.",
        _CONDA,
    ),
    _Rule(
        "builds", LockAspect.BUILD, _conda,
        "A consumer may take any build of the version: CPU instead of GPU, another CUDA, another"
        " BLAS.",
        _CONDA,
    ),
    _Rule(
        "hashes", LockAspect.SHA256, _all_hashes,
        "A consumer cannot tell whether it fetched the same files.",
        _CONDA,
    ),
    _Rule(
        "sha256", LockAspect.SHA256, _one_hash("sha256", "md5"),
        "Only md5 is written, the form that every consumer knows: it guards against damage, not"
        " against forgery.",
        _CONDA,
    ),
    _Rule(
        "md5", LockAspect.MD5, _one_hash("md5", "sha256"),
        "Only sha256 is written: conda before 24.9 refuses the file; micromamba before 2.1 takes it and"
        " checks nothing.",
        _CONDA,
    ),
    _Rule(
        "pip packages", LockAspect.PIP, _pip(lambda _: True),
        "They are dropped: the environment comes back without them. Keep the pip part in a"
        " pylock.toml beside this file.",
    ),
    _Rule(
        "index of local versions", LockAspect.PIP_ADDRESS, _local_versions,
        WHY_INDEX,
        _PIP,
    ),
    _Rule(
        "pip addresses", LockAspect.PIP_ADDRESS, _pip(_has_address),
        "A consumer asks the package index of its own settings.",
        _PIP,
    ),
    _Rule(
        "pip hashes", LockAspect.PIP_HASH, _pip(lambda p: p.sha256),
        "A consumer cannot tell whether it got the same wheel.",
        _PIP,
    ),
    _Rule(
        "pip direct references", LockAspect.PIP_DIRECT, _pip(lambda p: p.direct_url),
        "Packages from a repository, an address or a folder are named by version only; a consumer"
        " takes what the package index has under that name, if anything.",
        _PIP,
    ),
    _Rule(
        "editable packages", LockAspect.PIP_EDITABLE, _pip(lambda p: p.editable),
        "They are installed as copies: changes of their sources have no effect any more.",
        _PIP,
    ),
    _Rule(
        "index per package", LockAspect.PIP_INDEX, _pip(index_of),
        "Which package index served them is not said; an update may take the same name from"
        " another one.",
        _PIP,
    ),
    _Rule(
        "pip indexes", LockAspect.INDEXES, lambda lock, _: () if list_indexes(lock) else None,
        "A consumer asks the package indexes of its own settings.",
        _PIP,
    ),
    _Rule(
        "variables", LockAspect.VARIABLES, lambda lock, _: () if lock.variables else None,
        "Environment variables that activation should set are not set.",
    ),
)  # fmt: skip
