"""Every file of a prefix compared with what its installers recorded.

Conda's packages are held against `conda-meta`, pip's against their RECORD. Nothing outside of the
prefix is read: links are compared as links.
"""

import hashlib
import os
import posixpath
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from envbench.envs.distributions import PipPart, read_pip_part
from envbench.envs.prefix_records import (
    DamagedRecord,
    PrefixRecords,
    RecordedPath,
    read_prefix_records,
)
from envbench.envs.record_paths import join_inside

_BATCH = 128
_CHUNK_BYTES = 1024 * 1024
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


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


@dataclass(frozen=True, slots=True)
class _Task:
    package: str
    item: RecordedPath


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
    tasks = list(_tasks(records, pip))
    links = _Links(records.prefix, {task.item.path: task.item for task in tasks})
    tally = _Tally()
    batches = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
    workers = threads or min(8, len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(lambda batch: _check_batch(batch, links, shallow), batches):
            _add(tally, part)
            on_progress(tally.files, len(tasks))
    known = {task.item.path for task in tasks}
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
        extra=tuple(list_extra_files(records.prefix, known)) if extra else (),
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


def _tasks(records: PrefixRecords, pip: PipPart) -> Iterator[_Task]:
    for package in records.packages:
        yield from (_Task(package.record.name, item) for item in package.paths)
    for distribution in pip.distributions:
        yield from (_Task(distribution.package.name, item) for item in distribution.paths)


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


def _check_batch(batch: Sequence[_Task], links: "_Links", shallow: bool) -> _Tally:
    tally = _Tally()
    for task in batch:
        tally.files += 1
        is_byte_code = task.item.path.endswith(".pyc")
        try:
            fault = _check(task.item, links, shallow, tally)
        except (FileNotFoundError, NotADirectoryError):
            if not is_byte_code:
                tally.missing.append(FileFinding(task.item.path, task.package, "it is missing"))
            continue
        except OSError as problem:
            fault = f"it cannot be read: {os.strerror(problem.errno or 0)}"
        if fault:
            findings = tally.byte_code if is_byte_code else tally.changed
            findings.append(FileFinding(task.item.path, task.package, fault))
    return tally


def _check(item: RecordedPath, links: "_Links", shallow: bool, tally: _Tally) -> str:
    """Compare one file; give what is wrong with it, or nothing."""
    path = f"{links.root}/{item.path}"
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return links.check(item)
    fault = _compare_kind(item, status.st_mode)
    if fault or item.kind == "directory":
        return fault
    if not links.is_inside(item.path):
        return "a link in its path leads out of the prefix"
    if item.sha256 is None:
        tally.unchecked += 1
        return ""
    if item.size_bytes is not None and status.st_size != item.size_bytes:
        return f"its size differs: {status.st_size} bytes, recorded were {item.size_bytes}"
    return "" if shallow else _compare_content(path, item.sha256, tally)


def _compare_kind(item: RecordedPath, mode: int) -> str:
    if item.kind == "softlink":
        return "it was a link and is none any more"
    if item.kind == "directory":
        return "" if stat.S_ISDIR(mode) else "it is no directory any more"
    return "" if stat.S_ISREG(mode) else "it is no regular file any more"


def _compare_content(path: str, sha256: str, tally: _Tally) -> str:
    digest, size = _hash_file(path)
    tally.hashed_bytes += size
    return "" if digest == sha256 else "its content differs"


def _hash_file(path: str) -> tuple[str, int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        digest, size = hashlib.sha256(), 0
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
        return digest.hexdigest(), size
    finally:
        os.close(descriptor)


class _Links:
    """Links of a prefix, compared by their text with the records of what they point to."""

    def __init__(self, prefix: Path, recorded: dict[str, RecordedPath]) -> None:
        self.root = os.fspath(prefix)
        self._recorded = recorded
        self._real_root = os.path.realpath(prefix)
        self._inside: dict[str, bool] = {}
        self._lock = threading.Lock()

    def is_inside(self, path: str) -> bool:
        """Tell whether the directories of a path are real or lead back into the prefix."""
        folder = posixpath.dirname(path)
        with self._lock:
            known = self._inside.get(folder)
        if known is None:
            real = os.path.realpath(f"{self.root}/{folder}")
            known = real == self._real_root or real.startswith(self._real_root + "/")
            with self._lock:
                self._inside[folder] = known
        return known

    def check(self, item: RecordedPath) -> str:
        """Compare a link; give what is wrong with it, or nothing."""
        if item.kind not in {"softlink", "pip"}:
            return "it became a link" if item.sha256 else ""
        if item.kind == "pip" and not self.is_inside(item.path):
            return "a link in its path leads out of the prefix"
        target = os.readlink(f"{self.root}/{item.path}")  # noqa: PTH115  # 3 times as fast
        expected = {item.sha256, item.original_sha256} - {None, _EMPTY_SHA256}
        # rattler records the digest of the link's text, conda that of the file behind it.
        if not expected or hashlib.sha256(os.fsencode(target)).hexdigest() in expected:
            return ""
        inside = join_inside(posixpath.dirname(item.path), target)
        if inside is None:
            return "it leads out of the prefix"
        return self._compare_behind(inside, expected)

    def _compare_behind(self, inside: str, expected: set[str | None]) -> str:
        behind = self._recorded.get(inside)
        if behind is not None:
            known = {behind.sha256, behind.original_sha256} - {None}
            if behind.kind == "softlink" or not known or known & expected:
                return ""
            return f"it points to another file: {inside}"
        path = f"{self.root}/{inside}"
        if Path(path).is_dir():
            return ""
        if not self.is_inside(inside):
            return "it leads out of the prefix"
        return "" if _hash_file(path)[0] in expected else f"it points to another file: {inside}"
