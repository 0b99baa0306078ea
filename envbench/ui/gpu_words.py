"""Figures and states of GPUs in words: unknown is a dash, and never 0."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample, Unread

GIB = 2**30
DASH = "-"
STALE_TICKS = 3
"""Ticks without a reading after which a row is dimmed and says how old it is."""
HOT_C = 90
FULL_PERCENT = 95

WHY: "dict[str, str]" = {
    "not_supported": "not supported by this card",
    "not_in_driver": "not known to this driver",
    "no_permission": "needs root",
    "mig_enabled": "not while MIG is on",
    "unified_memory": "the memory is the box's own",
    "no_answer": "the driver did not answer",
    "not_yet": "not read yet",
    "driver_error": "the driver answers with an error",
}
"""Why there is no value, for every `Unread`."""
_HARMLESS_THROTTLES = ("idle", "power cap", "clocks", "display", "sync")
"""Words of reasons for slower clocks that are no trouble."""


def show_number(value: float | None, unit: str = "") -> str:
    """Write a whole number; a dash when it is not known."""
    return DASH if value is None else f"{value:.0f}{unit}"


def show_gib(count: int | None) -> str:
    """Write a number of bytes in GiB: whole ones from 10 on, else with one digit; no unit."""
    if count is None:
        return DASH
    gib = count / GIB
    if count == 0 or gib >= 9.95:
        return f"{gib:.0f}"
    return f"{gib:.1f}" if gib >= 0.05 else "<0.1"


def show_share(used: int | None, total: int | None) -> str:
    """Write `61/80` in whole GiB; only what is known of it."""
    if used is None and total is None:
        return DASH
    return _show_whole(used) if total is None else f"{_show_whole(used)}/{_show_whole(total)}"


def _show_whole(count: int | None) -> str:
    if count is None:
        return DASH
    return "<1" if 0 < count < GIB else f"{count / GIB:.0f}"


def show_power(used: float | None, limit: float | None) -> str:
    """Write `371/400` in watts."""
    if used is None and limit is None:
        return DASH
    return show_number(used) if limit is None else f"{show_number(used)}/{limit:.0f}"


def show_span(seconds: float) -> str:
    """Write for how long something has been so: `4 s`, `12 min`, `3 h`, `2 d`."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 2 * 86400:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} d"


def show_running(started_s: float | None, now_s: float) -> str:
    """Write since when a process runs; a dash when that is not known."""
    if started_s is None:
        return DASH
    seconds = now_s - started_s
    return "<1 min" if seconds < 60 else show_span(seconds)


def show_name(gpu: "GpuReading") -> str:
    """Name a GPU without its maker."""
    name = (gpu.name or "").removeprefix("NVIDIA ").removeprefix("AMD ")
    return name or DASH


def memory_percent(gpu: "GpuReading") -> float | None:
    """Give the share of the memory that is in use."""
    used, total = gpu.memory_used_bytes, gpu.memory_total_bytes
    return None if used is None or not total else 100 * used / total


def is_bad(gpu: "GpuReading") -> bool:
    """Whether nothing more can be read of it."""
    return gpu.state.value in {"faulty", "hung", "crashed"}


def age_of(gpu: "GpuReading", sample: "Sample") -> float:
    """Give the age of a reading in seconds once it counts as old; 0 before that."""
    age = sample.at_s - gpu.read_s if gpu.read_s else 0.0
    return age if age > STALE_TICKS * max(1.0, sample.period_s) else 0.0


def name_fault(gpu: "GpuReading") -> str:
    """Say in one word how bad it is: `HUNG`, `LOST`, `CRASHED`."""
    from envbench.model import gpu_fault

    return gpu_fault.name_fault(gpu)


def describe_fault(gpu: "GpuReading", sample: "Sample") -> str:
    """Say what is wrong with a GPU, since when, and that the others go on."""
    fault = gpu.fault
    said = ""
    if fault is not None:
        age = sample.at_s - fault.since_s if fault.since_s else 0.0
        for_long = f" {show_span(age)}" if age >= 1 else ""
        said = f"{fault.words}{for_long and f', for{for_long}'}"
        if gpu.state.value == "hung" and fault.call:
            said = f"no answer{for_long and f' for{for_long}'} ({fault.call})"
    others = sum(not is_bad(other) for other in sample.gpus)
    rest = f"{others} others go on" if others > 1 else "the other one goes on" if others else ""
    return "; ".join(part for part in (said, rest) if part)


def slowing_reasons(gpu: "GpuReading") -> tuple[str, ...]:
    """Give the reasons for slower clocks that somebody should know of."""
    reasons = gpu.throttle_reasons or ()
    return tuple(r for r in reasons if not any(word in r.lower() for word in _HARMLESS_THROTTLES))


def is_free(gpu: "GpuReading", sample: "Sample") -> bool:
    """Whether nobody uses it for certain."""
    from envbench.model.gpu_choice import say_why_busy

    return not say_why_busy(sample, gpu)


def describe_state(gpu: "GpuReading", sample: "Sample") -> tuple[str, str]:
    """Say in a few words how a GPU that answers is, with the role of its row."""
    age = age_of(gpu, sample)
    if age:
        return f"old: {show_span(age)}", "dim"
    if gpu.state.value == "asleep":
        return "asleep", "dim"
    errors = [f"ECC {gpu.ecc_uncorrected}"] if gpu.ecc_uncorrected else []
    slow = slowing_reasons(gpu)
    warnings = [f"slowed: {', '.join(slow)}"] if slow else []
    if gpu.temperature_c is not None and gpu.temperature_c >= HOT_C:
        warnings.append("hot")
    if gpu.is_retirement_pending:
        warnings.append("restart needed")
    if not gpu.is_memory_unified and (memory_percent(gpu) or 0) >= FULL_PERCENT:
        warnings.append("full")
    notes = ["unified memory"] if gpu.is_memory_unified else []
    notes += ["no util on MIG"] if gpu.is_mig_on else []
    notes += ["free"] if is_free(gpu, sample) and not (errors or warnings) else []
    role = "error" if errors else "warning" if warnings else "ok" if _is_busy(gpu) else "text"
    return ", ".join((*errors, *warnings, *notes)), role


def _is_busy(gpu: "GpuReading") -> bool:
    return bool(gpu.utilization_percent)


def say_why(reason: "Unread | None", code: int | None = None) -> str:
    """Say why there is no value."""
    if reason is None:
        return "not told"
    number = f" {code}" if code is not None else ""
    return f"{WHY.get(reason.value, reason.value)}{number}"
