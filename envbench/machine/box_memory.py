"""The memory of the box, for GPUs that have none of their own.

Source: proc_meminfo(5).
"""

from pathlib import Path

_FILE = Path("/proc/meminfo")


def read_box_memory(path: Path = _FILE) -> tuple[int, int] | None:
    """Read total and used bytes; used is what could not be had without swapping."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    sizes = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    try:
        total, available = (int(sizes[name][0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    except (KeyError, IndexError, ValueError):
        return None
    return total, max(0, total - available)
