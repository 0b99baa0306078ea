"""What the GPUs did while something ran, as lines of text."""

from collections.abc import Sequence

from envbench.cli.output import format_bytes, make_safe, say
from envbench.cli.table import lay_out
from envbench.model.counting import count_of
from envbench.model.gpu_trace import GpuUse, TraceSummary

_J_PER_WH = 3600.0
_UNKNOWN = "-"
_HEADERS = ("gpu", "name", "peak memory", "utilization", "power", "energy")
"""All but the first three are means over the run."""


def show_trace(summary: TraceSummary) -> None:
    """Print the figures of a recorded run to stderr: stdout belongs to what ran."""
    say(
        f"ran {summary.duration_s:.1f} s, {count_of(summary.samples, 'look')} at the GPUs", err=True
    )
    used = [gpu for gpu in summary.gpus if gpu.was_used]
    for gpu in used:
        say(f"  {say_use(gpu)}", err=True)
        for note in gpu.notes:
            say(f"    {note}", err=True)
    if not used:
        say("  no process of it was seen on a GPU; what all of them did meanwhile:", err=True)
        for line in draw_uses(summary.gpus):
            say(f"  {line}", err=True)
    if summary.path:
        say(f"  trace: {summary.path}", err=True)


def draw_uses(gpus: Sequence[GpuUse]) -> list[str]:
    """Say as a table what GPUs did: one short line each, and below it what was wrong with some."""
    notes = [f"GPU {gpu.index}: {note}" for gpu in gpus for note in gpu.notes]
    return [*lay_out([_HEADERS, *map(_use_row, gpus)], None), *notes]


def _use_row(gpu: GpuUse) -> tuple[str, ...]:
    peak, mean, watts = gpu.memory_peak_bytes, gpu.utilization_mean_percent, gpu.power_mean_w
    return (
        str(gpu.index),
        make_safe(gpu.name or _UNKNOWN, limit=60),
        _UNKNOWN if peak is None else format_bytes(peak),
        _UNKNOWN if mean is None else f"{mean:.0f} %",
        _UNKNOWN if watts is None else f"{watts:.0f} W",
        _UNKNOWN if gpu.energy_j is None else say_energy(gpu.energy_j),
    )


def say_use(gpu: GpuUse) -> str:
    """Say in one line what one GPU did; what is not known is left out."""
    parts = []
    if gpu.memory_peak_bytes is not None:
        own = gpu.own_memory_peak_bytes
        mine = f" ({format_bytes(own)} of its own)" if own is not None else ""
        parts.append(f"peak memory {format_bytes(gpu.memory_peak_bytes)}{mine}")
    if gpu.utilization_mean_percent is not None:
        parts.append(f"mean utilization {gpu.utilization_mean_percent:.0f} %")
    if gpu.power_mean_w is not None:
        parts.append(f"mean power {gpu.power_mean_w:.0f} W")
    if gpu.energy_j is not None:
        parts.append(
            f"energy {say_energy(gpu.energy_j)}{'' if gpu.energy_is_counted else ' (power over time)'}"
        )
    told = ", ".join(parts) or "no readings"
    return f"GPU {gpu.index} {gpu.name or ''}".rstrip() + f": {told}"


def say_energy(energy_j: float) -> str:
    """Write an energy in both of its usual units."""
    watt_hours = f"{energy_j / _J_PER_WH:.2f} Wh"
    return (
        f"{energy_j:.0f} J, {watt_hours}"
        if energy_j < 1000
        else f"{energy_j / 1000:.1f} kJ, {watt_hours}"
    )
