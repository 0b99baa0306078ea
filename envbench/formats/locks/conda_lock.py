"""`conda-lock.yml`, version 1: all platforms of an environment in one file.

Source: CEP 37, conda-lock 4.0 (`conda_lock.lockfile.v1.models`), conda-lockfiles 0.2 (which takes
no pip packages), micromamba 2.8 (which wants a source and a content hash).
"""

import hashlib
from collections.abc import Sequence
from functools import partial

from envbench.formats.core_metadata import normalise_name
from envbench.formats.lock_yaml import Value, write_lock_yaml
from envbench.formats.locks.addressing import refuse_unaddressed, with_hash
from envbench.model.export_options import ExportOptions
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import LockAspect
from envbench.model.package_record import PackageRecord

FILE_NAME = "conda-lock.yml"
KEPT_NO_PIP = frozenset(
    {
        LockAspect.PLATFORM,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CHANNEL_NAME,
        LockAspect.CONDA,
        LockAspect.BUILD,
        LockAspect.ADDRESS,
        LockAspect.MD5,
        LockAspect.SHA256,
    }
)
KEPT = KEPT_NO_PIP | {
    LockAspect.PIP,
    LockAspect.PIP_ADDRESS,
    LockAspect.PIP_HASH,
    LockAspect.PIP_DIRECT,
}

_MICROMAMBA_ENDS = (".whl", ".tar.gz", ".conda", ".tar.bz2")
_COMMIT = lazy_pattern(r"^[a-z]+\+.+@(?P<commit>[0-9a-f]{7,64})(?:#.*)?$")


def write_conda_lock(
    locks: Sequence[Lock], options: ExportOptions, *, pip: bool = True
) -> tuple[ExportedFile, ...]:
    """Write an environment on one or more platforms.

    Args:
        locks: One for each platform.
        options: `created_at` becomes the time stamp; without it there is none.
        pip: Write the pip packages; conda's reader takes none.

    Raises:
        UsageError: A package has no address; it is named.
    """
    for lock in locks:
        refuse_unaddressed(lock, FILE_NAME, pip=pip)
    entries = sorted(
        (key, entry) for lock in locks for key, entry in _describe_packages(lock, pip=pip)
    )
    document: dict[str, Value] = {
        "version": 1,
        "metadata": _describe_origin(locks, options),
        "package": [entry for _, entry in entries],
    }
    return (ExportedFile(FILE_NAME, write_lock_yaml(document)),)


write_without_pip = partial(write_conda_lock, pip=False)
"""What conda's own reader takes."""


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell which packages consumers refuse because a hash is not known."""
    no_md5 = tuple(p.name for p in lock.packages if not p.md5)
    if not no_md5:
        return ()
    why = "conda-lock demands md5 and refuses the whole file; conda and micromamba read it."
    return (Loss("packages without md5", no_md5, why),)


def find_pip_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell the same, and who refuses the whole file because of which pip packages."""
    conda = tuple(p.name for p in lock.pip)
    micromamba = tuple(p.name for p in lock.pip if not _is_known_to_micromamba(p))
    rattler = tuple(p.name for p in lock.pip if not p.sha256)
    beside = "choose conda-lock-no-pip with requirements.txt beside it"
    refusals = (
        Loss(
            "conda as a consumer", conda,
            f"conda's own reader takes no pip packages and refuses the whole file; {beside}.",
        ),
        Loss(
            "micromamba as a consumer", micromamba,
            "micromamba refuses the whole file: it wants a hash, and of addresses it knows wheels,"
            f" .tar.gz, and repositories over https; {beside}.",
        ),
        Loss(
            "py-rattler as a consumer", rattler,
            "py-rattler refuses the whole file: these have no sha256 (of a repository the commit is"
            " written in its place, as conda-lock does). Choose pixi-v7 for it.",
        ),
    )  # fmt: skip
    return (*find_losses(lock), *(loss for loss in refusals if loss.packages))


def _is_known_to_micromamba(package: PipPackage) -> bool:
    url = package.direct_url or package.url or ""
    is_known = url.startswith("git+https://") or url.partition("#")[0].endswith(_MICROMAMBA_ENDS)
    return is_known and bool(_describe_hash(package))


def compute_content_hash(lock: Lock) -> str:
    """Compute the content hash of a platform.

    It is the sha256 of the lines `address#md5` of its conda packages, sorted, each with a line
    feed. (The standard only says that it is made from the packages; no consumer computes it again.)
    """
    lines = sorted(f"{package.url}#{package.md5 or ''}\n" for package in lock.packages)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _describe_origin(locks: Sequence[Lock], options: ExportOptions) -> dict[str, Value]:
    channels = dict.fromkeys(channel for lock in locks for channel in lock.channels)
    sources = dict.fromkeys(lock.source or "environment.yml" for lock in locks)
    origin: dict[str, Value] = {
        "content_hash": {lock.platform: compute_content_hash(lock) for lock in locks},
        "channels": [{"url": channel, "used_env_vars": []} for channel in channels],
        "platforms": [lock.platform for lock in locks],
        "sources": list(sources),
    }
    if options.created_at:
        origin["time_metadata"] = {"created_at": options.created_at}
    origin["custom_metadata"] = {"created_by": "envbench"}
    return origin


def _describe_packages(
    lock: Lock, *, pip: bool
) -> list[tuple[tuple[str, str, str], dict[str, Value]]]:
    found = [
        (("conda", package.name, lock.platform), _describe_conda(package, lock.platform))
        for package in lock.packages
    ]
    if pip:
        found += [
            (("pip", package.name, lock.platform), _describe_pip(package, lock))
            for package in lock.pip
        ]
    return found


def _describe_conda(package: PackageRecord, platform: str) -> dict[str, Value]:
    hashes = {"md5": package.md5, "sha256": package.sha256}
    return {
        "name": package.name,
        "version": package.version,
        "manager": "conda",
        "platform": platform,
        "dependencies": _name_dependencies(package.depends),
        "url": package.url,
        "hash": {kind: digest for kind, digest in hashes.items() if digest},
        "build": package.build,
        "category": "main",
        "optional": False,
    }


def _name_dependencies(depends: Sequence[str]) -> dict[str, Value]:
    """State dependencies as name and constraint; of two on one name the first remains."""
    found: dict[str, Value] = {}
    for depend in sorted(depends):
        name, _, constraint = depend.partition(" ")
        found.setdefault(name, constraint)
    return found


def _describe_pip(package: PipPackage, lock: Lock) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "name": package.name,
        "version": package.version,
        "manager": "pip",
        "platform": lock.platform,
        "dependencies": _name_requirements(package, lock),
        "url": package.direct_url or package.url or "",
        "hash": _describe_hash(package),
    }
    if package.direct_url:
        entry["source"] = {"type": "url", "url": with_hash(package.direct_url, package.sha256)}
    return {**entry, "category": "main", "optional": False}


def _describe_hash(package: PipPackage) -> dict[str, Value]:
    """State the hash; of a repository the commit, in its place, as conda-lock does.

    micromamba refuses the whole file where this is empty.
    """
    match = _COMMIT.search(package.direct_url or "")
    digest = match["commit"] if match else package.sha256
    return {"sha256": digest} if digest else {}


def _name_requirements(package: PipPackage, lock: Lock) -> dict[str, Value]:
    """State what a pip package requires of what is there; markers have been decided by that."""
    if not package.requires_dist:
        return {}
    from packaging.requirements import InvalidRequirement, Requirement

    there = {p.name for p in lock.pip} | {p.name for p in lock.packages}
    found: dict[str, Value] = {}
    for text in package.requires_dist:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        name = normalise_name(wanted.name)
        if name in there and not (wanted.marker and "extra" in str(wanted.marker)):
            found.setdefault(name, str(wanted.specifier) or "*")
    return dict(sorted(found.items()))
