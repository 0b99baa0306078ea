"""Tells which format a lock file has, and reads it."""

import re

from envbench.formats.locks.conda_lock_reading import read_conda_lock
from envbench.formats.locks.environment_lock_reading import read_environment_lock
from envbench.formats.locks.explicit import MARK, read_explicit
from envbench.formats.locks.pixi_lock_reading import read_pixi_lock
from envbench.formats.locks.pylock import read_pip_lock
from envbench.formats.locks.requirement_lines import (
    looks_like_requirements,
    read_requirements,
)
from envbench.model.errors import NotFineError, UsageError
from envbench.model.locked_set import LockedSet, LockReading
from envbench.model.problem import Severity

_CONDA_LOCK = re.compile(r"(?m)^package *:|^metadata *:")
_PINS = re.compile(r"(?m)^ {0,3}- *[\"']?(?:\S+::|[A-Za-z0-9._-]+==)|^ +- [\"']?-")
_PIXI = re.compile(r"(?m)^environments *:")
_READERS = {
    "explicit": read_explicit,
    "pylock": read_pip_lock,
    "pixi": read_pixi_lock,
    "conda-lock": read_conda_lock,
    "environment-yml": read_environment_lock,
    "environment-lock": read_environment_lock,
    "requirements": read_requirements,
}


def detect_lock_format(text: str, file_name: str) -> str:
    """Name the format of a lock file, by what it says and, for TOML, by its name.

    Returns:
        `explicit`, `pylock`, `pixi`, `conda-lock`, `environment-lock` or `requirements`.

    Raises:
        UsageError: None of these.
    """
    base = file_name.rpartition("/")[2]
    if re.search(rf"(?m)^\s*{MARK}\s*$", text):
        return "explicit"
    if base.endswith(".toml") or re.search(r"(?m)^lock-version\s*=", text):
        return "pylock"
    if _PIXI.search(text):
        return "pixi"
    if _CONDA_LOCK.search(text):
        return "conda-lock"
    if re.search(r"(?m)^(?:dependencies|channels|name)\s*:", text):
        return "environment-yml" if _PINS.search(text) else "environment-lock"
    if base.endswith((".txt", ".in", ".lock")) and looks_like_requirements(text):
        return "requirements"
    raise UsageError(
        "this is no lock file that is known",
        where=file_name,
        why=f"It has neither {MARK}, nor `lock-version`, nor `dependencies`.",
    )


def read_lock_text(text: str, file_name: str) -> tuple[str, LockReading]:
    """Read a lock file of any known format.

    Returns:
        The format, and what was read, problems included.

    Raises:
        UsageError: The format is not known, or the file has no shape of any kind.
    """
    form = detect_lock_format(text, file_name)
    try:
        return form, _READERS[form](text)
    except UsageError as fault:
        # The readers know texts only, not what the user calls the file.
        raise UsageError(fault.what, where=file_name, why=fault.why, hint=fault.hint) from fault


def require_sound(reading: LockReading, file_name: str) -> LockedSet:
    """Return what a lock says when it can be relied on.

    Raises:
        NotFineError: It has errors; each is named with its line.
    """
    if reading.is_sound:
        return reading.locked
    errors = [p.describe(file_name) for p in reading.problems if p.severity is Severity.ERROR]
    raise NotFineError(
        "the lock cannot be relied on", where=file_name, why="\n".join(errors[:20]),
        hint="Make the lock again; do not mend it by hand.",
    )  # fmt: skip
