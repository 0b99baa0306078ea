"""Facts of this box for people: processor, memory, disk, GPUs."""

import os
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from envbench.machine.gpus import QUERY_TIMEOUT_S, DriverFacts, ask_driver
from envbench.model.cleaning import clean

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "9p"}
    | {"fuse.sshfs", "fuse.glusterfs", "wekafs", "panfs", "pvfs2", "orangefs"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """The file system under a directory."""

    path: str
    """The directory that was asked about; it need not exist yet."""
    file_system: str | None
    """`ext4`, `nfs4`, ...; None when unknown."""
    total_bytes: int
    free_bytes: int
    """What this user may still write."""
    free_files: int | None
    """Files that can still be made; None when the file system sets no limit."""
    warning: str = ""
    """One line, for file systems on which environments are slow or fragile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxFacts:
    """This box."""

    name: str
    """Host name."""
    system: str
    """`Debian GNU/Linux 12 (bookworm)`."""
    kernel: str
    processor: str | None
    cores: int
    """Logical processors that this process may use."""
    memory_bytes: int
    """Total; of the container where one sets a limit."""
    memory_free_bytes: int
    disks: tuple[DiskFacts, ...]
    driver: DriverFacts


def describe_box(
    environ: Mapping[str, str],
    directories: tuple[Path, ...] = (),
    *,
    gpu_timeout_s: float = QUERY_TIMEOUT_S,
    driver: DriverFacts | None = None,
) -> BoxFacts:
    """Collect the facts.

    Args:
        environ: The environment variables.
        directories: Whose disks are asked about: where environments and caches lie.
        gpu_timeout_s: When to give up on a driver that does not answer.
        driver: What the driver said before; None asks it.
    """
    memory = psutil.virtual_memory()
    limit = _read_memory_limit()
    return BoxFacts(
        name=clean(socket.gethostname(), limit=100),
        system=_read_system(),
        kernel=clean(os.uname().release, limit=100),
        processor=_read_processor(),
        cores=_count_cores(),
        memory_bytes=min(memory.total, limit) if limit else memory.total,
        memory_free_bytes=min(memory.available, limit) if limit else memory.available,
        disks=tuple(describe_disk(directory) for directory in directories),
        driver=driver or ask_driver(environ, timeout_s=gpu_timeout_s),
    )


def describe_disk(directory: Path) -> DiskFacts:
    """Describe the file system on which a directory lies, or would lie."""
    existing = directory.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    status = os.statvfs(existing)
    kind = _find_file_system(existing)
    return DiskFacts(
        path=clean(str(directory)),
        file_system=kind,
        total_bytes=status.f_blocks * status.f_frsize,
        free_bytes=status.f_bavail * status.f_frsize,
        free_files=status.f_favail if status.f_files else None,
        warning=_warn_of(kind),
    )


def _warn_of(kind: str | None) -> str:
    if kind in NETWORK_FILE_SYSTEMS:
        return f"{kind} is a network file system: builds and imports are slower there"
    if kind in {"tmpfs", "ramfs"}:
        return f"{kind} lives in memory: what is built there is gone after a restart"
    return ""


def _find_file_system(path: Path) -> str | None:
    """Find the mount that a path belongs to: the one with the longest mount point."""
    real = os.path.realpath(path)
    best: tuple[int, str] | None = None
    for mount in psutil.disk_partitions(all=True):
        point = mount.mountpoint.rstrip("/")
        inside = real == point or real.startswith(f"{point}/")
        if inside and (best is None or len(point) >= best[0]):
            best = (len(point), mount.fstype)
    return best[1] if best else None


def _read_system() -> str:
    try:
        return clean(platform.freedesktop_os_release()["PRETTY_NAME"], limit=200)
    except (OSError, KeyError):
        return clean(platform.platform(), limit=200)


def _read_processor() -> str | None:
    try:
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith(("model name", "Hardware")):
                return clean(line.partition(":")[2].strip(), limit=200)
    except OSError:
        pass
    return clean(platform.processor(), limit=200) or None


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_memory_limit() -> int | None:
    """Read the limit of the control group, which is what a container may use."""
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < 1 << 60:
            return int(text)
    return None
