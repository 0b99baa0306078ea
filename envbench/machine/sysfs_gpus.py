"""GPUs of AMD's and Intel's, read from sysfs; NVIDIA's own driver does not tell there.

No library of ROCm's is asked: `amdsmi` needs a whole installation of it that matches the driver,
and adds nothing to the fields of a reading that sysfs does not have, beside counts of ECC errors.

A box without such a card pays for one look into a directory every half a minute.

Source: notes of the modules that read cards, clients and names.
"""

import dataclasses
import functools
import math
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from envbench.machine.box_memory import read_box_memory
from envbench.machine.card_names import name_card
from envbench.machine.drm_fdinfo import DrmClients, DrmReading
from envbench.machine.kfd_processes import KfdProcesses
from envbench.machine.process_files import is_on_host
from envbench.machine.sysfs_cards import DRIVERS, Card, read_facts, read_live
from envbench.machine.sysfs_nodes import Nodes, is_asleep, list_names, read_or_none
from envbench.model.cleaning import clean
from envbench.model.gpu import (
    DriverReading,
    GpuFault,
    GpuReading,
    GpuState,
    GpuVendor,
    Unread,
)
from envbench.model.gpu_process import GpuProcess

SCAN_PERIOD_S = 30.0
PROCESS_PERIOD_S = 2.0
_CARD = re.compile(r"card\d+")
_ADDRESS = re.compile(r"(?P<domain>[0-9a-f]{4,8}):(?P<rest>[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])")
_VITAL = ("utilization_percent", "memory_used_bytes", "temperature_c")
_OPTIONAL = tuple(f.name for f in dataclasses.fields(GpuReading) if f.default is None)
_NOT_YET = "is told from the second look on"


@dataclass(slots=True)
class _Known:
    """A card, and what was learnt of it while it was awake."""

    card: Card
    name: str
    facts: Nodes | None = None
    energy: tuple[float, float] | None = None
    """Joules, and when."""
    faulty_since_s: float = 0.0
    times: int = 0


@dataclass(slots=True)
class _Seen:
    """What the last look at the processes gave."""

    at_s: float = -math.inf
    clients: DrmReading = field(default_factory=lambda: DrmReading(is_complete=False))
    rocm: dict[tuple[int, str], int] = field(default_factory=dict)
    """Process and address to bytes."""


class SysfsReader:
    """Reads the cards of AMD and Intel again and again."""

    def __init__(
        self, *, sys: str = "/sys", proc: str = "/proc", share: str = "/usr/share"
    ) -> None:
        """Look at nothing yet.

        Args:
            sys: Where `/sys` is mounted.
            proc: Where `/proc` is mounted.
            share: Where the lists of names lie.
        """
        self._sys, self._proc, self._share = Path(sys), Path(proc), Path(share)
        self._cards: tuple[_Known, ...] = ()
        self._scanned_s = -math.inf
        self._clients = DrmClients(proc)
        self._rocm = KfdProcesses(self._sys)
        self._seen = _Seen()

    def read(
        self, first_index: int
    ) -> tuple[tuple[GpuReading, ...], tuple[GpuProcess, ...], DriverReading | None]:
        """Read all cards.

        Args:
            first_index: Index of the first of them; the others follow in the order of the bus.

        Returns:
            Cards, processes on them (not yet described), and the driver of the first card.
        """
        now_s = time.monotonic()
        if now_s - self._scanned_s >= SCAN_PERIOD_S:
            self._scan()
            self._scanned_s = now_s
        if not self._cards:
            return (), (), None
        awake = [known for known in self._cards if not is_asleep(known.card.device)]
        self._look_at_processes(awake, now_s)
        gpus = tuple(
            self._read_card(known, index, now_s) if known in awake else _doze(known, index)
            for index, known in enumerate(self._cards, first_index)
        )
        return gpus, tuple(self._list_processes(first_index)), self._read_driver()

    def _scan(self) -> None:
        former = {known.card: known for known in self._cards}
        cards = sorted(_find_cards(self._sys / "class" / "drm"), key=lambda card: card.address)
        self._cards = tuple(
            former.get(card) or _Known(card, name_card(card.device, self._share)) for card in cards
        )

    def _read_card(self, known: _Known, index: int, now_s: float) -> GpuReading:
        if known.facts is None:
            known.facts = Nodes()
            read_facts(known.card, known.facts)
        nodes = Nodes()
        read_live(known.card, nodes)
        if known.card.vendor is GpuVendor.INTEL:
            self._add_sums(known.card, nodes)
            _add_power(known, nodes, now_s)
        if known.card.has_no_memory:
            _add_box_memory(nodes, self._proc)
        fault = _find_fault(known, nodes)
        return _make_reading(known, index, nodes, fault)

    def _add_sums(self, card: Card, nodes: Nodes) -> None:
        """Add what only the processes of a card tell together; half of them tell nothing."""
        clients = self._seen.clients
        share = clients.busy_percent.get(card.address)
        used = sum(p.memory_bytes or 0 for p in clients.processes if p.address == card.address)
        for name, value in (("utilization_percent", share), ("memory_used_bytes", used)):
            nodes.values[name] = value if clients.is_complete else None
            if not clients.is_complete:
                nodes.unread[name] = Unread.NO_PERMISSION
            elif value is None:
                nodes.unread[name] = Unread.NOT_YET

    def _look_at_processes(self, awake: list[_Known], now_s: float) -> None:
        if now_s - self._seen.at_s < PROCESS_PERIOD_S:
            return
        if not awake:
            self._seen = _Seen(at_s=now_s)
            return
        addresses = {known.card.address for known in awake}
        rocm = self._rocm.list() if is_on_host(str(self._proc)) else ()
        self._seen = _Seen(
            at_s=now_s,
            clients=self._clients.read(addresses, now_s),
            rocm={(p.pid, p.address): p.memory_bytes for p in rocm if p.address in addresses},
        )

    def _list_processes(self, first_index: int) -> Iterator[GpuProcess]:
        indexes = {known.card.address: i for i, known in enumerate(self._cards, first_index)}
        # A card may be gone that was there when the processes were looked at.
        left = {key: size for key, size in self._seen.rocm.items() if key[1] in indexes}
        for each in self._seen.clients.processes:
            if each.address not in indexes:
                continue
            # The kernel may count the memory of ROCm among that of the client, or not.
            rocm = left.pop((each.pid, each.address), None)
            kinds = each.kinds
            if rocm is not None and "compute" not in kinds:
                kinds = ("compute", *kinds)
            memory = max(
                (size for size in (each.memory_bytes, rocm) if size is not None), default=None
            )
            yield _make_process(indexes[each.address], each.pid, kinds, memory, each.percent)
        for (pid, address), size in sorted(left.items()):
            yield _make_process(indexes[address], pid, ("compute",), size, None)

    def _read_driver(self) -> DriverReading:
        card = self._cards[0].card
        module = read_or_none(self._sys / "module" / card.driver / "version")
        return DriverReading(
            vendor=card.vendor,
            version=clean(f"{card.driver} {module or os.uname().release}", limit=100),
            kernel_module=clean(module, limit=100) if module else None,
        )


def asleep_nvidia(pci_bus_id: str, *, sys: str = "/sys") -> bool:
    """Tell whether a GPU of NVIDIA's is powered down, as in laptops; to ask does not wake it.

    Args:
        pci_bus_id: As NVML writes it, `00000000:01:00.0`, or as the kernel does.
        sys: Where `/sys` is mounted.
    """
    device = _find_nvidia(pci_bus_id, sys)
    return device is not None and is_asleep(device)


@functools.cache
def _find_nvidia(pci_bus_id: str, sys: str) -> Path | None:
    match = _ADDRESS.fullmatch(pci_bus_id.lower())
    if match is None:
        return None
    address = f"{int(match['domain'], 16):04x}:{match['rest']}"
    return Path(sys) / "bus" / "pci" / "devices" / address


def _find_cards(folder: Path) -> Iterator[Card]:
    for name in list_names(folder):
        if not _CARD.fullmatch(name):
            continue
        device = Path(os.path.realpath(folder / name / "device"))
        driver = os.path.realpath(device / "driver").rpartition("/")[2]
        if driver in DRIVERS and _ADDRESS.fullmatch(device.name):
            yield Card(folder / name, device, driver)


def _doze(known: _Known, index: int) -> GpuReading:
    """Tell of a card that is asleep only what is known already."""
    facts = known.facts or Nodes()
    told = {"name": known.name, "pci_bus_id": known.card.address, **facts.values}
    lacking = (name for name in _OPTIONAL if name != "fault" and told.get(name) is None)
    return GpuReading(
        index=index,
        vendor=known.card.vendor,
        state=GpuState.ASLEEP,
        is_memory_unified=known.card.has_no_memory,
        unread={**dict.fromkeys(lacking, Unread.NOT_YET), **facts.unread},
        unread_codes=dict(facts.codes),
        read_s=time.time(),
        **told,
    )


def _make_reading(known: _Known, index: int, nodes: Nodes, fault: GpuFault | None) -> GpuReading:
    facts = known.facts or Nodes()
    told = {
        "name": known.name,
        "pci_bus_id": known.card.address,
        **facts.values,
        **nodes.values,
    }
    lacking = (name for name in _OPTIONAL if name != "fault" and told.get(name) is None)
    return GpuReading(
        index=index,
        vendor=known.card.vendor,
        state=GpuState.FAULTY if fault else GpuState.OK,
        fault=fault,
        is_memory_unified=known.card.has_no_memory,
        unread={**dict.fromkeys(lacking, Unread.NOT_SUPPORTED), **facts.unread, **nodes.unread},
        unread_codes={**facts.codes, **nodes.codes},
        read_s=time.time(),
        **told,
    )


def _find_fault(known: _Known, nodes: Nodes) -> GpuFault | None:
    """Find out whether the card as a whole is lost: then nothing that matters can be read."""
    if not nodes.is_lost(*(name for name in _VITAL if name in nodes.values)):
        known.times = 0
        return None
    known.times += 1
    if known.times == 1:
        known.faulty_since_s = time.time()
    code = next((nodes.codes[name] for name in _VITAL if name in nodes.codes), None)
    return GpuFault(
        call=known.card.driver,
        code=code,
        words=f"the card does not answer: {os.strerror(code or 0)}",
        remedy=f"look for {known.card.driver} in `dmesg`; a reboot may be needed",
        since_s=known.faulty_since_s,
        times=known.times,
    )


def _add_power(known: _Known, nodes: Nodes, now_s: float) -> None:
    """Take the power from the counter of energy, where the card has no gauge."""
    joules = nodes.values.get("energy_j")
    former, known.energy = known.energy, None if joules is None else (joules, now_s)
    if joules is None or nodes.values.get("power_w") is not None:
        return
    if former is None or joules < former[0] or now_s - former[1] <= 0:
        nodes.unread["power_w"] = Unread.NOT_YET
        return
    nodes.values["power_w"] = round((joules - former[0]) / (now_s - former[1]), 1)
    nodes.unread.pop("power_w", None)
    nodes.codes.pop("power_w", None)


def _add_box_memory(nodes: Nodes, proc: Path) -> None:
    sizes = read_box_memory(proc / "meminfo") or (None, None)
    for name, size in zip(("memory_total_bytes", "memory_used_bytes"), sizes, strict=True):
        nodes.values[name] = size
        nodes.unread.pop(name, None)
        nodes.codes.pop(name, None)


def _make_process(
    index: int, pid: int, kinds: tuple[str, ...], memory: int | None, percent: int | None
) -> GpuProcess:
    unread = {}
    if memory is None:
        unread["memory_used_bytes"] = "its driver does not tell it"
    if percent is None:
        unread["sm_percent"] = _NOT_YET
    return GpuProcess(
        gpu=index,
        pid=pid,
        kinds=kinds,
        memory_used_bytes=memory,
        sm_percent=percent,
        unread=unread,
    )
