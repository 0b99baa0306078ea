"""GPUs and processes on them as text to paste; pure functions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from envbench.model.gpu_mig import name_instance
from envbench.ui.gpu_choice import GpuUser, owner_of, users_of
from envbench.ui.gpu_readings import READINGS, say_reading
from envbench.ui.gpu_words import describe_fault, describe_state, is_bad, name_fault, show_gib

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading, Sample
    from envbench.ui.state import ScreenState


def write_gpu(sample: "Sample", gpu: "GpuReading") -> str:
    """Write everything that is known of a GPU, one thing a line."""
    return "".join(f"{line}\n" for line in _gpu_lines(sample, gpu))


def _gpu_lines(sample: "Sample", gpu: "GpuReading") -> Iterator[str]:
    bad = is_bad(gpu)
    state = (
        f"{name_fault(gpu)}: {describe_fault(gpu, sample)}"
        if bad
        else describe_state(gpu, sample)[0]
    )
    yield " ".join(part for part in (f"GPU {gpu.index}", gpu.name or "", state) if part)
    driver = sample.driver
    if driver is not None:
        yield f"driver: {driver.version or '-'}, CUDA {driver.cuda or '-'}"
    yield f"UUID: {gpu.uuid or '-'}"
    yield f"PCI bus: {gpu.pci_bus_id or '-'}"
    for reading in READINGS:
        said, why = say_reading(reading, gpu)
        yield f"{reading.label}: {said}{f' ({why})' if why else ''}"
    for instance in gpu.mig:
        used, total = show_gib(instance.memory_used_bytes), show_gib(instance.memory_total_bytes)
        yield f"MIG {name_instance(gpu.index, instance.index)}: {instance.name or '-'}, {used} of {total} GiB, {instance.uuid or '-'}"
    for user in users_of(sample, gpu.index):
        process = user.process
        yield f"used by: pid {process.pid}, {process.user or '-'}, {show_gib(user.memory_bytes)} GiB"


def write_user(state: "ScreenState", user: GpuUser) -> str:
    """Write what is known of a process, one thing a line."""
    process, owner = user.process, owner_of(state, user)
    environment = process.environment
    facts = (
        ("pid", str(process.pid)),
        ("user", process.user),
        ("GPUs", ",".join(map(str, user.gpus))),
        ("memory", f"{show_gib(user.memory_bytes)} GiB" if user.memory_bytes is not None else None),
        ("command", process.command or process.name),
        ("CUDA_VISIBLE_DEVICES", process.visible_devices),
        ("container", process.container),
        ("slurm job", process.slurm_job),
        ("environment", environment.prefix if environment is not None else None),
        ("generation", str(owner.generation) if owner and owner.generation is not None else None),
        ("lock", owner.lock_path if owner is not None else None),
        ("spec", owner.spec_path if owner is not None else None),
    )
    return "".join(f"{name}: {value}\n" for name, value in facts if value)
