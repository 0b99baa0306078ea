"""What the GPUs did while something ran, in a few figures."""

from dataclasses import dataclass

TRACE_SCHEMA = "envbench.gpu-trace/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuUse:
    """One GPU during a run."""

    index: int
    name: str | None = None
    uuid: str | None = None
    samples: int = 0
    """Samples in which this GPU answered."""
    memory_peak_bytes: int | None = None
    """Of the whole card, whoever used it."""
    own_memory_peak_bytes: int | None = None
    """Of the processes of the run alone; None when the driver does not tell."""
    utilization_mean_percent: float | None = None
    """Weighted by time."""
    utilization_peak_percent: int | None = None
    temperature_peak_c: int | None = None
    power_mean_w: float | None = None
    energy_j: float | None = None
    """From the card's counter where it has one, else power over time."""
    energy_is_counted: bool = False
    """Whether `energy_j` is from the counter."""
    was_used: bool = False
    """Whether a process of the run was seen on it."""
    notes: tuple[str, ...] = ()
    """Gaps and faults, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSummary:
    """All GPUs during a run, and the box."""

    started_s: float
    """Unix time."""
    duration_s: float
    samples: int
    period_s: float
    gpus: tuple[GpuUse, ...] = ()
    cpu_mean_percent: float | None = None
    memory_peak_bytes: int | None = None
    """Most memory of the box in use."""
    path: str = ""
    """The file with all samples; empty when none was written."""
    reason: str = ""
    """Why there are no GPUs in it; empty when there are."""
    notes: tuple[str, ...] = ()
    """What went wrong with the recording itself, in words."""
