"""The worker's side of a job: its request, its events, its own result, its end.

Every worker module is a function from a context to a result, run by `run_worker`; that function
needs to know nothing of signals, files or exit statuses.
"""

import contextlib
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from envbench.jobs import layout
from envbench.jobs.event_file import FULL, EventFile
from envbench.jobs.folder import Folder
from envbench.jobs.records import explain_disk, read_record
from envbench.jobs.termination import TerminatedError, Termination
from envbench.model.cleaning import clean
from envbench.model.errors import EnvbenchError, ExitCode, UsageError
from envbench.model.event import AnyEvent, EventsDropped
from envbench.model.job import JobRequest, JobResult, JobState
from envbench.model.redaction import redact

_E = TypeVar("_E", bound=msgspec.Struct)


class WorkerContext:
    """What a worker holds of its job."""

    def __init__(self, directory: Path, *, termination: Termination | None = None) -> None:
        """Open the job of this process.

        Args:
            directory: The job's directory.
            termination: What answers SIGTERM here; it must not break into a write.

        Raises:
            PreventedError: The job's directory is gone, unsafe or unreadable.
        """
        self.directory = directory
        try:
            self._folder = Folder(str(directory))
            self.request: JobRequest = read_record(self._folder).request
            self._events = EventFile(
                self._folder, layout.WORKER_EVENTS, encode_dropped=_encode_dropped
            )
        except OSError as fault:
            raise explain_disk(fault, directory, "the job cannot be opened") from fault
        self._writing = threading.Lock()
        self._termination = termination or Termination()

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str] | None = None, *, termination: Termination | None = None
    ) -> "WorkerContext":
        """Open the job that this process was started for.

        Raises:
            UsageError: It was not started for a job.
            PreventedError: The job's directory is gone, unsafe or unreadable.
        """
        directory = (os.environ if environ is None else environ).get(layout.DIRECTORY_VARIABLE, "")
        if not directory:
            hint = "workers are started by envbench itself"
            raise UsageError("this program is the worker of a job", hint=hint)
        return cls(Path(directory), termination=termination)

    def emit(self, event: AnyEvent) -> bool:
        """Tell what is going on; safe in threads.

        Number and time are set here; texts are cleaned and redacted.

        Returns:
            Whether the event is on record. It is not when the disk is full; the next event that
            finds room is preceded by one that counts those that did not.
        """
        safe = _make_safe(event)

        def encode(sequence: int, moment: float) -> bytes:
            return msgspec.json.encode(msgspec.structs.replace(safe, s=sequence, t=moment))

        with self._termination.hold(), self._writing:
            return self._events.write(encode)

    def hold(self) -> AbstractContextManager[None]:
        """Put a request to end off until the end of a block, which must be short."""
        return self._termination.hold()

    def finish(self, result: JobResult) -> bool:
        """Leave the worker's own result, durably: as soon as nothing can change it any more.

        A request to end waits until it is written.

        Returns:
            Whether this call left it; the first one wins.

        Raises:
            OSError: The disk refused even the blocks that were kept for it.
        """
        safe: JobResult = replace(
            result,
            reason=_redact_text(result.reason),
            hint=_redact_text(result.hint),
            payload=_redact_tree(result.payload),
        )
        with self._termination.hold():
            return self._publish(safe)

    def _publish(self, safe: JobResult) -> bool:
        text = msgspec.json.encode(safe)
        if len(text) > layout.WORKER_RESERVE_BYTES:
            try:
                return self._folder.write_first(layout.WORKER_RESULT, text)
            except OSError as fault:
                if fault.errno not in FULL:
                    raise
                # Better a word without its details than none.
                text = msgspec.json.encode(replace(safe, payload={}))
        try:
            return self._folder.fill_reserve(layout.WORKER_RESERVE, layout.WORKER_RESULT, text)
        except FileNotFoundError:
            return self._folder.write_first(layout.WORKER_RESULT, text)


def run_worker(main: Callable[[WorkerContext], JobResult]) -> NoReturn:
    """Run a worker from the first to the last line of its life.

    Errors that are told to users become a failed result with their words, a request to end
    becomes a cancelled one, anything else leaves its traceback in the log and a plain failed
    result. The process ends without the interpreter's shutdown, in which native libraries crash.

    Args:
        main: Does the work; what it raises is taken care of.
    """
    os.umask(0o077)
    faulthandler.enable()
    code = int(ExitCode.PREVENTED)
    termination = Termination()
    try:
        termination.install()
        context = WorkerContext.from_environ(termination=termination)
        result = _run(context, main)
        termination.ignore()
        code = result.code
        context.finish(result)
    except EnvbenchError as fault:
        sys.stderr.write(f"{_redact_text(str(fault))}\n")
        code = int(fault.exit_code)
    except TerminatedError:
        code = int(ExitCode.CANCELLED)
    except BaseException:  # noqa: BLE001 - the outer edge of the process
        _log_traceback()
    finally:
        leave(code)


def leave(code: int) -> NoReturn:
    """Flush what was printed and end the process, skipping the interpreter's shutdown."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def describe_fault(fault: EnvbenchError) -> JobResult:
    """Put an error that is told to users into the words of a result."""
    is_cancelled = fault.exit_code == ExitCode.CANCELLED
    head = f"{fault.where}: {fault.what}" if fault.where else fault.what
    return JobResult(
        state=JobState.CANCELLED if is_cancelled else JobState.FAILED,
        reason=f"{head}: {fault.why}" if fault.why else head,
        hint=fault.hint,
        code=int(fault.exit_code),
        payload={"what": fault.what, "where": fault.where, "why": fault.why},
    )


def _run(context: WorkerContext, main: Callable[[WorkerContext], JobResult]) -> JobResult:
    try:
        return main(context)
    except EnvbenchError as fault:
        return describe_fault(fault)
    except (TerminatedError, KeyboardInterrupt):
        reason = "it was asked to end"
        return JobResult(state=JobState.CANCELLED, reason=reason, code=int(ExitCode.CANCELLED))
    except BaseException as fault:  # noqa: BLE001 - the outer edge of the worker's work
        _log_traceback()
        kind, words = type(fault).__name__, clean(str(fault), limit=200)
        reason = f"an unexpected error ended it: {kind}: {words}" if words else f"{kind} ended it"
        hint = "the end of the log has the details; please report this"
        return JobResult(
            state=JobState.FAILED, reason=reason, hint=hint, code=int(ExitCode.PREVENTED)
        )


def _log_traceback() -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(redact("".join(traceback.format_exception(*sys.exc_info()))))


def _make_safe(event: _E) -> _E:
    """Clean and redact the texts of an event."""
    texts = {
        name: _redact_text(value)
        for name in event.__struct_fields__
        if isinstance(value := getattr(event, name), str)
    }
    return msgspec.structs.replace(event, **texts) if texts else event


def _redact_tree(value: Any) -> Any:
    """Redact every text of a JSON value, keys included; numbers and structure stay."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {_redact_tree(key): _redact_tree(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact_tree(part) for part in value]
    return value


def _redact_text(text: str) -> str:
    return redact(clean(text, multiline=True))


def _encode_dropped(sequence: int, moment: float, count: int) -> bytes:
    return msgspec.json.encode(EventsDropped(s=sequence, t=moment, count=count))
