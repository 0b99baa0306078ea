"""`[tool.envbench]` of a `pylock.toml`: what belongs to the environment beside its pip packages.

Installers pass it over; with it and the file that it names, the lock is that of the whole
environment.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from envbench.formats.locks.conda_companion import CondaCompanion, check_pointer
from envbench.model.cleaning import clean
from envbench.model.lock import Lock
from envbench.model.locked_set import (
    LockAspect,
    LockedSet,
    LockProblem,
    LockReading,
    list_indexes,
)
from envbench.model.problem import Severity

KEPT_BY_TABLE = frozenset(
    {
        LockAspect.NAME,
        LockAspect.PLATFORM,
        LockAspect.CHANNEL_ORDER,
        LockAspect.CHANNEL_NAME,
        LockAspect.VARIABLES,
        LockAspect.INDEXES,
    }
)
"""What the table says; a file of another tool is silent about it, which means nothing."""


def describe_own_table(lock: Lock, companion: CondaCompanion | None) -> dict[str, Any]:
    """Describe what the standard has no place for; None where there is nothing to say."""
    pointer = {"file": companion.file.path, "sha256": companion.sha256} if companion else None
    return {
        "name": lock.name or None,
        "platform": lock.platform or None,
        "channels": list(lock.channels) or None,
        "indexes": list(list_indexes(lock)) or None,
        "variables": dict(sorted(lock.variables)) or None,
        "conda-lock": pointer,
    }


def read_own_table(text: str, locked: LockedSet) -> LockReading:
    """Add what the table says to what was read of the packages.

    Args:
        text: Of the whole file, which is TOML.
        locked: The packages.
    """
    tool = tomllib.loads(text).get("tool")
    own = tool.get("envbench") if isinstance(tool, Mapping) else None
    if own is None:
        return LockReading(replace(locked, kept=locked.kept - KEPT_BY_TABLE), ())
    if not isinstance(own, Mapping):
        return LockReading(locked, (_error("[tool.envbench] is no table"),))
    problems: tuple[LockProblem, ...] = ()
    conda_lock = None
    pointer = own.get("conda-lock")
    if pointer is not None:
        name, digest = _read_pointer(pointer)
        problems = check_pointer(name, digest)
        conda_lock = None if problems else (name, digest)
    variables = own.get("variables")
    read = replace(
        locked,
        name=_text(own.get("name")) or None,
        platform=_text(own.get("platform")) or None,
        channels=_texts(own.get("channels")),
        indexes=_texts(own.get("indexes")),
        variables=_pairs(variables) if isinstance(variables, Mapping) else (),
        conda_lock=conda_lock,
    )
    return LockReading(read, problems)


def _read_pointer(pointer: Any) -> tuple[str, str]:
    if not isinstance(pointer, Mapping):
        return "", ""
    return str(pointer.get("file", "")), str(pointer.get("sha256", ""))


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value))) if isinstance(value, list) else ()


def _pairs(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in table.items() if isinstance(value, str)))


def _error(message: str) -> LockProblem:
    return LockProblem(Severity.ERROR, message)
