"""The pip part of a lock as `pylock.toml`, with a lock of the conda part beside it.

One file is for one platform. The format could hold several through markers, but two platforms may
need two versions of one name, and whether they are told apart is up to each consumer.

Source: PEP 751; every package needs a source and, unless it is a source tree, a hash.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envbench.formats.locks.addressing import say_unchecked
from envbench.formats.locks.conda_companion import (
    find_companion_losses,
    write_companion,
)
from envbench.formats.locks.pylock_own import KEPT_BY_TABLE, describe_own_table, read_own_table
from envbench.formats.locks.pylock_source import PylockRefusal, describe_source
from envbench.formats.pylock_part import PylockPackage, read_pylock
from envbench.formats.python_version import python_of
from envbench.formats.toml_text import write_toml
from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.export_options import ExportOptions
from envbench.model.lock import ExportedFile, Lock, Loss, PipPackage
from envbench.model.locked_set import LockAspect, LockedPip, LockedSet, LockProblem, LockReading
from envbench.model.problem import Severity

KEPT = KEPT_BY_TABLE | {
    LockAspect.PIP,
    LockAspect.PIP_ADDRESS,
    LockAspect.PIP_HASH,
    LockAspect.PIP_DIRECT,
    LockAspect.PIP_EDITABLE,
    LockAspect.PIP_INDEX,
}
FILE_NAME = "pylock.toml"
_MOST_NAMED = 5
_MARKERS = {
    "linux-32": ("linux", "i686"),
    "linux-64": ("linux", "x86_64"),
    "linux-aarch64": ("linux", "aarch64"),
    "linux-ppc64le": ("linux", "ppc64le"),
    "linux-riscv64": ("linux", "riscv64"),
    "linux-s390x": ("linux", "s390x"),
    "osx-64": ("darwin", "x86_64"),
    "osx-arm64": ("darwin", "arm64"),
    "win-64": ("win32", "AMD64"),
    "win-arm64": ("win32", "ARM64"),
}
"""What Python says of itself on conda's platforms: `sys.platform` and `platform.machine()`."""


def write(locks: Sequence[Lock], options: ExportOptions) -> tuple[ExportedFile, ...]:
    """Write the pip packages of a lock, and its conda packages as a file beside.

    Raises:
        UsageError: The format cannot name a package: its address or hash is not known.
    """
    del options
    lock = locks[0]
    companion = write_companion(lock)
    document = {
        "lock-version": "1.0",
        "environments": _describe_platform(lock.platform),
        "requires-python": _describe_python(lock),
        "created-by": "envbench",
        "packages": _describe_packages(lock.pip),
        "tool": {"envbench": describe_own_table(lock, companion)},
    }
    file = ExportedFile(FILE_NAME, write_toml(document))
    return (file, companion.file) if companion else (file,)


def find_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell why there is no file beside, and which packages keep pip from reading this one."""
    unhashed = tuple(sorted(p.name for p in lock.pip if p.direct_url and not p.sha256))
    losses = find_companion_losses(lock)
    if not unhashed or len(unhashed) == len(lock.pip):
        return losses
    why = (
        "uv installs the file; pip (26.3) refuses it, because it wants hashes of all packages or of"
        " none, and a repository or folder has none."
    )
    return (*losses, Loss("pip as a consumer", unhashed, why))


def read_pip_lock(text: str) -> LockReading:
    """Read the packages of a `pylock.toml`.

    Raises:
        UsageError: It is none, or of an unknown version, or names a package twice.
    """
    packages = read_pylock(text)
    pip = sorted(map(_to_locked, packages), key=lambda p: p.name)
    reading = read_own_table(text, LockedSet(kept=KEPT, pip=tuple(pip)))
    faults = tuple(
        LockProblem(Severity.ERROR, clean(fault)) for p in packages for fault in _find_faults(p)
    )
    return replace(reading, problems=(*reading.problems, *faults))


def _find_faults(package: PylockPackage) -> Iterator[str]:
    """Say what keeps a package from being installed as it is locked."""
    if "marker" in package.table:
        yield (
            f"{package.name} is for some environments only; a lock is of one. Compile it for one"
            " platform and Python"
        )
    kinds = {each.partition(":")[0] for each in package.hashes}
    if kinds and "sha256" not in kinds:
        yield say_unchecked(package.name, kinds)


def _describe_platform(platform: str) -> list[str] | None:
    known = _MARKERS.get(platform)
    return [f"sys_platform == '{known[0]}' and platform_machine == '{known[1]}'"] if known else None


def _describe_python(lock: Lock) -> str | None:
    """Say for which Python the packages were chosen; wheels and markers hang on its series."""
    python = python_of(lock)
    try:
        version = Version(python) if python else None
    except InvalidVersion:
        return None
    # A specifier without a pre-release accepts none.
    is_known = version is not None and not version.is_prerelease
    return f"=={version.major}.{version.minor}.*" if version and is_known else None


def _describe_packages(packages: Sequence[PipPackage]) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = []
    refused: dict[str, list[str]] = {}
    for package in sorted(packages, key=lambda package: package.name):
        try:
            tables.append(describe_source(package))
        except PylockRefusal as refusal:
            refused.setdefault(refusal.reason, []).append(package.name)
    if refused:
        raise _refuse(refused)
    return tables


def _refuse(refused: dict[str, list[str]]) -> UsageError:
    names = sorted(name for group in refused.values() for name in group)
    why = "; ".join(f"{reason}: {_some(group)}" for reason, group in refused.items())
    return UsageError(
        f"{FILE_NAME} cannot name {_some(names)}",
        why=f"The format wants an address and a hash for each package. {why}.",
        hint="Make the lock where the package index can be asked: it is looked up there what the"
        " installer did not keep. Or choose a format that names versions only: requirements,"
        " environment-lock.",
    )


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _to_locked(package: PylockPackage) -> LockedPip:
    # Of several wheels, which one is meant depends on where it is installed.
    file = package.wheels[0] if len(package.wheels) == 1 else None
    if not package.wheels:
        file = package.sdist
    own = package.table.get("tool", {}).get("envbench", {})
    archive = next((h[7:] for h in package.direct_hashes if h.startswith("sha256:")), None)
    known = None if package.direct else file
    record = PipPackage(
        name=canonicalize_name(package.name),
        version=package.version or str(own.get("version", "")),
        url=known.url if known else None,
        sha256=known.sha256 if known else archive,
        direct_url=str(own.get("address", package.direct)) if package.direct else None,
        editable=package.editable,
        index_url=package.index,
        size_bytes=known.size_bytes if known else _archive_size(package),
        requires_python=package.requires_python,
    )
    return LockedPip(
        name=record.name,
        version=record.version,
        url=record.url,
        sha256=record.sha256,
        direct_url=record.direct_url,
        editable=record.editable,
        index_url=record.index_url,
        accepted=() if package.direct or file else _list_digests(package),
        record=record,
    )


def _list_digests(package: PylockPackage) -> tuple[str, ...]:
    """List the sha256 of all files, each of which an installer may take."""
    found = (h[7:].lower() for h in package.hashes if h.startswith("sha256:"))
    return tuple(dict.fromkeys(found))


def _archive_size(package: PylockPackage) -> int | None:
    size = package.table.get("archive", {}).get("size")
    return size if isinstance(size, int) else None
