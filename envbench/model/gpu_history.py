"""The last hour of each GPU, in memory that does not grow.

The last ten minutes are kept by the second, the hour by means of ten seconds. Where no reading was
taken there is none: a gap stays a gap.
"""

import math
from array import array
from itertools import pairwise

from envbench.model.gpu import GpuReading, Sample

SPAN_S = 3600.0
"""How far back it reaches."""
FINE_SPAN_S = 600.0
FINE_STEP_S = 1.0
COARSE_STEP_S = 10.0
METRICS = ("utilization", "memory", "power", "temperature")
"""In %, bytes, W and degrees Celsius."""
_SET_BACK_S = 5.0
_LATE = 1.5
"""A tick may come later than planned by half a period before one counts as missing."""
_LONGEST_PERIOD_S = 30.0


class GpuHistory:
    """Utilisation, memory, power and temperature of the GPUs in the last hour."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._tracks: dict[str, _Track] = {}
        self._key_by_index: dict[str, str] = {}
        self._at_s = -math.inf

    def add(self, sample: Sample) -> None:
        """Take in what was read; readings that are none, or not new, leave a gap."""
        if sample.at_s < self._at_s - _SET_BACK_S:
            # The clock was set back: the old times would lie in the future.
            self._tracks.clear()
        self._at_s = sample.at_s
        self._key_by_index = {str(gpu.index): _key(gpu) for gpu in sample.gpus}
        for gpu in sample.gpus:
            track = self._tracks.get(_key(gpu))
            if track is None:
                self._forget_old()
                track = self._tracks.setdefault(_key(gpu), _Track())
            track.add(gpu, sample)

    def series(
        self, gpu_key: str, metric: str, points: int, span_s: float, now_s: float
    ) -> tuple[float | None, ...]:
        """Cut out the means of equal pieces of time.

        Args:
            gpu_key: UUID, or index as text.
            metric: One of `METRICS`.
            points: Into how many pieces.
            span_s: How long all of them are together.
            now_s: Where the last one ends, Unix time.

        Returns:
            Oldest first; None for a piece in which nothing was read. All None for a GPU that was
            never seen.
        """
        track = self._tracks.get(self._key_by_index.get(gpu_key, gpu_key))
        if track is None:
            return (None,) * points
        rings = track.rings[METRICS.index(metric)]
        begin, width = now_s - span_s, span_s / max(points, 1)
        edges = [begin + width * number for number in range(points + 1)]
        return tuple(_cut(rings, *pair) for pair in pairwise(edges))

    def _forget_old(self) -> None:
        """Drop GPUs that were not seen for an hour, so that ever new ones cannot fill the memory."""
        limit = self._at_s - SPAN_S
        self._tracks = {key: track for key, track in self._tracks.items() if track.at_s > limit}


class _Ring:
    """Means of the values in equal steps of time; what is older than the ring is overwritten."""

    __slots__ = ("_counts", "_newest", "_size", "_step_s", "_sums")

    def __init__(self, step_s: float, span_s: float) -> None:
        self._step_s = step_s
        self._size = int(span_s / step_s) + 1
        self._sums = array("d", bytes(8 * self._size))
        self._counts = array("L", bytes(array("L").itemsize * self._size))
        self._newest: int | None = None

    def add(self, at_s: float, value: float, covered_s: float) -> None:
        """Take in a value that stands for the time before it, too.

        Args:
            at_s: When it was read.
            value: What was read.
            covered_s: For how long before: steps in between that have no value get this one.
        """
        slot = math.floor(at_s / self._step_s)
        first = math.floor((at_s - covered_s) / self._step_s) + 1
        self._go_to(slot)
        for earlier in range(max(first, slot - self._size + 1), slot):
            if not self._counts[earlier % self._size]:
                self._put(earlier, value)
        self._put(slot, value)

    def reaches(self, at_s: float) -> bool:
        """Tell whether a time is not yet overwritten."""
        slot = math.floor(at_s / self._step_s)
        return self._newest is not None and slot > self._newest - self._size

    def mean(self, begin_s: float, end_s: float) -> float | None:
        """Give the mean of the steps whose middle lies in a piece of time.

        A piece shorter than a step has the value of the step that it lies in.
        """
        first = math.ceil(begin_s / self._step_s - 0.5)
        last = math.ceil(end_s / self._step_s - 0.5) - 1
        if last < first:
            first = last = math.floor((begin_s + end_s) / 2 / self._step_s)
        if self._newest is None:
            return None
        total, count = 0.0, 0
        for slot in range(max(first, self._newest - self._size + 1), min(last, self._newest) + 1):
            total += self._sums[slot % self._size]
            count += self._counts[slot % self._size]
        return total / count if count else None

    def _go_to(self, slot: int) -> None:
        newest = slot if self._newest is None else self._newest
        for passed in range(max(newest + 1, slot - self._size + 1), slot + 1):
            self._sums[passed % self._size] = 0.0
            self._counts[passed % self._size] = 0
        self._newest = max(newest, slot)

    def _put(self, slot: int, value: float) -> None:
        self._sums[slot % self._size] += value
        self._counts[slot % self._size] += 1


class _Track:
    """One GPU."""

    __slots__ = ("at_s", "rings")

    def __init__(self) -> None:
        self.at_s = -math.inf
        """When its last values were read."""
        self.rings = tuple(
            (_Ring(FINE_STEP_S, FINE_SPAN_S), _Ring(COARSE_STEP_S, SPAN_S)) for _ in METRICS
        )

    def add(self, gpu: GpuReading, sample: Sample) -> None:
        read_s = min(gpu.read_s, sample.at_s) if gpu.read_s > 0 else sample.at_s
        if read_s <= self.at_s:
            return
        gap_s = read_s - self.at_s
        expected_s = min(sample.period_s, _LONGEST_PERIOD_S) * _LATE
        covered_s = gap_s if gap_s <= expected_s else 0.0
        self.at_s = read_s
        for (fine, coarse), value in zip(self.rings, _values(gpu), strict=True):
            if value is not None and math.isfinite(value):
                fine.add(read_s, value, covered_s)
                coarse.add(read_s, value, covered_s)


def _cut(rings: tuple[_Ring, _Ring], begin_s: float, end_s: float) -> float | None:
    fine, coarse = rings
    return (fine if fine.reaches(begin_s) else coarse).mean(begin_s, end_s)


def _key(gpu: GpuReading) -> str:
    return gpu.uuid or str(gpu.index)


def _values(gpu: GpuReading) -> tuple[float | None, ...]:
    return gpu.utilization_percent, gpu.memory_used_bytes, gpu.power_w, gpu.temperature_c
