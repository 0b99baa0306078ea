"""MIG devices, by the one name that the screen and the command line give them: `GPU:INDEX`."""

from collections.abc import Iterable

from envbench.model.gpu import GpuReading, MigInstance
from envbench.model.gpu_process import GpuProcess


def runs_on(process: GpuProcess, gpu: GpuReading, instance: MigInstance) -> bool:
    """Tell whether a process is on this MIG device."""
    wanted = (gpu.index, instance.gpu_instance, instance.compute_instance)
    return (process.gpu, process.gpu_instance, process.compute_instance) == wanted


def name_instance(gpu: int, instance: int) -> str:
    """Name a MIG device by its GPU and its index there."""
    return f"{gpu}:{instance}"


def name_place(process: GpuProcess, gpus: Iterable[GpuReading]) -> str:
    """Name where a process runs: `2`, `2:0` on a MIG device, `2:?` on one that is not listed."""
    if process.gpu_instance is None:
        return str(process.gpu)
    for gpu in gpus:
        for instance in gpu.mig:
            if runs_on(process, gpu, instance):
                return name_instance(gpu.index, instance.index)
    return f"{process.gpu}:?"


def find_instance(text: str, gpus: Iterable[GpuReading]) -> MigInstance | None:
    """Find the MIG device of this name or of this whole UUID."""
    return next(
        (
            instance
            for gpu in gpus
            for instance in gpu.mig
            if text in {name_instance(gpu.index, instance.index), instance.uuid}
        ),
        None,
    )
