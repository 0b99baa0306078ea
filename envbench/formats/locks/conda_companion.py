"""The lock of the conda part that lies beside a lock of the pip part, and the pointer to it.

A lock of the pip part names the file and its sha256; together the two are the whole environment.
"""

import hashlib
import re
from dataclasses import dataclass

from envbench.formats.locks.explicit import write_explicit
from envbench.model.errors import UsageError
from envbench.model.lock import ExportedFile, Lock, Loss
from envbench.model.locked_set import LockProblem
from envbench.model.problem import Severity

FILE_NAME = "explicit.txt"


@dataclass(frozen=True, slots=True)
class CondaCompanion:
    """The file, and the digest under which the other one names it."""

    file: ExportedFile
    sha256: str


def write_companion(lock: Lock) -> CondaCompanion | None:
    """Write the conda packages of a lock; None when there are none, or one has no address."""
    if not lock.packages:
        return None
    try:
        text = write_explicit(lock, sha256=True)
    except UsageError:
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()
    return CondaCompanion(ExportedFile(FILE_NAME, text), digest)


def find_companion_losses(lock: Lock) -> tuple[Loss, ...]:
    """Tell why there is no lock of the conda part, or which addresses in it are of this box."""
    from envbench.formats.locks.gaps import describe_local

    try:
        write_explicit(lock, sha256=True)
    except UsageError as refusal:
        why = f"No lock of the conda part is written beside: {refusal.what}. {refusal.why}"
        return (Loss("lock of the conda part", (), why),)
    local = describe_local([p.name for p in lock.packages if p.url.startswith("file:")])
    return (local,) if local else ()


def check_pointer(name: str, sha256: str) -> tuple[LockProblem, ...]:
    """Find what is wrong with a pointer: it may name a file beside, and nothing else."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", name):
        return (_error(f"the lock of the conda part has to lie beside, not at {name[:80]!r}"),)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return (_error("the lock of the conda part has no sha256"),)
    return ()


def _error(message: str) -> LockProblem:
    return LockProblem(Severity.ERROR, message)
