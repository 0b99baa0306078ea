"""Sums what the GPUs did while something ran, sample by sample, in memory that does not grow.

Time in which a reading is not known counts neither as 0 nor as anything else: means are over the
time that is known, and the notes say how much is not.
"""

from collections.abc import Set
from dataclasses import dataclass, field

from envbench.model.counting import count_of
from envbench.model.gpu import GpuReading, GpuState, Sample
from envbench.model.gpu_process import GpuProcess
from envbench.model.gpu_trace import GpuUse, TraceSummary

GAP_PERIODS = 3.0
GAP_SLACK_S = 1.0
"""Readings further apart than so many periods, and a little, have a gap between them."""
SET_BACK_S = 5.0
"""A reading that is older than the one before by more than this: the clock was set back."""


@dataclass(slots=True)
class TimedSum:
    """One reading over time: straight lines between neighbours, nothing over gaps."""

    area: float = 0.0
    """Value times seconds."""
    weight_s: float = 0.0
    """Seconds that are known."""
    peak: float | None = None
    _last: tuple[float, float] | None = None

    def add(self, at_s: float, value: float | None, gap_s: float) -> float:
        """Take a reading, in the order of time.

        Args:
            at_s: When it was taken.
            value: None for one that is not known.
            gap_s: Neighbours further apart have a gap between them.

        Returns:
            What the area has grown by.
        """
        before, self._last = self._last, None if value is None else (at_s, value)
        if value is None:
            return 0.0
        self.peak = value if self.peak is None else max(self.peak, value)
        if before is None or not 0.0 < at_s - before[0] <= gap_s:
            return 0.0
        grown = (before[1] + value) / 2 * (at_s - before[0])
        self.area += grown
        self.weight_s += at_s - before[0]
        return grown

    @property
    def mean(self) -> float | None:
        """Over the time that is known; the reading itself when there is just one."""
        return self.area / self.weight_s if self.weight_s > 0 else self.peak


@dataclass(slots=True)
class EnergySum:
    """Energy by the card's counter; before, between and after its readings power over time.

    The counter is read more seldom than the power, and its last reading is told again meanwhile:
    one that has not moved tells nothing new.
    """

    counted_j: float = 0.0
    is_counted: bool = False
    is_known: bool = False
    _settled_j: float = 0.0
    """By power, from before the first reading of the counter."""
    _pending_j: float = 0.0
    """By power, since the last one."""
    _last: float | None = None

    def add(self, counter_j: float | None, power_j: float, *, has_power: bool) -> None:
        """Take what one sample tells.

        Args:
            counter_j: The card's counter; None when not known.
            power_j: Power over time since the sample before.
            has_power: Whether power is known at all, so that 0 J would mean 0 J.
        """
        self._pending_j += power_j
        self.is_known = self.is_known or has_power
        if counter_j is None or counter_j == self._last:
            return
        if self._last is None or counter_j < self._last:
            # The first reading, or a driver that was loaded anew and counts from 0 again.
            self._settled_j += self._pending_j
        else:
            self.counted_j += counter_j - self._last
            self.is_counted = self.is_known = True
        self._pending_j, self._last = 0.0, counter_j

    @property
    def total_j(self) -> float | None:
        """None when neither counter nor power was ever known for long enough to tell."""
        return self.counted_j + self._settled_j + self._pending_j if self.is_known else None


@dataclass(slots=True)
class GpuSum:
    """One GPU."""

    index: int
    name: str | None = None
    uuid: str | None = None
    samples: int = 0
    memory_peak_bytes: int | None = None
    own_memory_peak_bytes: int | None = None
    temperature_peak_c: int | None = None
    utilization: TimedSum = field(default_factory=TimedSum)
    power: TimedSum = field(default_factory=TimedSum)
    energy: EnergySum = field(default_factory=EnergySum)
    was_used: bool = False
    own_memory_is_known: bool = True
    unknown_s: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    """What was wrong, in words, and in how many samples."""
    _read_s: float | None = None
    _answered: bool = False

    def add(self, gpu: GpuReading, at_s: float, gap_s: float) -> None:
        """Take the readings of one sample; the same ones twice count once.

        Where the clock was set back nothing is known of the time in between, and all goes on.
        """
        self.name, self.uuid = gpu.name or self.name, gpu.uuid or self.uuid
        answered = gpu.state is GpuState.OK
        if gpu.fault is not None and not answered:
            words = f"{gpu.state.value}: {gpu.fault.words}"
            self.faults[words] = self.faults.get(words, 0) + 1
        read_s = gpu.read_s or at_s if answered else at_s
        if self._read_s is not None:
            elapsed_s = read_s - self._read_s
            if -SET_BACK_S <= elapsed_s <= 0.0:
                return
            if elapsed_s > gap_s or not (answered and self._answered):
                self.unknown_s += max(elapsed_s, 0.0)
        self._read_s, self._answered = read_s, answered
        self.samples += answered
        self._add_readings(gpu, read_s, gap_s, answered=answered)

    def add_own(self, own: tuple[GpuProcess, ...]) -> None:
        """Take the processes of the run on this GPU in one sample."""
        if not own:
            return
        self.was_used = True
        sizes = [process.memory_used_bytes for process in own]
        known = [size for size in sizes if size is not None]
        if len(known) < len(sizes):
            self.own_memory_is_known = False
            return
        self.own_memory_peak_bytes = max(self.own_memory_peak_bytes or 0, sum(known))

    def describe(self) -> GpuUse:
        """Give the figures so far."""
        utilization_peak = self.utilization.peak
        return GpuUse(
            index=self.index,
            name=self.name,
            uuid=self.uuid,
            samples=self.samples,
            memory_peak_bytes=self.memory_peak_bytes,
            own_memory_peak_bytes=self.own_memory_peak_bytes,
            utilization_mean_percent=self.utilization.mean,
            utilization_peak_percent=None if utilization_peak is None else int(utilization_peak),
            temperature_peak_c=self.temperature_peak_c,
            power_mean_w=self.power.mean,
            energy_j=self.energy.total_j,
            energy_is_counted=self.energy.is_counted,
            was_used=self.was_used,
            notes=tuple(self._say_notes()),
        )

    def _add_readings(
        self, gpu: GpuReading, read_s: float, gap_s: float, *, answered: bool
    ) -> None:
        power = gpu.power_w if answered else None
        self.utilization.add(read_s, gpu.utilization_percent if answered else None, gap_s)
        grown_j = self.power.add(read_s, power, gap_s)
        counter = gpu.energy_j if answered else None
        self.energy.add(counter, grown_j, has_power=self.power.weight_s > 0)
        if answered:
            self.memory_peak_bytes = _larger(self.memory_peak_bytes, gpu.memory_used_bytes)
            self.temperature_peak_c = _larger(self.temperature_peak_c, gpu.temperature_c)

    def _say_notes(self) -> list[str]:
        notes = [f"{words} (in {count_of(times, 'look')})" for words, times in self.faults.items()]
        if self.unknown_s > 0:
            notes.append(f"no readings for {self.unknown_s:.1f} s")
        if self.was_used and not self.own_memory_is_known:
            notes.append("the driver did not tell the memory of each process")
        return notes


class TraceSum:
    """Sums samples in the order in which they were taken."""

    def __init__(self, started_s: float) -> None:
        """Begin with nothing.

        Args:
            started_s: When what is recorded began, Unix time.
        """
        self.started_s = started_s
        self.samples = 0
        self._gpus: dict[int, GpuSum] = {}
        self._cpu = TimedSum()
        self._memory_peak_bytes: int | None = None
        self._period_s = 0.0
        self._last_s = started_s
        self._reason = ""

    def add(self, sample: Sample, own_pids: Set[int] = frozenset()) -> None:
        """Take one sample.

        Args:
            sample: Not older than the one before.
            own_pids: The processes of the run, as they were at its time.
        """
        self.samples += 1
        self._period_s, self._last_s = sample.period_s, sample.at_s
        gap_s = GAP_PERIODS * sample.period_s + GAP_SLACK_S
        if sample.absence is not None:
            self._reason = sample.absence.words
        for gpu in sample.gpus:
            total = self._gpus.setdefault(gpu.index, GpuSum(gpu.index))
            total.add(gpu, sample.at_s, gap_s)
            total.add_own(_select_own(sample, gpu.index, own_pids))
        self._cpu.add(sample.at_s, sample.box.cpu_percent, gap_s)
        total_bytes, free_bytes = sample.box.memory_total_bytes, sample.box.memory_available_bytes
        if total_bytes is not None and free_bytes is not None:
            self._memory_peak_bytes = _larger(self._memory_peak_bytes, total_bytes - free_bytes)

    def summarize(self, *, ended_s: float | None = None, path: str = "") -> TraceSummary:
        """Give the figures so far.

        Args:
            ended_s: When what is recorded ended, Unix time; None takes the last sample's.
            path: The file with all samples.
        """
        gpus = tuple(self._gpus[index].describe() for index in sorted(self._gpus))
        reason = "" if gpus else self._reason or "it ended before a GPU was read"
        return TraceSummary(
            started_s=self.started_s,
            duration_s=max((self._last_s if ended_s is None else ended_s) - self.started_s, 0.0),
            samples=self.samples,
            period_s=self._period_s,
            gpus=gpus,
            cpu_mean_percent=self._cpu.mean,
            memory_peak_bytes=self._memory_peak_bytes,
            path=path,
            reason=reason,
        )


def _select_own(sample: Sample, index: int, own_pids: Set[int]) -> tuple[GpuProcess, ...]:
    """Select the processes of the run; a number that means another process here is not one."""
    return tuple(p for p in sample.processes if p.gpu == index and p.is_here and p.pid in own_pids)


def _larger(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
