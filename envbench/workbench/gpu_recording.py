"""Records what the GPUs do while a command runs, for `envbench run`."""

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envbench.files import make_private_directory
from envbench.machine.gpu_presence import may_have_gpus
from envbench.model.errors import PreventedError
from envbench.model.gpu_trace import TraceSummary
from envbench.settings.load import Settings
from envbench.workbench.foreground_child import run_in_foreground
from envbench.workbench.running import PreparedRun
from envbench.workers.gpu_recording import GpuRecorder
from envbench.workers.gpu_trace_file import refuse_other_file

TRACES = "gpu-traces"
"""Directory of traces, below the state directory."""
KEPT_TRACES = 50
"""The newest ones stay."""
_SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """How a recorded command ended, and what the GPUs did meanwhile."""

    code: int
    """Exit code, or minus the number of the signal that ended it."""
    summary: TraceSummary | None
    """None when no GPU was read."""
    notes: tuple[str, ...] = field(default=())
    """What kept the trace from being written."""
    reason: str = ""
    """Why no GPU was read, when none was."""


def can_record(environ: Mapping[str, str]) -> bool:
    """Tell whether there may be GPUs to record; a look at a few files."""
    return may_have_gpus(environ)


def choose_trace_file(named: Path | None, settings: Settings) -> tuple[Path | None, str]:
    """Choose the file of a trace; old traces of envbench's own naming make room.

    Args:
        named: The file that the user wants; None puts it below the state directory.
        settings: The user's settings.

    Returns:
        The file, and why there is none.

    Raises:
        UsageError: The user's file is something else than a trace.
    """
    if named is not None:
        refuse_other_file(named)
        return named, ""
    try:
        make_private_directory(settings.paths.state_dir)
        directory = make_private_directory(settings.paths.state_dir / TRACES)
        _sweep(directory)
    except (PreventedError, OSError) as fault:
        return None, f"the trace is not kept: {fault}"
    moment = time.strftime("%Y%m%d-%H%M%S")
    return directory / f"{moment}-{secrets.token_hex(4)}{_SUFFIX}", ""


def run_recorded(
    prepared: PreparedRun, command: tuple[str, ...], path: Path | None, note: str = ""
) -> RecordedRun:
    """Run a command in the place of this process, and record the GPUs meanwhile.

    Args:
        prepared: The program and its variables.
        command: Its name as it was given, and its arguments.
        path: The file of the trace; None writes none.
        note: Why there is none.

    Raises:
        OSError: The command cannot be run.
    """
    recorders: list[GpuRecorder] = []

    def record(pid: int) -> None:
        recorder = GpuRecorder(os.environ, root_pid=pid, path=path)
        recorder.start()
        recorders.append(recorder)

    code = run_in_foreground(prepared.executable, command, prepared.environ, on_started=record)
    summary = recorders[0].stop()
    notes = (*summary.notes, *([note] if note else []))
    read = summary if summary.gpus else None
    return RecordedRun(code=code, summary=read, notes=notes, reason=summary.reason)


def _sweep(directory: Path) -> None:
    """Remove the oldest traces; names begin with their time."""
    traces = sorted(path for path in directory.iterdir() if path.suffix == _SUFFIX)
    for path in traces[: max(len(traces) - KEPT_TRACES + 1, 0)]:
        path.unlink(missing_ok=True)
