"""Errors on their way from the child to the screen, and back."""

import os
import time
import traceback
from contextlib import suppress
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.errors import (
    CancelledWorkError,
    EnvbenchError,
    ExitCode,
    NotFineError,
    PreventedError,
    UsageError,
)
from envbench.model.redaction import redact
from envbench.workbench.desk.protocol import Refusal

KEPT_TRACES = 20
_TRACE_LIMIT = 40_000
_KINDS: dict[int, type[EnvbenchError]] = {
    ExitCode.NOT_FINE: NotFineError,
    ExitCode.USAGE: UsageError,
    ExitCode.PREVENTED: PreventedError,
    ExitCode.CANCELLED: CancelledWorkError,
}
_REPORT_IT = "this is a fault of envbench: please report it"


def to_refusal(number: int, error: EnvbenchError) -> Refusal:
    """Write an error as a message; its four parts and its exit code are kept as they are."""
    return Refusal(
        id=number,
        code=int(error.exit_code),
        what=error.what,
        where=error.where,
        why=error.why,
        hint=error.hint,
    )


def to_error(refusal: Refusal) -> EnvbenchError:
    """Make the error again that a message tells of."""
    kind = _KINDS.get(refusal.code, PreventedError)
    return kind(refusal.what, where=refusal.where, why=refusal.why, hint=refusal.hint)


def explain_fault(fault: Exception, state_dir: Path | None) -> EnvbenchError:
    """Put what nobody foresaw into words; its trace is kept in a private file.

    Args:
        fault: What was raised.
        state_dir: Where the directory `faults` is or shall be; None keeps no trace.
    """
    if isinstance(fault, OSError) and fault.strerror:
        return PreventedError(fault.strerror, where=_show(str(fault.filename or "")))
    why = f"{type(fault).__name__}: {_show(str(fault))}"
    path = _keep_trace(fault, state_dir) if state_dir is not None else ""
    hint = f"{_REPORT_IT}, together with {path}" if path else _REPORT_IT
    return PreventedError("an unexpected error ended it", where=path, why=why, hint=hint)


def _keep_trace(fault: Exception, state_dir: Path) -> str:
    from envbench.files import make_private_directory, write_atomically

    text = redact(
        clean("".join(traceback.format_exception(fault)), limit=_TRACE_LIMIT, multiline=True)
    )
    # Whoever cannot write is told of the fault all the same.
    with suppress(EnvbenchError, OSError):
        directory = make_private_directory(make_private_directory(state_dir) / "faults")
        path = (
            directory
            / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{time.time_ns() % 10**6}.txt"
        )
        write_atomically(path, text.encode(errors="replace"), durable=False)
        for old in sorted(directory.glob("*.txt"))[:-KEPT_TRACES]:
            old.unlink(missing_ok=True)
        return str(path)
    return ""


def _show(text: str) -> str:
    return redact(clean(text, limit=500))
