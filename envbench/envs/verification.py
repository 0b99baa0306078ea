"""Every file of a prefix compared with what its installers recorded.

Conda's packages are held against `conda-meta`, pip's against their RECORD. Nothing outside of the
prefix is read: links are compared as links.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from envbench.envs.distributions import PipPart, read_pip_part
from envbench.envs.file_checks import PrefixLinks, check_file
from envbench.envs.prefix_records import (
    DamagedRecord,
    PrefixRecords,
    RecordedPath,
    read_prefix_records,
)

_BATCH = 256


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One file that is not as it was installed."""

    path: str
    """Relative to the prefix."""
    package: str
    """The conda package or pip distribution that it belongs to."""
    why: str
    """In words: `its content differs`, ..."""

    def __str__(self) -> str:
        return f"{self.path} ({self.package}): {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixVerification:
    """What came of comparing a prefix with its records."""

    prefix: Path
    conda_packages: int
    pip_packages: int
    checked_files: int
    checked_bytes: int
    """Bytes that were hashed."""
    missing: tuple[FileFinding, ...]
    changed: tuple[FileFinding, ...]
    byte_code: tuple[FileFinding, ...] = ()
    """Byte code that Python has written anew since; it does so by itself, and it is no fault."""
    unchecked: int
    """Files that exist, but whose content nobody recorded (byte code, old packages)."""
    damaged_records: tuple[DamagedRecord, ...]
    outside: tuple[FileFinding, ...] = ()
    """RECORD lines of pip distributions that lead out of the prefix; not followed."""
    extra: tuple[str, ...] = ()
    """Files that belong to no package; only when asked for."""

    @property
    def is_fine(self) -> bool:
        """Whether every recorded file is there and as recorded."""
        return not (self.missing or self.changed or self.damaged_records)


_Task = tuple[str, RecordedPath]
"""Package and file: there are tens of thousands of them."""


@dataclass(slots=True)
class _Tally:
    missing: list[FileFinding] = field(default_factory=list)
    changed: list[FileFinding] = field(default_factory=list)
    byte_code: list[FileFinding] = field(default_factory=list)
    files: int = 0
    hashed_bytes: int = 0
    unchecked: int = 0


def verify_prefix(
    prefix: Path,
    *,
    extra: bool = False,
    shallow: bool = False,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PrefixVerification:
    """Compare every file of a prefix with its records.

    Args:
        prefix: The environment.
        extra: Also list the files that belong to no package.
        shallow: Compare existence, kind and size only, no content.
        threads: How many hash at once; None takes the number of cores, at most 8.
        on_progress: Told (files done, files in all) now and then, on the calling thread.
    """
    records = read_prefix_records(prefix)
    return verify_records(
        records,
        read_pip_part(records),
        extra=extra,
        shallow=shallow,
        threads=threads,
        on_progress=on_progress,
    )


def verify_records(
    records: PrefixRecords,
    pip: PipPart,
    *,
    extra: bool = False,
    shallow: bool = False,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> PrefixVerification:
    """Compare a prefix with records that have been read already; see `verify_prefix`."""
    tasks = _list_tasks(records, pip)
    recorded = {item.path: item for _, item in tasks}
    links = PrefixLinks(records.prefix, recorded)
    tally = _Tally()
    batches = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
    workers = threads or min(8, len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(lambda batch: _check_batch(batch, links, shallow), batches):
            _add(tally, part)
            on_progress(tally.files, len(tasks))
    return PrefixVerification(
        prefix=records.prefix,
        conda_packages=len(records.packages),
        pip_packages=len(pip.distributions),
        checked_files=tally.files,
        checked_bytes=tally.hashed_bytes,
        missing=tuple(tally.missing),
        changed=tuple(tally.changed),
        byte_code=tuple(tally.byte_code),
        unchecked=tally.unchecked,
        damaged_records=records.damaged + _damaged_pip(records.prefix, pip),
        outside=_outside(pip),
        extra=tuple(list_extra_files(records.prefix, set(recorded))) if extra else (),
    )


def list_extra_files(prefix: Path, known: set[str]) -> Iterator[str]:
    """List the files of a prefix that no record names, byte code and our own marks left out.

    Args:
        prefix: The environment.
        known: Recorded paths, relative to the prefix.
    """
    root = os.fspath(prefix)
    for folder, folders, files in os.walk(root):
        inside = os.path.relpath(folder, root)
        if inside == ".":
            folders[:] = [name for name in folders if name != "conda-meta"]
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*files, *links]):
            path = name if inside == "." else f"{inside}/{name}"
            if path not in known and not (inside == "." and name.startswith(".envbench-")):
                yield path


def _list_tasks(records: PrefixRecords, pip: PipPart) -> list[_Task]:
    tasks: list[_Task] = []
    for package in records.packages:
        tasks += zip(repeat(package.record.name), package.paths, strict=False)
    for distribution in pip.distributions:
        tasks += zip(repeat(distribution.package.name), distribution.paths, strict=False)
    return tasks


def _damaged_pip(prefix: Path, pip: PipPart) -> tuple[DamagedRecord, ...]:
    return tuple(DamagedRecord(prefix / info, why) for info, why in pip.damaged)


def _outside(pip: PipPart) -> tuple[FileFinding, ...]:
    return tuple(
        FileFinding(path, distribution.package.name, "it lies outside of the prefix")
        for distribution in pip.distributions
        for path in distribution.outside
    )


def _add(tally: _Tally, part: _Tally) -> None:
    tally.missing += part.missing
    tally.changed += part.changed
    tally.byte_code += part.byte_code
    tally.files += part.files
    tally.hashed_bytes += part.hashed_bytes
    tally.unchecked += part.unchecked


def _check_batch(batch: Sequence[_Task], links: PrefixLinks, shallow: bool) -> _Tally:
    tally = _Tally(files=len(batch))
    for package, item in batch:
        try:
            outcome = check_file(item, links, shallow=shallow)
        except (FileNotFoundError, NotADirectoryError):
            if not item.path.endswith(".pyc"):
                tally.missing.append(FileFinding(item.path, package, "it is missing"))
            continue
        except OSError as problem:
            outcome = f"it cannot be read: {os.strerror(problem.errno or 0)}"
        if outcome is None:
            tally.unchecked += 1
        elif isinstance(outcome, int):
            tally.hashed_bytes += outcome
        else:
            findings = tally.byte_code if item.path.endswith(".pyc") else tally.changed
            findings.append(FileFinding(item.path, package, outcome))
    return tally
