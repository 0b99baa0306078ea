"""The GPUs that PyTorch reaches, for its own probe and those of what is built on it."""


def describe(torch, surroundings):
    """Say whether this PyTorch is built for GPUs, which ones it reaches, and why none."""
    devices = list_devices(torch, surroundings)
    gpu_build = bool(torch.version.cuda or getattr(torch.version, "hip", None))
    found = {
        "gpu_build": gpu_build,
        "devices": devices,
        "device_used": devices[0]["uuid"] if devices else "cpu",
    }
    if gpu_build and not devices:
        found["gpu_error"] = _ask_for_gpu(torch)
    return found


def list_devices(torch, surroundings):
    """Describe every visible GPU; empty where PyTorch computes on the CPU."""
    if not torch.cuda.is_available():
        return []
    devices = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        devices.append(
            {
                "name": properties.name,
                "uuid": name_device(torch, surroundings, index),
                "capability": "%d.%d" % (properties.major, properties.minor),
                "memory_bytes": properties.total_memory,
            }
        )
    return devices


def name_device(torch, surroundings, index):
    """Name a GPU by its UUID, or by its number where this PyTorch does not tell it."""
    uuid = getattr(torch.cuda.get_device_properties(index), "uuid", "")
    return surroundings.name_uuid(uuid) or "cuda:%d" % index


def _ask_for_gpu(torch):
    """Ask outright: `is_available` keeps the reason to itself."""
    try:
        torch.cuda.init()
    except Exception as error:
        return str(error)
    return "CUDA comes up, but shows no device"
