"""How bad it is with a GPU, in one word that the screen and the command line share."""

from envbench.model.gpu import GpuReading, GpuState

_LOST, _RESET = 15, 16
_NAMES = {_LOST: "LOST", _RESET: "NEEDS RESET"}


def name_fault(gpu: GpuReading) -> str:
    """Say in one word how bad it is: `HUNG`, `LOST`, `CRASHED`."""
    if gpu.state is not GpuState.FAULTY:
        return gpu.state.value.upper()
    code = gpu.fault.code if gpu.fault is not None else None
    return _NAMES.get(code or 0, "FAULTY")
