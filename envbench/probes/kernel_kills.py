"""How often the kernel has killed for want of memory: counters before and after a run.

Source: the kernel's cgroup-v2.rst (`memory.events`), cgroup-v1 (`memory.oom_control`), proc(5)
(`/proc/vmstat`).
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelKills:
    """Counts of kills since the box, or the control group, came to be; None where unreadable."""

    group: int | None = None
    """In the control group of this process: a rise is about this group alone."""
    box: int | None = None
    """On the whole box: a rise may be about anybody."""

    def since(self, before: "KernelKills") -> dict[str, int]:
        """Tell by how much each counter rose; a counter that cannot be read is left out."""
        pairs = {"group": (before.group, self.group), "box": (before.box, self.box)}
        return {
            name: now - then
            for name, (then, now) in pairs.items()
            if then is not None and now is not None
        }


def read_kernel_kills() -> KernelKills:
    """Read the counters; children of this process are counted in the same group."""
    return KernelKills(group=_read_group(), box=_read_field(Path("/proc/vmstat")))


def _read_group() -> int | None:
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            name = path.lstrip("/")
            if not controllers:
                found = _read_upwards(_CGROUPS, name, "memory.events")
            elif "memory" in controllers.split(","):
                found = _read_upwards(_CGROUPS / "memory", name, "memory.oom_control")
            else:
                continue
            if found is not None:
                return found
    return None


def _read_upwards(root: Path, name: str, file: str) -> int | None:
    # In a container the path is that of the host, while its own group is mounted at the root.
    return next(
        (
            found
            for folder in (root / name, root)
            if (found := _read_field(folder / file)) is not None
        ),
        None,
    )


def _read_field(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return None
