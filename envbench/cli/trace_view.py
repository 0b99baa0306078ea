"""What the GPUs did while something ran, as lines of text."""

from envbench.cli.output import format_bytes, say
from envbench.model.counting import count_of
from envbench.model.gpu_trace import GpuUse, TraceSummary

_J_PER_WH = 3600.0


def show_trace(summary: TraceSummary) -> None:
    """Print the figures of a recorded run to stderr: stdout belongs to what ran."""
    say(
        f"ran {summary.duration_s:.1f} s, {count_of(summary.samples, 'look')} at the GPUs", err=True
    )
    used = [gpu for gpu in summary.gpus if gpu.was_used]
    if not used:
        say("  no process of it was seen on a GPU; what all of them did meanwhile:", err=True)
    for gpu in used or summary.gpus:
        say(f"  {say_use(gpu)}", err=True)
        for note in gpu.notes:
            say(f"    {note}", err=True)
    if summary.path:
        say(f"  trace: {summary.path}", err=True)


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
