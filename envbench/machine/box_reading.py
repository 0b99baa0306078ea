"""Processor, memory, disks and network of this box, once a tick.

Inside of a container or a job with limits of its own, those are the box: a bar that shows the
memory of the whole machine would be full never, and the process would be killed all the same.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import psutil

from envbench.machine.group_limits import GroupLimits, GroupReading
from envbench.model.cleaning import clean
from envbench.model.gpu import BoxReading, DiskReading

DISK_PERIOD_S = 5.0
_DISK_PATIENCE_S = 0.2
_SHORTEST_S = 0.01
"""Rates over less than this say nothing."""
_NET, _BLOCK = "/sys/class/net", "/sys/block"
_MEMORY_DEVICES = ("loop", "ram", "zram")
_FAULTS = (OSError, RuntimeError, NotImplementedError, ValueError, KeyError, psutil.Error)
_Value = TypeVar("_Value")


class BoxReader:
    """Reads the box again and again; rates are since the last time."""

    def __init__(self, paths: Sequence[str] = (), *, limits: GroupLimits | None = None) -> None:
        """Read nothing yet.

        Args:
            paths: Whose disks are told; they need not exist yet.
            limits: The limits of control groups; None finds those of this process.
        """
        self._limits = limits or GroupLimits()
        self._cpu, self._group_cpu = _CpuShare(), _Rate()
        self._received, self._sent, self._read, self._written = (_Rate() for _ in range(4))
        self._hardware = _Hardware()
        self._disks = tuple(_Disk(path) for path in paths)

    def read(self) -> BoxReading:
        """Read everything; what cannot be read is None."""
        now_s = time.monotonic()
        limits = self._limits.read()
        memory, swap = _attempt(psutil.virtual_memory), _attempt(psutil.swap_memory)
        received, sent = _attempt(self._hardware.count_network) or (None, None)
        read, written = _attempt(self._hardware.count_disks) or (None, None)
        total = memory.total if memory else None
        available = memory.available if memory else None
        return BoxReading(
            cpu_percent=self._read_cpu(limits, now_s),
            cpu_count=_count_processors(limits),
            load_1=_attempt(lambda: os.getloadavg()[0]),
            memory_total_bytes=_least(total, limits.memory_limit_bytes),
            memory_available_bytes=_least(available, limits.memory_free_bytes),
            swap_total_bytes=swap.total if swap else None,
            swap_used_bytes=swap.used if swap else None,
            disk_read_bytes_s=self._read.advance(read, now_s),
            disk_write_bytes_s=self._written.advance(written, now_s),
            network_received_bytes_s=self._received.advance(received, now_s),
            network_sent_bytes_s=self._sent.advance(sent, now_s),
            disks=self._read_disks(now_s),
        )

    def _read_cpu(self, limits: GroupReading, now_s: float) -> float | None:
        share = self._cpu.advance(_attempt(_read_cpu_times))
        if limits.cpu_limit is None:
            return share
        used = self._group_cpu.advance(limits.cpu_used_s, now_s)
        return None if used is None else round(min(100.0, 100.0 * used / limits.cpu_limit), 1)

    def _read_disks(self, now_s: float) -> tuple[DiskReading, ...]:
        found: dict[int, DiskReading] = {}
        for disk in self._disks:
            disk.refresh(now_s)
            if disk.reading is not None:
                # Paths on one file system are one disk, that which was named first.
                found.setdefault(disk.device, disk.reading)
        return tuple(found.values())


class _Rate:
    """Turns a counter into a rate."""

    def __init__(self) -> None:
        self._value: float | None = None
        self._at_s = 0.0

    def advance(self, value: float | None, now_s: float) -> float | None:
        """Give the rate since the last time; None at first, and when the counter began anew."""
        former, past_s = self._value, now_s - self._at_s
        self._value, self._at_s = value, now_s
        if value is None or former is None or value < former or past_s < _SHORTEST_S:
            return None
        return (value - former) / past_s


class _CpuShare:
    """Turns times of the processors into the share in which they were busy."""

    def __init__(self) -> None:
        self._times: tuple[float, float] | None = None

    def advance(self, times: tuple[float, float] | None) -> float | None:
        """Give percents since the last time; None at first."""
        former, self._times = self._times, times
        if times is None or former is None:
            return None
        busy, total = times[0] - former[0], times[1] - former[1]
        if total < _SHORTEST_S:
            return None
        # The kernel's idle time may go back by a little.
        return round(min(100.0, max(0.0, 100.0 * busy / total)), 1)


class _Hardware:
    """Sums over real devices: bridges, bonds and mapped disks would be counted twice."""

    def __init__(self) -> None:
        self._real: dict[str, bool] = {}

    def count_network(self) -> tuple[int, int] | None:
        """Give bytes received and sent so far."""
        counters = psutil.net_io_counters(pernic=True)
        chosen = self._choose(_NET, (name for name in counters if name != "lo"))
        if not chosen:
            return None
        return (
            sum(counters[name].bytes_recv for name in chosen),
            sum(counters[name].bytes_sent for name in chosen),
        )

    def count_disks(self) -> tuple[int, int] | None:
        """Give bytes read and written so far."""
        counters = psutil.disk_io_counters(perdisk=True) or {}
        names = (name for name in counters if not name.startswith(_MEMORY_DEVICES))
        chosen = self._choose(_BLOCK, names)
        if not chosen:
            return None
        return (
            sum(counters[name].read_bytes for name in chosen),
            sum(counters[name].write_bytes for name in chosen),
        )

    def _choose(self, folder: str, names: Iterable[str]) -> list[str]:
        """Choose those that have hardware behind them; in a container no network has."""
        every = list(names)
        real = [name for name in every if self._is_real(f"{folder}/{name}")]
        if real or folder == _BLOCK:
            return real
        return every

    def _is_real(self, path: str) -> bool:
        if path not in self._real:
            self._real[path] = Path(path, "device").exists()
        return self._real[path]


class _Disk:
    """The file system under one path, read seldom and never waited for long.

    A network file system whose server is gone answers no question: the thread that asks is left
    behind, and the disk is not told until it comes back.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._due_s = -math.inf
        self._asking: threading.Thread | None = None
        self.reading: DiskReading | None = None
        self.device = 0

    def refresh(self, now_s: float) -> None:
        """Ask again when it is time."""
        if self._asking is not None and self._asking.is_alive():
            self.reading = None
            return
        if now_s < self._due_s:
            return
        self._due_s = now_s + DISK_PERIOD_S
        self._asking = threading.Thread(target=self._ask, daemon=True)
        self._asking.start()
        self._asking.join(_DISK_PATIENCE_S)

    def _ask(self) -> None:
        try:
            existing = Path(self._path).absolute()
            while not existing.exists() and existing != existing.parent:
                existing = existing.parent
            status, self.device = os.statvfs(existing), existing.stat().st_dev
        except (OSError, ValueError):
            self.reading = None
            return
        self.reading = DiskReading(
            path=clean(self._path),
            total_bytes=status.f_blocks * status.f_frsize,
            free_bytes=status.f_bavail * status.f_frsize,
        )


def _read_cpu_times() -> tuple[float, float]:
    """Give the busy and the whole time of all processors so far."""
    times = psutil.cpu_times()
    # The time of guests is in `user` and `nice` already.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _count_processors(limits: GroupReading) -> int | None:
    """Count the processors that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return _least(count, None if limits.cpu_limit is None else max(1, math.ceil(limits.cpu_limit)))


def _least(*values: int | None) -> int | None:
    """Give the least of what is known, where the first is."""
    return min(v for v in values if v is not None) if values[0] is not None else None


def _attempt(read: Callable[[], _Value]) -> _Value | None:
    try:
        return read()
    except _FAULTS:
        return None
