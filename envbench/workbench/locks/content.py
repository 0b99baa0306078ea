"""What a lock file on disk says, that of the conda part beside a lock of the pip part included."""

from dataclasses import dataclass
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.errors import UsageError
from envbench.model.locked_set import LockAspect, LockedSet, LockReading
from envbench.workbench.locks.lock_file import read_lock_file
from envbench.workbench.path_texts import show_path


@dataclass(frozen=True, slots=True, kw_only=True)
class LockContent:
    """A lock that can be relied on."""

    format: str
    sets: tuple[LockedSet, ...]
    """One for each platform, in the order of the file."""
    warnings: tuple[str, ...] = ()
    """What is worth knowing of the file, in words, with its place."""

    @property
    def known(self) -> frozenset[LockAspect]:
        """What it can say at all."""
        return self.sets[0].kept

    def for_platform(self, platform: str) -> LockedSet | None:
        """Return what is locked for a platform; a set that names none is for any."""
        wanted = {platform, None}
        return next((locked for locked in self.sets if locked.platform in wanted), None)


def read_lock_content(path: Path) -> LockContent:
    """Read a lock file; a lock of the pip part is followed to the one that it names beside it.

    Raises:
        UsageError: It cannot be read, or is no lock.
        NotFineError: It has errors; each is named with its line.
    """
    form, reading, _ = _read(path)
    warnings = [problem.describe(show_path(path)) for problem in reading.problems]
    sets = reading.sets
    if reading.locked.conda_lock is not None:
        name, sha256 = reading.locked.conda_lock
        sets, more = _join(reading, path.parent / Path(name).name, sha256)
        warnings += more
    return LockContent(format=form, sets=sets, warnings=tuple(warnings))


def _join(
    reading: LockReading, beside: Path, sha256: str
) -> tuple[tuple[LockedSet, ...], list[str]]:
    try:
        _, conda, digest = _read(beside)
    except UsageError as fault:
        why = clean(fault.why or fault.what, limit=200)
        return reading.sets, [f"{show_path(beside)}: the lock of the conda part: {why}"]
    # Loaded only where there are two files: it takes longer than reading one.
    from envbench.model.lock_verdicts.side import join_pip_lock

    sets = tuple(join_pip_lock(reading.locked, each) for each in conda.sets)
    if digest == sha256:
        return sets, []
    return sets, [f"{show_path(beside)}: has changed since the lock of the pip part was written"]


def _read(path: Path) -> tuple[str, LockReading, str]:
    found = read_lock_file(path, show_path(path))
    return found.format, found.reading, found.sha256
