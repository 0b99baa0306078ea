"""Names of cards by their numbers on the PCI bus.

Source: `amdgpu.ids` of libdrm (device, revision, name), `pci.ids` of the PCI ID repository.
"""

import re
from pathlib import Path

from envbench.machine.sysfs_nodes import read_or_none
from envbench.model.cleaning import clean

_NAME_LIMIT = 100
_AMD_FILE = "libdrm/amdgpu.ids"
_PCI_FILES = ("hwdata/pci.ids", "misc/pci.ids")
_MAKERS = {"1002": "AMD", "8086": "Intel"}
_HEX = re.compile(r"0x[0-9a-f]{4}")


def name_card(device: Path, share: Path) -> str:
    """Name a card: by itself, by the lists of this box, else by its numbers.

    Args:
        device: Its directory in sysfs.
        share: `/usr/share`, where the lists lie.
    """
    own = read_or_none(device / "product_name")
    if own:
        return clean(own, limit=_NAME_LIMIT)
    vendor, number = (_read_number(device / name) for name in ("vendor", "device"))
    revision = (read_or_none(device / "revision") or "0x00").removeprefix("0x")
    found = _find_amd(share, number, revision) if vendor == "1002" else None
    found = found or _find_pci(share, vendor, number)
    maker = _MAKERS.get(vendor, vendor)
    return clean(found or f"{maker} GPU 0x{number}", limit=_NAME_LIMIT)


def _read_number(path: Path) -> str:
    text = (read_or_none(path) or "").lower()
    return text[2:] if _HEX.fullmatch(text) else "0000"


def _find_amd(share: Path, number: str, revision: str) -> str | None:
    for line in _read_lines(share / _AMD_FILE):
        parts = [part.strip() for part in line.split(",", 2)]
        if len(parts) == 3 and (parts[0].lower(), parts[1].lower()) == (number, revision.lower()):
            return parts[2]
    return None


def _find_pci(share: Path, vendor: str, number: str) -> str | None:
    for file in _PCI_FILES:
        is_inside = False
        for line in _read_lines(share / file):
            if line.startswith(("#", "\t\t")) or not line.strip():
                continue
            if not line.startswith("\t"):
                is_inside = line.startswith(vendor)
            elif is_inside and line[1:].startswith(number):
                # "Navi 31 [Radeon RX 7900 XT/7900 XTX]": what is in brackets is what people know.
                name = line[1 + len(number) :].strip()
                inner = re.search(r"\[(.+)\]", name)
                return f"{_MAKERS.get(vendor, '')} {inner[1] if inner else name}".strip()
    return None


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
