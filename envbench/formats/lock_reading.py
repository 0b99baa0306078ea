"""Tells which format a lock file has, and reads it."""

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from envbench.formats.lock_names import warn_about_name
from envbench.model.errors import NotFineError, UsageError
from envbench.model.lazy_patterns import lazy_pattern
from envbench.model.locked_set import LockedSet, LockProblem, LockReading
from envbench.model.severity import Severity

MARK = "@EXPLICIT"
_CONDA_LOCK = lazy_pattern(r"(?ms)(?=.*^package *:).*^(?:version|metadata) *:")
_PINS = lazy_pattern(r"(?m)^ {0,3}- *[\"']?(?:\S+::|[A-Za-z0-9._-]+==)|^ +- [\"']?-")
_PIXI = lazy_pattern(r"(?m)^environments *:")
_OLD_PIXI = lazy_pattern(r"(?m)^version *: *[2-5] *$")
_READERS = {
    "explicit": ("explicit", "read_explicit"),
    "pylock": ("pylock", "read_pip_lock"),
    "pixi": ("pixi_lock_reading", "read_pixi_lock"),
    "conda-lock": ("conda_lock_reading", "read_conda_lock"),
    "environment-yml": ("environment_lock_reading", "read_environment_lock"),
    "environment-lock": ("environment_lock_reading", "read_environment_lock"),
    "requirements": ("requirement_lines", "read_requirements"),
}
"""Format to module and function; a module is loaded when its format is read."""

_LOCK_ENDS = (".lock.yml", ".lock.yaml")


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
    if re.fullmatch(r"pylock.*\.toml", base) or re.search(r"(?m)^lock-version\s*=", text):
        return "pylock"
    if _PIXI.search(text):
        return "pixi"
    if _CONDA_LOCK.search(text):
        return "pixi" if _OLD_PIXI.search(text) else "conda-lock"
    # An environment without packages has a name and no more; others have such a key, too.
    keys = "dependencies|channels|name" if base.endswith(_LOCK_ENDS) else "dependencies|channels"
    if re.search(rf"(?m)^(?:{keys})\s*:", text):
        return "environment-yml" if _PINS.search(text) else "environment-lock"
    if base.endswith((".txt", ".in", ".lock")) and _looks_like_requirements(text):
        return "requirements"
    raise UsageError(
        "this is no lock file that is known",
        where=file_name,
        why=f"It has neither {MARK}, nor `lock-version`, nor `dependencies`, nor lines of"
        " `name==version`.",
        hint="Take a file that `envbench lock` wrote, or that conda, conda-lock, pixi, uv or pip did.",
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
        reading = _load(*_READERS[form])(text)
    except UsageError as fault:
        # The readers know texts only, not what the user calls the file.
        raise UsageError(fault.what, where=file_name, why=fault.why, hint=fault.hint) from fault
    warning = warn_about_name(form, file_name)
    if warning:
        problems = (*reading.problems, LockProblem(Severity.WARNING, warning))
        reading = replace(reading, problems=problems)
    return form, reading


def _load(module: str, function: str) -> Callable[[str], LockReading]:
    read: Callable[[str], LockReading] = getattr(
        import_module(f"envbench.formats.locks.{module}"), function
    )
    return read


def _looks_like_requirements(text: str) -> bool:
    from envbench.formats.locks.requirement_lines import looks_like_requirements

    return looks_like_requirements(text)


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
