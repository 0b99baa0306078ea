"""Records what the GPUs do while something runs, in a thread that can neither slow nor break it."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from envbench.model.cleaning import clean
from envbench.model.gpu import AbsenceCode, Sample
from envbench.model.gpu_trace import TraceSummary
from envbench.model.gpu_trace_lines import make_head, make_point
from envbench.model.gpu_trace_summary import TraceSum
from envbench.workers.gpu_trace_file import TraceFile
from envbench.workers.process_family import ProcessFamily

PERIOD_S = 1.0
PROBE_PERIOD_S = 0.5
"""Probes are short; below this the driver has nothing new to tell."""
FIRST_LOOK_S = 2.0
_STOP_S = 3.0
"""A thread that does not come to its end for so long is left to die with this process."""

_LASTING = frozenset(
    {
        AbsenceCode.NO_DRIVER,
        AbsenceCode.DRIVER_NOT_INSTALLED,
        AbsenceCode.LIBRARY_MISSING,
        AbsenceCode.NO_DEVICE,
        AbsenceCode.BINDING_MISSING,
        AbsenceCode.BINDING_WRONG,
    }
)
"""With these nothing will come: recording ends."""


@dataclass(slots=True)
class TracePart:
    """A stretch of a recording."""

    summary: TraceSummary | None = None
    """Set when the stretch is over."""


class GpuRecorder:
    """Follows the GPUs until it is stopped; whatever fails in it becomes a note.

    Example:
        recorder = GpuRecorder(os.environ, root_pid=child.pid, path=path)
        recorder.start()
        ...
        summary = recorder.stop()
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        root_pid: int,
        path: Path | None = None,
        period_s: float = PERIOD_S,
    ) -> None:
        """Start nothing yet.

        Args:
            environ: Of the sampler (`LD_LIBRARY_PATH` finds the driver's library).
            root_pid: The process whose use of the GPUs is meant, with all below it.
            path: The file for all samples, made when there are GPUs; None writes none.
            period_s: Wanted time between two samples.
        """
        self._environ, self._period_s = dict(environ), period_s
        self._family = ProcessFamily(root_pid)
        self._file = TraceFile(path) if path is not None else None
        self._lock = threading.Lock()
        self._began = (time.time(), time.monotonic())
        self._whole = TraceSum(self._tell_time())
        self._parts: list[TraceSum] = []
        self._notes: list[str] = []
        self._thread = threading.Thread(target=self._run, name="gpu-recorder", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._first, self._last = threading.Event(), threading.Event()
        self._is_writing = path is not None

    @property
    def is_running(self) -> bool:
        """Whether samples may still come."""
        is_over = self._last.is_set() or self._stopping.is_set()
        return self._thread.is_alive() and not is_over

    @property
    def samples(self) -> int:
        """How many were taken so far."""
        return self._whole.samples

    def start(self) -> None:
        """Begin to record; returns at once."""
        self._whole = TraceSum(self._tell_time())
        try:
            self._thread.start()
        except RuntimeError as fault:
            self._note(f"nothing could be recorded: {fault}")

    def wait_first(self, timeout_s: float) -> None:
        """Wait until a first sample is there, or none will come."""
        self._first.wait(timeout_s)

    @contextmanager
    def record_part(self) -> Iterator[TracePart]:
        """Sum up a stretch of its own; the summary is there when the block is left."""
        part, total = TracePart(), TraceSum(self._tell_time())
        with self._lock:
            self._parts.append(total)
        try:
            yield part
        finally:
            with self._lock:
                self._parts.remove(total)
                part.summary = self._summarize(total)

    def stop(self) -> TraceSummary:
        """End the recording and give its figures; waits for a short time at most."""
        ended_s = self._tell_time()
        self._stopping.set()
        with self._lock:
            loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            # The loop may be closed in between: then the recording has ended by itself.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
        # Not for the end of the thread: what the sampler still does then is nobody's business.
        if loop is not None and self._thread.is_alive():
            self._last.wait(_STOP_S)
        with self._lock:
            return self._summarize(self._whole, ended_s)

    def _run(self) -> None:
        try:
            asyncio.run(self._follow())
        except asyncio.CancelledError:
            pass
        except Exception as fault:  # noqa: BLE001 - the outer edge of the thread: it must not break the run
            self._note(f"the recording ended early: {type(fault).__name__}: {fault}")
        finally:
            self._end()

    async def _follow(self) -> None:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        # Loaded here: jobs on boxes without GPUs have no use for it.
        from envbench.machine.sampler.client import SamplerClient

        if self._stopping.is_set():
            return
        client = SamplerClient(self._environ, period_s=self._period_s)
        try:
            async with aclosing(client.follow()) as samples:
                async for sample in samples:
                    if not self._take(sample):
                        break
        finally:
            self._end()
            await client.close()

    def _end(self) -> None:
        """Close the file, and tell those who wait that nothing more will come."""
        if self._file is not None:
            self._file.close()
        self._first.set()
        self._last.set()

    def _take(self, sample: Sample) -> bool:
        """Take a sample; tell whether to go on."""
        if sample.absence is not None and sample.absence.code is AbsenceCode.STARTING:
            return True
        own = self._family.select({p.pid for p in sample.processes if p.is_here})
        with self._lock:
            for total in (self._whole, *self._parts):
                total.add(sample, own)
        if sample.gpus:
            self._write(sample, own)
        self._first.set()
        return sample.absence is None or sample.absence.code not in _LASTING

    def _write(self, sample: Sample, own: frozenset[int]) -> None:
        if self._file is None or not self._is_writing:
            return
        try:
            if not self._file.was_begun:
                self._file.begin(make_head(sample, self._whole.started_s))
            self._file.append(make_point(sample, own))
        except OSError as fault:
            self._note(f"the trace could not be written on: {fault.strerror}")
            self._is_writing = False

    def _note(self, words: str) -> None:
        with self._lock:
            self._notes.append(clean(words, limit=300))

    def _summarize(self, total: TraceSum, ended_s: float | None = None) -> TraceSummary:
        path = str(self._file.path) if self._file is not None and self._file.was_begun else ""
        end_s = self._tell_time() if ended_s is None else ended_s
        summary = total.summarize(ended_s=end_s, path=path)
        return replace(summary, notes=(*summary.notes, *self._notes))

    def _tell_time(self) -> float:
        """Tell Unix time as if nobody set the clock meanwhile, so that durations are true."""
        unix_s, monotonic_s = self._began
        return unix_s + time.monotonic() - monotonic_s
