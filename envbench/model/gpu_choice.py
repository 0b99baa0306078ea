"""Which GPU is meant, and which has nothing to do.

What is not known counts as busy: to hand out a GPU on which somebody trains is worse than to hand
out none.
"""

import re
from collections.abc import Iterable

from envbench.model.errors import UsageError
from envbench.model.gpu import GpuReading, GpuState, Sample
from envbench.model.gpu_process import GpuProcess

IDLE_UTILIZATION_PERCENT = 5
IDLE_MEMORY_BYTES = 640 * 1024 * 1024
"""Drivers that do not tell their own share apart take about so much on the largest cards."""
IDLE_MEMORY_SHARE = 0.03
STALE_PERIODS = 3
_STALE_AT_LEAST_S = 10.0
_MIN_PREFIX = 4
"""Fewer characters of a UUID are most likely a mistyped index."""
_PCI = re.compile(r"(?:(?P<domain>[0-9a-f]{4,8}):)?(?P<rest>[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])")


def rank_idle(sample: Sample) -> tuple[GpuReading, ...]:
    """Sort all GPUs: the idle ones first, that with most free memory foremost; faulty ones last."""
    return tuple(sorted(sample.gpus, key=lambda gpu: _rank(sample, gpu)))


def pick_idle(sample: Sample) -> GpuReading | None:
    """Choose the idle GPU with most free memory; None when none is idle for certain."""
    idle = (gpu for gpu in rank_idle(sample) if not say_why_busy(sample, gpu))
    return next(idle, None)


def say_why_busy(sample: Sample, gpu: GpuReading) -> str:
    """Say in a few words why a GPU does not count as idle; empty when it does."""
    return (
        _say_why_unusable(gpu)
        or _say_why_unsure(sample, gpu)
        or _say_who_uses(sample, gpu)
        or _say_what_is_used(gpu)
    )


def find_gpu(sample: Sample, text: str) -> GpuReading:
    """Find the GPU that somebody means.

    Args:
        sample: What is there.
        text: Index, UUID or the beginning of one (with or without `GPU-`), or address on the PCI
            bus (with or without its domain).

    Raises:
        UsageError: None of them, or several; the message names what there is.
    """
    wanted = text.strip().lower()
    found = _match(sample.gpus, wanted)
    if len(found) == 1:
        return found[0]
    there = "; ".join(_name(gpu) for gpu in (found or sample.gpus))
    if found:
        raise UsageError(f"several GPUs fit {text!r}", why=there, hint="give more of the UUID")
    for gpu in sample.gpus:
        if any(wanted and (mig.uuid or "").lower() == wanted for mig in gpu.mig):
            raise UsageError(f"{text!r} is a MIG instance of GPU {gpu.index}, not a GPU")
    if not sample.gpus:
        why = sample.absence.words if sample.absence else ""
        raise UsageError(f"there is no GPU {text!r}: no GPU is read here", why=why)
    raise UsageError(f"there is no GPU {text!r}", hint=f"there are: {there}")


def _rank(sample: Sample, gpu: GpuReading) -> tuple[bool, bool, bool, float, float, int]:
    is_busy = bool(say_why_busy(sample, gpu))
    load = gpu.utilization_percent
    free = _free_bytes(gpu)
    used = -float(free) if free is not None else 0.0
    busy_load = 101.0 if load is None else float(load)
    return (
        is_busy,
        bool(_say_why_unusable(gpu)),
        is_busy and bool(_list_computing(sample.processes, gpu)),
        busy_load if is_busy else 0.0,
        used,
        gpu.index,
    )


def _say_why_unusable(gpu: GpuReading) -> str:
    if gpu.state is not GpuState.OK:
        return f"it is {gpu.state.value}"
    if gpu.is_mig_on and not gpu.mig:
        return "MIG is on, and it has no instance"
    if gpu.compute_mode == "prohibited":
        return "computing on it is prohibited"
    return ""


def _say_why_unsure(sample: Sample, gpu: GpuReading) -> str:
    age_s = sample.at_s - gpu.read_s
    if gpu.read_s > 0 and age_s > max(STALE_PERIODS * sample.period_s, _STALE_AT_LEAST_S):
        return f"its readings are {age_s:.0f} s old"
    # While MIG is on no driver tells it; memory and processes must do.
    if gpu.utilization_percent is None and not gpu.is_mig_on:
        return "its utilisation is not known"
    if gpu.memory_used_bytes is None and not gpu.is_memory_unified:
        return "its memory in use is not known"
    return ""


def _say_who_uses(sample: Sample, gpu: GpuReading) -> str:
    computing = _list_computing(sample.processes, gpu)
    if not computing:
        return ""
    users = dict.fromkeys(process.user or "an unknown user" for process in computing)
    noun = "process" if len(computing) == 1 else "processes"
    return f"{len(computing)} {noun} of {', '.join(users)}"


def _say_what_is_used(gpu: GpuReading) -> str:
    if (gpu.utilization_percent or 0) > IDLE_UTILIZATION_PERCENT:
        return f"it is used to {gpu.utilization_percent} %"
    # Memory of the box says nothing about the GPU that shares it.
    used = 0 if gpu.is_memory_unified else gpu.memory_used_bytes or 0
    allowed = max(IDLE_MEMORY_BYTES, IDLE_MEMORY_SHARE * (gpu.memory_total_bytes or 0))
    if used > allowed:
        return f"{used / 2**30:.1f} GiB of its memory are in use"
    return ""


def _list_computing(processes: Iterable[GpuProcess], gpu: GpuReading) -> list[GpuProcess]:
    """List the processes that keep a GPU from being idle: a desktop that is shown on it does not."""
    return [
        process
        for process in processes
        if process.gpu == gpu.index and process.kinds != ("graphics",)
    ]


def _free_bytes(gpu: GpuReading) -> int | None:
    if gpu.memory_total_bytes is None or gpu.memory_used_bytes is None:
        return None
    return gpu.memory_total_bytes - gpu.memory_used_bytes


def _match(gpus: Iterable[GpuReading], wanted: str) -> list[GpuReading]:
    gpus = tuple(gpus)
    if wanted.isascii() and wanted.isdigit():
        by_index = [gpu for gpu in gpus if gpu.index == int(wanted[:9])]
        if by_index:
            return by_index
    address = _parse_address(wanted)
    if address is not None:
        return [gpu for gpu in gpus if _is_at(gpu, address)]
    exact = [gpu for gpu in gpus if (gpu.uuid or "").lower() == wanted != ""]
    return exact or [gpu for gpu in gpus if _begins_with(gpu, wanted)]


def _begins_with(gpu: GpuReading, wanted: str) -> bool:
    uuid = (gpu.uuid or "").lower()
    start = wanted.removeprefix("gpu-")
    return len(start) >= _MIN_PREFIX and uuid.removeprefix("gpu-").startswith(start)


def _parse_address(text: str) -> tuple[int | None, str] | None:
    match = _PCI.fullmatch(text.lower())
    if match is None:
        return None
    return (int(match["domain"], 16) if match["domain"] else None), match["rest"]


def _is_at(gpu: GpuReading, address: tuple[int | None, str]) -> bool:
    own = _parse_address(gpu.pci_bus_id or "")
    return own is not None and own[1] == address[1] and address[0] in {None, own[0]}


def _name(gpu: GpuReading) -> str:
    return " ".join(part for part in (str(gpu.index), gpu.name, gpu.uuid) if part)
