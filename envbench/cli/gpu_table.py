"""The GPUs of a box, and who uses them, as lines of text; unknown is `-`, never 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envbench.cli.gpu_dashes import explain_dashes
from envbench.cli.output import format_bytes, make_safe
from envbench.cli.table import fold, lay_out, leave_out
from envbench.model.gpu import BoxReading, GpuReading, GpuState, GpuVendor, MigInstance, Sample
from envbench.model.gpu_fault import name_fault
from envbench.model.gpu_mig import name_instance, name_place
from envbench.model.gpu_process import GpuProcess
from envbench.workbench.values.gpu_owners import GpuReport, KnownEnvironment

UNKNOWN = "-"
GUESS = "~"
"""Stands before an environment that was told by a path, and not by the process itself."""

_GPU_HEADERS = ("gpu", "name", "util", "memory", "temp", "power", "state")
_PROCESS_HEADERS = (
    *("gpu", "pid", "user", "environment", "generation", "since build", "memory"),
    "command",
)
_SPARE_OF_GPU = ("power", "name", "temp")
_SPARE_OF_PROCESS = ("since build", "generation", "user")
"""What is left out on a narrow terminal, the first of them first."""
_COMMAND_LIMIT = 400
_LEAST_STATE, _LEAST_COMMAND = 12, 12
"""So much of the last column is worth more than what can be spared."""
_VENDORS = {GpuVendor.NVIDIA: "NVIDIA", GpuVendor.AMD: "AMD", GpuVendor.INTEL: "Intel"}


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line, safe to print."""

    text: str
    colour: str = ""
    """`red`, `yellow`; empty for none. Words say the same."""
    bold: bool = False


def draw_report(report: GpuReport, width: int | None) -> list[TableLine]:
    """Draw everything about the GPUs of one moment.

    Args:
        report: The readings and the environments of the processes.
        width: Columns of the terminal; None cuts nothing.
    """
    sample = report.sample
    lines = [_cut(_say_driver(sample), width)] if sample.driver else []
    if sample.absence is not None:
        lines += _draw_absence(sample, width)
    else:
        lines += _draw_gpus(sample, width)
        lines += _draw_faults(sample, width)
        lines += [line for text in explain_dashes(sample) for line in _fold(text, width)]
        lines += [TableLine(""), *_draw_processes(report, width)]
    return [*lines, TableLine(""), _cut(_say_box(sample.box), width)]


def _draw_absence(sample: Sample, width: int | None) -> list[TableLine]:
    absence = sample.absence
    if absence is None:
        return []
    lines = _fold(f"no GPU is read: {absence.words}", width, "yellow")
    for detail in absence.details:
        lines += _fold(f"  {detail}", width)
    return [*lines, *(_fold(f"  next: {absence.remedy}", width) if absence.remedy else [])]


def _draw_gpus(sample: Sample, width: int | None) -> list[TableLine]:
    rows: list[tuple[str, ...]] = []
    states: list[GpuState] = []
    for gpu in sample.gpus:
        rows += [_gpu_row(gpu), *(_mig_row(gpu, instance) for instance in gpu.mig)]
        states += [gpu.state] * (1 + len(gpu.mig))
    table = leave_out([_GPU_HEADERS, *_make_safe(rows)], width, _SPARE_OF_GPU, _LEAST_STATE)
    header, *drawn = lay_out(table, None)
    return [
        _cut(header, width, bold=True),
        *(_cut(text, width, _colour(state)) for text, state in zip(drawn, states, strict=True)),
    ]


def _gpu_row(gpu: GpuReading) -> tuple[str, ...]:
    return (
        str(gpu.index),
        gpu.name or UNKNOWN,
        _with_unit(gpu.utilization_percent, " %"),
        _say_memory(gpu.memory_used_bytes, gpu.memory_total_bytes)
        + (" unified" if gpu.is_memory_unified else ""),
        _with_unit(gpu.temperature_c, " °C"),
        _say_power(gpu),
        _say_state(gpu),
    )


def _mig_row(gpu: GpuReading, instance: MigInstance) -> tuple[str, ...]:
    memory = _say_memory(instance.memory_used_bytes, instance.memory_total_bytes)
    name = f"MIG {instance.name or UNKNOWN}"
    return (name_instance(gpu.index, instance.index), name, UNKNOWN, memory, UNKNOWN, UNKNOWN, "")


def _say_state(gpu: GpuReading) -> str:
    if gpu.fault is not None:
        return name_fault(gpu)
    words = [gpu.state.value, *(["MIG"] if gpu.is_mig_on else [])]
    words += ["bad memory waits for a restart"] if gpu.is_retirement_pending else []
    return ", ".join([*words, *(gpu.throttle_reasons or ())])


def _draw_faults(sample: Sample, width: int | None) -> list[TableLine]:
    lines = []
    for gpu in sample.gpus:
        if gpu.fault is not None:
            words = f"GPU {gpu.index} {name_fault(gpu)}: {gpu.fault.words}"
            lines += _fold(words, width, "red")
            if gpu.fault.remedy:
                lines += _fold(f"  next: {gpu.fault.remedy}", width)
    return lines


def _draw_processes(report: GpuReport, width: int | None) -> list[TableLine]:
    sample = report.sample
    if not sample.processes:
        return [TableLine("no process is seen on a GPU")]
    known = {each.prefix: each for each in report.environments}
    ordered = sorted(sample.processes, key=lambda p: (p.gpu, -(p.memory_used_bytes or 0), p.pid))
    rows = [_process_row(process, known, sample) for process in ordered]
    commands = (process.command or process.name or UNKNOWN for process in ordered)
    table = [
        [*row, " ".join(make_safe(command, limit=_COMMAND_LIMIT).split())]
        for row, command in zip(_make_safe(rows), commands, strict=True)
    ]
    shown = leave_out([_PROCESS_HEADERS, *table], width, _SPARE_OF_PROCESS, _LEAST_COMMAND)
    header, *drawn = lay_out(shown, None)
    return [_cut(header, width, bold=True), *(_cut(text, width) for text in drawn)]


def _process_row(
    process: GpuProcess, known: Mapping[str, KnownEnvironment], sample: Sample
) -> tuple[str, ...]:
    place = process.environment
    environment = known.get(place.prefix) if place is not None else None
    guess = GUESS if place is not None and place.is_inferred else ""
    name = environment.name if environment is not None else place.prefix if place else UNKNOWN
    return (
        name_place(process, sample.gpus),
        str(process.pid) if process.is_here else f"{process.pid} (outside)",
        process.user or UNKNOWN,
        guess + name,
        _say_generation(environment),
        _say_since_build(environment),
        UNKNOWN if process.memory_used_bytes is None else format_bytes(process.memory_used_bytes),
    )


def _say_generation(environment: KnownEnvironment | None) -> str:
    if environment is None or environment.generation is None:
        return UNKNOWN
    live = environment.live_generation
    now = f"live: {live}" if live is not None else "none live"
    is_live = live == environment.generation
    return str(environment.generation) if is_live else f"{environment.generation} ({now})"


def _say_since_build(environment: KnownEnvironment | None) -> str:
    """Say what was changed: in the environment, and in the spec that it was built from."""
    if environment is None:
        return UNKNOWN
    if environment.fault:
        return environment.fault
    if environment.generation is None:
        return f"made by {environment.kind}"
    spec = environment.spec_state if environment.spec_state == "spec changed" else ""
    if environment.drift is None:
        return ", ".join(filter(None, ("not known", spec)))
    return ", ".join(filter(None, (environment.drift, spec))) or "nothing changed"


def _say_driver(sample: Sample) -> str:
    driver = sample.driver
    if driver is None:
        return ""
    parts = [f"{_VENDORS[driver.vendor]} driver {driver.version or UNKNOWN}"]
    parts += [f"CUDA {driver.cuda}"] if driver.cuda else []
    return ", ".join(parts)


def _say_box(box: BoxReading) -> str:
    used = None
    if box.memory_total_bytes is not None and box.memory_available_bytes is not None:
        used = box.memory_total_bytes - box.memory_available_bytes
    processors = f"{box.cpu_count or UNKNOWN} processors"
    busy = "" if box.cpu_percent is None else f" {box.cpu_percent:.0f} % busy"
    load = "" if box.load_1 is None else f", load {box.load_1:.1f}"
    return f"box: {processors}{busy}{load}, memory {_say_memory(used, box.memory_total_bytes)}"


def _say_memory(used: int | None, total: int | None) -> str:
    shown = [UNKNOWN if size is None else format_bytes(size) for size in (used, total)]
    return UNKNOWN if used is None and total is None else " / ".join(shown)


def _say_power(gpu: GpuReading) -> str:
    if gpu.power_w is None and gpu.power_limit_w is None:
        return UNKNOWN
    power = UNKNOWN if gpu.power_w is None else f"{gpu.power_w:.0f}"
    limit = UNKNOWN if gpu.power_limit_w is None else f"{gpu.power_limit_w:.0f}"
    return f"{power} / {limit} W"


def _with_unit(value: int | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value}{unit}"


def _colour(state: GpuState) -> str:
    return {GpuState.OK: "", GpuState.ASLEEP: "yellow"}.get(state, "red")


def _make_safe(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[" ".join(make_safe(cell, limit=200).split()) for cell in row] for row in rows]


def _fold(text: str, width: int | None, colour: str = "") -> list[TableLine]:
    """Continue below what is too long: the end of a sentence may be what matters."""
    safe = " ".join(make_safe(text).splitlines())
    return [_cut(line, width, colour) for line in fold(safe, width, "    ").splitlines()]


def _cut(text: str, width: int | None, colour: str = "", *, bold: bool = False) -> TableLine:
    safe = " ".join(make_safe(text).splitlines())
    return TableLine(_shorten(safe, width), colour, bold)


def _shorten(text: str, width: int | None) -> str:
    text = text.rstrip()
    return text if width is None or len(text) <= width else text[: max(width - 1, 0)] + "…"
