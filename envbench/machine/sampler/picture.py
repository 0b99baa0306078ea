"""What is known of all GPUs, put together from samples and from what is confined."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from envbench.machine.sampler.fields import FACT_FIELDS, LIVE_FIELDS
from envbench.machine.sampler.orders import DRIVER
from envbench.machine.sampler.quarantine import Confinement
from envbench.model.gpu import GpuAbsence, GpuFault, GpuReading, GpuState, Sample, Unread
from envbench.model.gpu_process import GpuProcess

_BLANK = LIVE_FIELDS - {"memory_total_bytes"}
"""What is no longer true of a GPU that does not answer."""
_KEPT = FACT_FIELDS | {"memory_total_bytes"}
_LASTING = frozenset(
    {Unread.NOT_SUPPORTED, Unread.NOT_IN_DRIVER, Unread.NO_PERMISSION, Unread.UNIFIED_MEMORY}
)
_SILENT = "the driver does not answer"


class Picture:
    """Remembers the last readings, so that one GPU's silence costs no other GPU's."""

    def __init__(self) -> None:
        """Know nothing."""
        self.last: Sample | None = None
        """What the sampler told last."""
        self._readings: dict[int, GpuReading] = {}
        self._processes: dict[int, tuple[GpuProcess, ...]] = {}

    def take(self, sample: Sample, confined: Iterable[Confinement]) -> None:
        """Take what the sampler tells.

        Args:
            sample: As it came.
            confined: What is confined now: it was left out, and its last readings are kept.
        """
        kept = {entry.part[0] for entry in confined if not entry.part[1]}
        # In its first tick a sampler has not come to all of them yet.
        keeps_all = sample.number == 0 or DRIVER in kept
        self._readings = {
            index: reading
            for index, reading in self._readings.items()
            if keeps_all or index in kept
        } | {reading.index: reading for reading in sample.gpus}
        processes: dict[int, tuple[GpuProcess, ...]] = {
            reading.index: () for reading in sample.gpus
        }
        for process in sample.processes:
            processes[process.gpu] = (*processes.get(process.gpu, ()), process)
        self._processes = {
            index: found for index, found in self._processes.items() if index in self._readings
        } | processes
        self.last = sample

    def show(
        self,
        confined: Sequence[Confinement],
        *,
        at_s: float,
        period_s: float,
        absence: GpuAbsence | None,
        notes: tuple[str, ...],
    ) -> Sample:
        """Make a sample of what is known and of what is confined.

        Args:
            confined: Parts that are not asked, or do not answer.
            at_s: Unix time.
            period_s: Wanted time between two samples.
            absence: Why no GPU is read, where the sampler itself does not say.
            notes: What went wrong beside the GPUs.
        """
        whole = {entry.part[0]: entry for entry in confined if not entry.part[1]}
        readings = dict(self._readings)
        silent = set(readings) if DRIVER in whole else set(whole)
        for gpu in silent:
            entry = whole.get(gpu) or whole[DRIVER]
            readings[gpu] = _silence(readings.get(gpu) or GpuReading(index=gpu), entry)
        base = self.last or Sample(number=0, at_s=at_s, period_s=period_s)
        return replace(
            base,
            at_s=at_s,
            period_s=period_s,
            gpus=tuple(readings[index] for index in sorted(readings)),
            processes=self._list_processes(silent),
            absence=absence or base.absence,
            notes=(*base.notes, *notes),
        )

    def _list_processes(self, silent: set[int]) -> tuple[GpuProcess, ...]:
        return tuple(
            _age(process) if index in silent else process
            for index in sorted(self._processes)
            for process in self._processes[index]
        )


def _silence(reading: GpuReading, entry: Confinement) -> GpuReading:
    """Take away from a reading what is not true any more, and say what happened."""
    blank: dict[str, Any] = dict.fromkeys(_BLANK)
    known = {name for name in _KEPT if getattr(reading, name) is not None}
    unread = {name: _keep_reason(reading, name) for name in (_BLANK | _KEPT) - known}
    return replace(
        reading,
        state=GpuState.CRASHED if entry.is_crash else GpuState.HUNG,
        fault=GpuFault(
            call=entry.call,
            code=entry.code,
            words=entry.words,
            remedy=entry.remedy,
            since_s=entry.since_s,
            times=entry.times,
        ),
        unread=unread,
        unread_codes={},
        **blank,
    )


def _keep_reason(reading: GpuReading, name: str) -> Unread:
    """Keep a reason that outlasts the silence."""
    reason = reading.unread.get(name)
    return reason if reason in _LASTING and reason is not None else Unread.NO_ANSWER


def _age(process: GpuProcess) -> GpuProcess:
    unread = {**process.unread, "memory_used_bytes": _SILENT, "sm_percent": _SILENT}
    return replace(process, memory_used_bytes=None, sm_percent=None, unread=unread)
