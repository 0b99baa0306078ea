"""The MIG instances of a GPU.

Source: NVML's API reference, multi instance GPU management.
"""

from typing import Any

from envbench.machine.nvml_errors import NOT_FOUND
from envbench.machine.sampler.answers import GPU_IS_GONE
from envbench.machine.sampler.asking import Asker
from envbench.machine.sampler.driver import Driver, DriverError, read_text
from envbench.machine.sampler.questions import MEMORY
from envbench.model.gpu import MigInstance

_MOST_INSTANCES = 64


class MigInstances:
    """The instances of one GPU: listed seldom, their memory read more often."""

    def __init__(self, driver: Driver, gpu: int, parent: Asker) -> None:
        """List nothing yet."""
        self._driver, self._gpu, self._parent = driver, gpu, parent
        self._found: list[tuple[MigInstance, Asker]] = []

    def list_all(self) -> None:
        """Look which instances there are.

        Raises:
            DriverError: The GPU is gone.
        """
        self._found = []
        for index in range(self._count()):
            try:
                handle = self._parent.call("nvmlDeviceGetMigDeviceHandleByIndex", index)
            except DriverError as fault:
                if fault.code in GPU_IS_GONE:
                    raise
                if fault.code == NOT_FOUND:
                    continue  # Indices have gaps.
                break
            asker = Asker(self._driver, self._gpu, handle)
            self._found.append((_describe(index, asker), asker))

    def clear(self) -> None:
        """Forget them: MIG is off."""
        self._found = []

    def read(self) -> tuple[MigInstance, ...]:
        """Read the memory of each.

        Raises:
            DriverError: The GPU is gone.
        """
        return tuple(self._read_memory(instance, asker) for instance, asker in self._found)

    def _count(self) -> int:
        try:
            count = int(self._parent.call("nvmlDeviceGetMaxMigDeviceCount"))
        except DriverError as fault:
            if fault.code in GPU_IS_GONE:
                raise
            return 0
        return min(count, _MOST_INSTANCES)

    def _read_memory(self, instance: MigInstance, asker: Asker) -> MigInstance:
        asker.ask(MEMORY)
        total, used = (asker.values.get(name) for name in MEMORY.fields[:2])
        return MigInstance(
            index=instance.index,
            uuid=instance.uuid,
            name=instance.name,
            gpu_instance=instance.gpu_instance,
            compute_instance=instance.compute_instance,
            memory_total_bytes=total if isinstance(total, int) else None,
            memory_used_bytes=used if isinstance(used, int) else None,
        )


def _describe(index: int, asker: Asker) -> MigInstance:
    name = _call(asker, "nvmlDeviceGetName")
    uuid = _call(asker, "nvmlDeviceGetUUID")
    profile = read_text(name).rpartition("MIG ")[2] if name else None
    return MigInstance(
        index=index,
        uuid=read_text(uuid) if uuid else None,
        name=profile,
        gpu_instance=_call(asker, "nvmlDeviceGetGpuInstanceId"),
        compute_instance=_call(asker, "nvmlDeviceGetComputeInstanceId"),
    )


def _call(asker: Asker, function: str) -> Any:
    try:
        return asker.call(function)
    except DriverError as fault:
        if fault.code in GPU_IS_GONE:
            raise
        return None
