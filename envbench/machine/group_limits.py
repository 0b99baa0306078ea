"""What the control groups of this process allow it: memory and processor.

A container, a job of Slurm and a user's session are all limited so. Every group up to the root
counts, the narrowest limit being the one that is felt.

Source: cgroups(7), the kernel's admin-guide/cgroup-v2 and cgroup-v1/memory, proc_pid_mountinfo(5).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envbench.machine.kernel_numbers import parse_count

_NO_LIMIT_BYTES = 1 << 60
"""Version 1 writes a number of about this size where there is no limit."""
_RENEWAL_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReading:
    """Limits, and what was used of them; None where there is no limit."""

    memory_limit_bytes: int | None = None
    memory_free_bytes: int | None = None
    """What is left of the narrowest limit; file cache that can be dropped counts as free."""
    cpu_limit: float | None = None
    """In processors; may be a fraction."""
    cpu_used_s: float | None = None
    """Processor time so far of the group that has this limit."""


@dataclass(frozen=True, slots=True)
class _Files:
    """Names of files of one version of control groups."""

    memory_limit: str
    memory_used: str
    dropped_cache: str
    """Line of `memory.stat`: file cache that is not in use."""
    cpu_used: str


_V2 = _Files("memory.max", "memory.current", "inactive_file", "cpu.stat")
_V1 = _Files(
    "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "cpuacct.usage"
)


@dataclass(frozen=True, slots=True)
class _Group:
    """One directory of control groups."""

    folder: Path
    files: _Files

    def read_memory_limit(self) -> int | None:
        limit = parse_count(_read(self.folder / self.files.memory_limit))
        return limit if limit is not None and limit < _NO_LIMIT_BYTES else None

    def read_memory_used(self) -> int | None:
        used = parse_count(_read(self.folder / self.files.memory_used))
        if used is None:
            return None
        cache = _read_line(self.folder / "memory.stat", self.files.dropped_cache) or 0
        return max(0, used - cache)

    def read_cpu_limit(self) -> float | None:
        if self.files is _V2:
            texts = _read(self.folder / "cpu.max").split()
        else:
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            texts = [_read(self.folder / name) for name in names]
        quota, period = map(parse_count, texts) if len(texts) == 2 else (None, None)
        return quota / period if quota and period else None

    def read_cpu_used_s(self) -> float | None:
        if self.files is _V2:
            used_us = _read_line(self.folder / self.files.cpu_used, "usage_usec")
            return None if used_us is None else used_us / 1e6
        used_ns = parse_count(_read(self.folder / self.files.cpu_used))
        return None if used_ns is None else used_ns / 1e9


class GroupLimits:
    """Reads the limits now and then, and what is used of them each time."""

    def __init__(self, root: Path = Path("/")) -> None:
        """Find the groups of this process.

        Args:
            root: Where the file system begins.
        """
        self._groups = tuple(_find_groups(root))
        self._memory: tuple[tuple[_Group, int], ...] = ()
        self._cpu: tuple[_Group, float] | None = None
        self._read_at_s: float | None = None

    def read(self) -> GroupReading:
        """Read limits and use."""
        now_s = time.monotonic()
        if self._read_at_s is None or now_s - self._read_at_s > _RENEWAL_S:
            self._renew()
            self._read_at_s = now_s
        free = [
            max(0, limit - used)
            for group, limit in self._memory
            if (used := group.read_memory_used()) is not None
        ]
        return GroupReading(
            memory_limit_bytes=min((limit for _, limit in self._memory), default=None),
            memory_free_bytes=min(free, default=None),
            cpu_limit=self._cpu[1] if self._cpu else None,
            cpu_used_s=self._cpu[0].read_cpu_used_s() if self._cpu else None,
        )

    def _renew(self) -> None:
        limits = ((group, group.read_memory_limit()) for group in self._groups)
        self._memory = tuple((group, limit) for group, limit in limits if limit is not None)
        cpus = ((group, group.read_cpu_limit()) for group in self._groups)
        known = [(group, limit) for group, limit in cpus if limit is not None]
        self._cpu = min(known, key=lambda pair: pair[1], default=None)


def _find_groups(root: Path) -> Iterator[_Group]:
    own = dict(_parse_own_groups(_read(root / "proc/self/cgroup")))
    seen: set[Path] = set()
    for mount_root, point, files, controllers in _parse_mounts(_read(root / "proc/self/mountinfo")):
        path = next((own[name] for name in controllers if name in own), None)
        if path is None:
            continue
        # Without a namespace of its own a container is told its path on the host.
        inside = path.removeprefix(mount_root.rstrip("/")).strip("/") if mount_root != "/" else path
        top = root / point.lstrip("/")
        folder = top / inside.strip("/")
        for each in (folder, *folder.parents):
            if each.is_dir() and each not in seen:
                seen.add(each)
                yield _Group(each, files)
            if each == top:
                break


def _parse_own_groups(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3:
            for controller in parts[1].split(","):
                yield controller, parts[2]


def _parse_mounts(text: str) -> Iterator[tuple[str, str, _Files, tuple[str, ...]]]:
    """List root, mount point, files and controllers of the mounts of control groups."""
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        parts, kind = fields.split(), rest.split()
        if len(parts) < 5 or len(kind) < 3:
            continue
        if kind[0] == "cgroup2":
            yield parts[3], parts[4], _V2, ("",)
        elif kind[0] == "cgroup":
            names = set(kind[2].split(",")) & {"memory", "cpu", "cpuacct"}
            if names:
                yield parts[3], parts[4], _V1, tuple(sorted(names))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(256 * 1024).decode(errors="replace").strip()
    except OSError:
        return ""


def _read_line(path: Path, name: str) -> int | None:
    for line in _read(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return parse_count(value)
    return None
