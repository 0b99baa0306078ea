"""Which processes use a GPU of AMD's or Intel's, told by the descriptors that they hold.

To look through all descriptors of all processes costs much where there are many: those that hold a
GPU are looked at each time, the others in turns.

Source: the kernel's gpu/drm-usage-stats, and the notes of amdgpu, i915 and xe to it.
"""
# ruff: noqa: PTH115, PTH123, PTH208

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from envbench.machine.kernel_numbers import parse_count

_DEVICES = "/dev/dri/"
_LOOKS_A_TIME = 150
_MOST_DESCRIPTORS = 4096
_UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
# What lies in the card now, before what was asked for; regions have a number behind them.
_MEMORY_KEYS = ("drm-resident-", "drm-memory-", "drm-total-")
_REGIONS = ("vram", "local")
_COMPUTE, _GRAPHICS = frozenset({"compute", "ccs"}), frozenset({"gfx", "render", "rcs"})
_NS_IN_S = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class DrmUsage:
    """One client of a GPU: what one opened file tells."""

    address: str
    client: str
    memory_bytes: int | None = None
    busy: dict[str, int] = field(default_factory=dict)
    """Engine to nanoseconds, or to cycles where `cycles` has it."""
    cycles: dict[str, int] = field(default_factory=dict)
    """Engine to all cycles that passed."""
    capacity: dict[str, int] = field(default_factory=dict)
    """Engine to how many of them there are, where that is more than one."""

    @property
    def is_idle(self) -> bool:
        """Whether it has only opened the device."""
        return not self.memory_bytes and not any(self.busy.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class DrmProcess:
    """One process on one GPU."""

    pid: int
    address: str
    kinds: tuple[str, ...]
    memory_bytes: int | None
    percent: int | None
    """Of the engine that it uses most, since the last look; None at the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrmReading:
    """All that was seen."""

    processes: tuple[DrmProcess, ...] = ()
    busy_percent: dict[str, int] = field(default_factory=dict)
    """Address to the share of the busiest engine, over all processes that may be looked at."""
    is_complete: bool = True
    """Whether the descriptors of all processes could be seen."""


def parse_usage(text: str) -> DrmUsage | None:
    """Take the text of `/proc/PID/fdinfo/FD` apart; None when it is not about a GPU."""
    pairs = (line.partition(":") for line in text.splitlines())
    keys = {name.strip(): value.strip() for name, _, value in pairs if name.startswith("drm-")}
    address, client = keys.get("drm-pdev"), keys.get("drm-client-id")
    if not address or not client:
        return None
    totals = _take_numbers(keys, "drm-total-cycles-")
    busy = _take_numbers(keys, "drm-engine-")
    capacity = {
        name.removeprefix("capacity-"): n for name, n in busy.items() if "capacity-" in name
    }
    busy = {name: n for name, n in busy.items() if "capacity-" not in name}
    return DrmUsage(
        address=address,
        client=client,
        memory_bytes=_find_memory(keys),
        busy={**busy, **_take_numbers(keys, "drm-cycles-")},
        cycles=totals,
        capacity=capacity,
    )


def measure_busy(pairs: Iterable[tuple[DrmUsage, DrmUsage]], past_s: float) -> int | None:
    """Give the share in percent in which the busiest engine worked for some clients.

    Args:
        pairs: Each client as it was and as it is now.
        past_s: Time between the two.
    """
    shares: dict[str, float] = {}
    for former, now in pairs:
        for engine, value in now.busy.items():
            worked = value - former.busy.get(engine, 0)
            passed = past_s * _NS_IN_S
            if engine in now.cycles:
                passed = now.cycles[engine] - former.cycles.get(engine, 0)
            if worked >= 0 and passed > 0:
                count = max(1, now.capacity.get(engine, 1))
                shares[engine] = shares.get(engine, 0.0) + 100.0 * worked / passed / count
    return round(min(100.0, max(shares.values()))) if shares else None


class DrmClients:
    """Follows the clients of some GPUs from one look to the next."""

    def __init__(self, proc: str = "/proc") -> None:
        """Look at nothing yet.

        Args:
            proc: Where `/proc` is mounted.
        """
        self._proc = proc
        self._holders: set[int] = set()
        self._looked: dict[int, int] = {}
        """Process to the number of the look at which it was last seen to hold none."""
        self._refused: set[int] = set()
        self._is_behind = True
        """Whether there are processes that were never looked at."""
        self._number = 0
        self._former: dict[tuple[str, str], DrmUsage] = {}
        self._at_s = 0.0

    def read(self, addresses: Collection[str], now_s: float) -> DrmReading:
        """Look at the clients of some GPUs.

        Args:
            addresses: Of the GPUs on the PCI bus.
            now_s: Of the monotonic clock.
        """
        found: dict[tuple[str, str], tuple[int, DrmUsage]] = {}
        self._number += 1
        for pid in self._choose():
            for usage in self._look_at(pid):
                if usage.address in addresses:
                    # A descriptor that was handed on is the same client: it counts once.
                    found.setdefault((usage.address, usage.client), (pid, usage))
        past_s, former = now_s - self._at_s, self._former
        self._former, self._at_s = {key: usage for key, (_, usage) in found.items()}, now_s
        pairs = {key: (former[key], usage) for key, (_, usage) in found.items() if key in former}
        return DrmReading(
            processes=tuple(_join(found, pairs, past_s)),
            busy_percent={
                address: share
                for address in addresses
                if (share := _measure(address, pairs, past_s)) is not None
            },
            is_complete=not self._refused and not self._is_behind,
        )

    def _choose(self) -> list[int]:
        """Choose whom to look at: the known holders, who is new, then those longest not seen."""
        try:
            pids = {int(name) for name in os.listdir(self._proc) if name.isdigit()}
        except OSError:
            return []
        self._holders &= pids
        self._refused &= pids
        self._looked = {pid: number for pid, number in self._looked.items() if pid in pids}
        others = sorted(pids - self._holders, key=lambda pid: (self._looked.get(pid, 0), pid))
        self._is_behind = any(pid not in self._looked for pid in others[_LOOKS_A_TIME:])
        return sorted(self._holders) + others[:_LOOKS_A_TIME]

    def _look_at(self, pid: int) -> Iterator[DrmUsage]:
        folder = f"{self._proc}/{pid}"
        self._looked[pid] = self._number
        self._holders.discard(pid)
        self._refused.discard(pid)
        try:
            names = os.listdir(f"{folder}/fd")[:_MOST_DESCRIPTORS]
        except PermissionError:
            self._refused.add(pid)
            return
        except OSError:
            return
        for name in names:
            text = _read_if_gpu(folder, name)
            usage = parse_usage(text) if text else None
            if usage is not None:
                self._holders.add(pid)
                yield usage


def _join(
    found: dict[tuple[str, str], tuple[int, DrmUsage]],
    pairs: dict[tuple[str, str], tuple[DrmUsage, DrmUsage]],
    past_s: float,
) -> Iterator[DrmProcess]:
    """Join the clients of each process on each GPU."""
    joined: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for key, (pid, usage) in found.items():
        if not usage.is_idle:
            joined.setdefault((pid, key[0]), []).append(key)
    for (pid, address), keys in sorted(joined.items()):
        usages = [found[key][1] for key in keys]
        memory = [usage.memory_bytes for usage in usages if usage.memory_bytes is not None]
        yield DrmProcess(
            pid=pid,
            address=address,
            kinds=_tell_kinds(usages),
            memory_bytes=sum(memory) if memory else None,
            percent=measure_busy([pairs[key] for key in keys if key in pairs], past_s),
        )


def _measure(
    address: str, pairs: dict[tuple[str, str], tuple[DrmUsage, DrmUsage]], past_s: float
) -> int | None:
    return measure_busy((pair for key, pair in pairs.items() if key[0] == address), past_s)


def _tell_kinds(usages: Iterable[DrmUsage]) -> tuple[str, ...]:
    engines = {engine for usage in usages for engine, value in usage.busy.items() if value}
    computes = ("compute",) if engines & _COMPUTE else ()
    return computes + (("graphics",) if engines & _GRAPHICS else ())


def _find_memory(keys: dict[str, str]) -> int | None:
    for prefix in _MEMORY_KEYS:
        sizes = [
            size
            for name, value in keys.items()
            if name.startswith(prefix)
            and name.removeprefix(prefix).rstrip("0123456789") in _REGIONS
            and (size := _parse_size(value)) is not None
        ]
        if sizes:
            return sum(sizes)
    return None


def _parse_size(text: str) -> int | None:
    number, _, unit = text.partition(" ")
    count = parse_count(number)
    return None if count is None or unit not in _UNITS else count * _UNITS[unit]


def _take_numbers(keys: dict[str, str], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): number
        for name, value in keys.items()
        if name.startswith(prefix) and (number := parse_count(value.partition(" ")[0])) is not None
    }


def _read_if_gpu(folder: str, name: str) -> str | None:
    try:
        if not os.readlink(f"{folder}/fd/{name}").startswith(_DEVICES):
            return None
        with open(f"{folder}/fdinfo/{name}", errors="replace") as stream:
            return stream.read(64 * 1024)
    except OSError:
        # It was closed, or the process ended.
        return None
