"""The lines of a trace: what the GPUs did while something ran, small enough to keep.

The first line says what it is and which GPUs there were, every further one is a moment. Values
that are not known are left out. Nothing in it says what other people run: no names, no commands.
"""

from collections.abc import Set

import msgspec

from envbench.model.gpu import GpuReading, GpuState, Sample
from envbench.model.gpu_trace import TRACE_SCHEMA


class TracedGpu(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which GPU an index means."""

    index: int
    name: str | None = None
    uuid: str | None = None
    memory_total_bytes: int | None = None
    power_limit_w: float | None = None


class TraceHead(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a trace."""

    schema: str = TRACE_SCHEMA
    started_s: float
    """Unix time."""
    period_s: float
    """Time between two readings; those that are kept may be further apart."""
    gpus: tuple[TracedGpu, ...] = ()


class TracedReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One GPU at one moment; what is left out is not known."""

    index: int
    state: str = GpuState.OK.value
    utilization_percent: int | None = None
    memory_used_bytes: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    energy_j: float | None = None
    sm_clock_mhz: int | None = None
    own_memory_bytes: int | None = None
    """Of the processes of the run, as far as the driver tells it; left out when there are none."""


class TracePoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One moment."""

    at_s: float
    """Unix time."""
    gpus: tuple[TracedReading, ...] = ()
    cpu_percent: float | None = None
    memory_used_bytes: int | None = None
    """Of the box."""


def make_head(sample: Sample, started_s: float) -> TraceHead:
    """Begin a trace with the first sample in which there are GPUs."""
    gpus = tuple(
        TracedGpu(
            index=gpu.index,
            name=gpu.name,
            uuid=gpu.uuid,
            memory_total_bytes=gpu.memory_total_bytes,
            power_limit_w=gpu.power_limit_w,
        )
        for gpu in sample.gpus
    )
    return TraceHead(started_s=started_s, period_s=sample.period_s, gpus=gpus)


def make_point(sample: Sample, own_pids: Set[int]) -> TracePoint:
    """Keep of a sample what changes from moment to moment."""
    box = sample.box
    used = None
    if box.memory_total_bytes is not None and box.memory_available_bytes is not None:
        used = box.memory_total_bytes - box.memory_available_bytes
    return TracePoint(
        at_s=round(sample.at_s, 3),
        gpus=tuple(_make_reading(gpu, sample, own_pids) for gpu in sample.gpus),
        cpu_percent=box.cpu_percent,
        memory_used_bytes=used,
    )


def encode_line(value: TraceHead | TracePoint) -> bytes:
    """Write a line, its end included."""
    return msgspec.json.encode(value) + b"\n"


def decode_head(line: bytes) -> TraceHead:
    """Read the first line.

    Raises:
        msgspec.DecodeError: It is none, or of another schema.
    """
    head = msgspec.json.decode(line, type=TraceHead)
    if head.schema != TRACE_SCHEMA:
        raise msgspec.ValidationError(f"expected schema {TRACE_SCHEMA!r}, found {head.schema!r}")
    return head


def decode_point(line: bytes) -> TracePoint:
    """Read a further line.

    Raises:
        msgspec.DecodeError: It is none.
    """
    return msgspec.json.decode(line, type=TracePoint)


def _make_reading(gpu: GpuReading, sample: Sample, own_pids: Set[int]) -> TracedReading:
    own = [
        process.memory_used_bytes
        for process in sample.processes
        if process.gpu == gpu.index and process.is_here and process.pid in own_pids
    ]
    known = [size for size in own if size is not None]
    return TracedReading(
        index=gpu.index,
        state=gpu.state.value,
        utilization_percent=gpu.utilization_percent,
        memory_used_bytes=gpu.memory_used_bytes,
        temperature_c=gpu.temperature_c,
        power_w=gpu.power_w,
        energy_j=gpu.energy_j,
        sm_clock_mhz=gpu.sm_clock_mhz,
        own_memory_bytes=sum(known) if known else None,
    )
