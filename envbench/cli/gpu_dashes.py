"""Why the table of the GPUs has a dash, in words: one line for all GPUs with the same reason."""

from collections.abc import Iterator

from envbench.model.gpu import GpuReading, GpuState, Sample, Unread

_SHOWN = {
    "utilization_percent": "utilization",
    "memory_used_bytes": "memory",
    "temperature_c": "temperature",
    "power_w": "power",
}
_WHY = {
    Unread.NOT_SUPPORTED: "this card does not tell it",
    Unread.NOT_IN_DRIVER: "this driver is too old to tell it",
    Unread.NO_PERMISSION: "needs root",
    Unread.MIG_ENABLED: "not told while MIG is on",
    Unread.UNIFIED_MEMORY: "the memory is the box's own",
    Unread.DRIVER_ERROR: "the driver answers with an error",
}


def explain_dashes(sample: Sample) -> Iterator[str]:
    """Say of what is not known of GPUs that answer why it is not: `power of GPU 0, 1: needs root`."""
    found: dict[tuple[str, str], list[int]] = {}
    for gpu in sample.gpus if sample.absence is None else ():
        for field, name in _SHOWN.items() if gpu.state is GpuState.OK else ():
            why = _say_why(gpu, field)
            if why:
                found.setdefault((name, why), []).append(gpu.index)
    for (name, why), indexes in found.items():
        yield f"no {name} of GPU {', '.join(map(str, indexes))}: {why}"


def _say_why(gpu: GpuReading, field: str) -> str:
    if getattr(gpu, field) is not None:
        return ""
    words = _WHY.get(gpu.unread.get(field, Unread.NOT_YET), "")
    code = gpu.unread_codes.get(field)
    return f"{words} ({code})" if words and code is not None else words
