"""Processes that compute on AMD's GPUs through ROCm, and the memory that each has there.

Source: the kernel's sysfs interface of amdkfd (`kfd_process.c`, `kfd_topology.c`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envbench.machine.kernel_numbers import parse_count
from envbench.machine.sysfs_nodes import list_names, read_or_none

_KFD = Path("class/kfd/kfd")


@dataclass(frozen=True, slots=True)
class KfdProcess:
    """One process on one GPU."""

    pid: int
    """Of the host."""
    address: str
    memory_bytes: int


class KfdProcesses:
    """Lists the processes; which number is which GPU is asked once."""

    def __init__(self, sys: Path) -> None:
        """Look at nothing yet.

        Args:
            sys: Where `/sys` is mounted.
        """
        self._root = sys / _KFD
        self._addresses: dict[str, str] | None = None

    def list(self) -> Iterator[KfdProcess]:
        """List those that have memory on a GPU."""
        if self._addresses is None:
            self._addresses = dict(_list_gpus(self._root / "topology" / "nodes"))
        if not self._addresses:
            return
        for name in list_names(self._root / "proc"):
            if not name.isdigit():
                continue
            for number, address in self._addresses.items():
                text = read_or_none(self._root / "proc" / name / f"vram_{number}")
                if size := parse_count(text or ""):
                    yield KfdProcess(int(name), address, size)


def _list_gpus(nodes: Path) -> Iterator[tuple[str, str]]:
    """List number and address of each GPU; a processor's number is 0."""
    for name in list_names(nodes):
        number = read_or_none(nodes / name / "gpu_id")
        if not number or number == "0":
            continue
        facts = _parse_properties(read_or_none(nodes / name / "properties") or "")
        place = facts.get("location_id")
        if place is not None:
            bus, slot, function = place >> 8 & 0xFF, place >> 3 & 0x1F, place & 7
            yield number, f"{facts.get('domain', 0):04x}:{bus:02x}:{slot:02x}.{function}"


def _parse_properties(text: str) -> dict[str, int]:
    pairs = (line.split() for line in text.splitlines())
    known = ((pair[0], parse_count(pair[1])) for pair in pairs if len(pair) == 2)
    return {name: value for name, value in known if value is not None}
