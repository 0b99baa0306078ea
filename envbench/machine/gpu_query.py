"""Asks the NVIDIA driver what it is, in a process of its own.

A call into a driver can hang or crash, and nothing in this process could prevent it. So this file
is run as a child, prints one JSON line and ends; it imports nothing of envbench.

Source: NVML's API reference; error numbers as in `nvml.h`.
"""

import json
import sys
from typing import Any

LIBRARY_MISSING = {9, 12}
"""`NVML_ERROR_DRIVER_NOT_LOADED`, `NVML_ERROR_LIBRARY_NOT_FOUND`."""


def query_driver() -> dict[str, Any]:
    """Return the driver's versions and its GPUs, or a `reason` why there are none."""
    try:
        import pynvml
    except ImportError:
        return {"reason": "nvidia-ml-py is not installed"}
    if not hasattr(pynvml, "_nvmlGetFunctionPointer"):
        return {"reason": "another package named pynvml hides nvidia-ml-py"}
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as fault:
        code = int(getattr(fault, "value", 0))
        text = "no NVIDIA driver" if code in LIBRARY_MISSING else str(fault)
        return {"reason": text, "code": code}
    return {
        "driver": _ask(pynvml, pynvml.nvmlSystemGetDriverVersion),
        "cuda": _ask_cuda(pynvml),
        "gpus": _list_gpus(pynvml),
    }


def _ask(nvml: Any, function: Any, *arguments: Any) -> Any:
    """Call the driver; None for what it cannot tell."""
    try:
        value = function(*arguments)
    except (nvml.NVMLError, nvml.NVMLLibraryMismatchError, AttributeError):
        return None
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _ask_cuda(nvml: Any) -> str | None:
    for name in ("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion"):
        number = _ask(nvml, getattr(nvml, name, None) or _missing)
        if number:
            return f"{number // 1000}.{number % 1000 // 10}"
    return None


def _missing() -> None:
    raise AttributeError


def _list_gpus(nvml: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for index in range(_ask(nvml, nvml.nvmlDeviceGetCount) or 0):
        handle = _ask(nvml, nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is None:
            found.append({"index": index})
            continue
        capability = _ask(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle)
        memory = _ask(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
        found.append(
            {
                "index": index,
                "name": _ask(nvml, nvml.nvmlDeviceGetName, handle),
                "uuid": _ask(nvml, nvml.nvmlDeviceGetUUID, handle),
                "capability": "{}.{}".format(*capability) if capability else None,
                "memory_bytes": int(memory.total) if memory and memory.total else None,
            }
        )
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(query_driver()) + "\n")
    sys.stdout.flush()
