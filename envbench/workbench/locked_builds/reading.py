"""Lock files read for a build: the conda part, the pip part, and what binds them together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.files import read_text_file
from envbench.formats.lock_reading import read_lock_text, require_sound
from envbench.model.build import LockedInput
from envbench.model.cleaning import clean
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lock_from_set import lock_of_set
from envbench.model.locked_set import LockAspect, LockedSet, LockProblem
from envbench.model.problem import Severity
from envbench.workbench.locks.limits import LOCK_LIMIT_BYTES

_LIKE_SPECS = frozenset({"environment-yml", "environment-lock"})
_LOCK_ENDS = (".lock.yml", ".lock.yaml")


@dataclass(frozen=True, slots=True)
class LockPart:
    """One lock file, and what it says of one platform."""

    file: Path
    path: str
    """As shown in messages."""
    sha256: str
    format: str
    locked: LockedSet
    warnings: tuple[str, ...]
    """What is wrong with it and does not keep it from being built, one line each."""

    @property
    def has_conda(self) -> bool:
        """Whether it locks the conda part; an empty one counts where there is nothing else."""
        return LockAspect.CONDA in self.locked.kept

    @property
    def has_pip(self) -> bool:
        """Whether it locks pip packages."""
        return bool(self.locked.pip) or not self.has_conda


def read_locked_input(
    files: Sequence[Path], platform: str, places: Mapping[str, Path]
) -> tuple[LockedInput, tuple[str, ...]]:
    """Read the lock of an environment for one platform.

    Args:
        files: One that locks the conda part, and perhaps one that locks the pip part.
        platform: conda subdir of the box.
        places: What lies on this box already, by address.

    Returns:
        The lock, and warnings, one line each.

    Raises:
        UsageError: A file cannot be read, or they do not make one environment.
        NotFineError: A lock cannot be relied on, or has nothing for the platform.
    """
    parts = [read_lock_part(file, platform) for file in files]
    if len(parts) == 1 and not parts[0].has_conda:
        parts.insert(0, _read_conda_part(parts[0], platform))
    conda, pip = _tell_apart(parts)
    if pip is not None:
        _check_bond(conda, pip)
    says = _join(conda.locked, pip.locked if pip else None)
    lock = lock_of_set(says)
    locked = LockedInput(
        path=conda.path,
        sha256=conda.sha256,
        format=conda.format,
        platform=platform,
        packages=lock.packages,
        pip=lock.pip,
        indexes=lock.indexes,
        pip_path=(pip or conda).path,
        says=_without_records(says),
        places=tuple((url, place.absolute().as_uri()) for url, place in places.items()),
    )
    return locked, tuple(warning for part in parts for warning in part.warnings)


def read_lock_part(file: Path, platform: str) -> LockPart:
    """Read one lock file for a platform.

    Raises:
        UsageError: It cannot be read, or is no lock.
        NotFineError: It cannot be relied on, or has nothing for the platform.
    """
    path = clean(str(file))
    if not file.exists() and "/" not in str(file) and not file.suffix:
        raise UsageError(
            "there is no such file",
            where=path,
            hint=f"If it is an environment, lock it first: envbench lock {path} --format conda-lock"
            " -o conda-lock.yml",
        )
    found = read_text_file(file, limit_bytes=LOCK_LIMIT_BYTES, what="lock")
    form, reading = read_lock_text(found.text, path)
    if form in _LIKE_SPECS and not reading.is_sound and not path.endswith(_LOCK_ENDS):
        raise UsageError(
            "this is a spec, no lock: not every line of it names one version",
            where=path,
            hint=f"envbench build {path} solves it and builds; envbench lock {path} locks it",
        )
    require_sound(reading, path)
    locked = reading.for_platform(platform)
    if locked is None:
        has = ", ".join(each.platform or "any platform" for each in reading.sets)
        raise NotFineError(
            f"the lock has nothing for {platform}, the platform of this box",
            where=path,
            why=f"It locks {has}.",
            hint=f"Make a lock that has it: envbench lock SPEC --platform {platform}",
        )
    warnings = tuple(_warnings(reading.problems, path))
    return LockPart(file, path, hashlib.sha256(found.raw).hexdigest(), form, locked, warnings)


def _warnings(problems: Sequence[LockProblem], path: str) -> list[str]:
    return [each.describe(path) for each in problems if each.severity is Severity.WARNING]


def _read_conda_part(pip: LockPart, platform: str) -> LockPart:
    """Read the lock of the conda part that a lock of the pip part names."""
    if pip.locked.conda_lock is None:
        raise UsageError(
            "this locks the pip part only; without a conda part there is no Python to install it in",
            where=pip.path,
            hint=f"Give the lock of the conda part as well: --from explicit.txt --from {pip.path}",
        )
    name, _ = pip.locked.conda_lock
    if "/" in name or name in {"", ".", ".."}:
        raise UsageError(
            "the lock of the conda part must lie beside that of the pip part",
            where=pip.path,
            why=f"It is named as {clean(name, limit=120)!r}.",
            hint=f"Give both: --from CONDA_LOCK --from {pip.path}",
        )
    return read_lock_part(pip.file.with_name(name), platform)


def _tell_apart(parts: Sequence[LockPart]) -> tuple[LockPart, LockPart | None]:
    conda = [part for part in parts if part.has_conda]
    pip = [part for part in parts if part.has_pip]
    if len(conda) == 1 and len(pip) <= 1:
        other = pip[0] if pip and pip[0] is not conda[0] else None
        return conda[0], other
    twice, what = (conda, "conda") if len(conda) != 1 else (pip, "pip")
    if not twice:
        raise UsageError(
            "none of these locks the conda part; without one there is no Python to install in",
            where=", ".join(part.path for part in parts),
            hint="Give one that does: --from explicit.txt --from pylock.toml",
        )
    raise UsageError(
        f"more than one of these locks {what} packages",
        where=", ".join(part.path for part in twice),
        hint="Give one lock of the conda part and, where that has no pip part, one of the pip part.",
    )


def _check_bond(conda: LockPart, pip: LockPart) -> None:
    """Make sure that a lock of the pip part goes with this lock of the conda part."""
    if pip.locked.conda_lock is None or pip.locked.conda_lock[1] == conda.sha256:
        return
    name, sha256 = pip.locked.conda_lock
    raise NotFineError(
        f"this goes with another {clean(name, limit=120)} than {conda.path}",
        where=pip.path,
        why=f"It was made beside one with the sha256 {clean(sha256, limit=80)}; this one has"
        f" {conda.sha256}.",
        hint="Make both locks again, together.",
    )


def _join(conda: LockedSet, pip: LockedSet | None) -> LockedSet:
    if pip is None:
        return conda
    return replace(
        conda,
        kept=conda.kept | pip.kept,
        name=conda.name or pip.name,
        channels=conda.channels or pip.channels,
        pip=pip.pip,
        indexes=pip.indexes or conda.indexes,
        variables=conda.variables or pip.variables,
    )


def _without_records(says: LockedSet) -> LockedSet:
    return replace(
        says,
        packages=tuple(replace(package, record=None) for package in says.packages),
        pip=tuple(replace(package, record=None) for package in says.pip),
        conda_lock=None,
    )
