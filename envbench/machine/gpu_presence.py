"""Whether it is worth while to ask for GPUs at all: a look at files, no driver is loaded.

Source: device files of the NVIDIA driver (`/dev/nvidia0`, WSL's `/dev/dxg`, Jetson's `/dev/nvmap`)
and of AMD's (`/dev/kfd`); the drivers' render nodes are in `/dev/dri`.
"""

from collections.abc import Mapping
from pathlib import Path

_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvmap", "/dev/kfd", "/proc/driver/nvidia")
_CARDS = Path("/sys/class/drm")
_VENDORS = frozenset({"0x10de", "0x1002"})
_LIBRARY = "libnvidia-ml.so.1"


def may_have_gpus(environ: Mapping[str, str]) -> bool:
    """Tell whether this box may have GPUs that can be read; True is no promise.

    Args:
        environ: `LD_LIBRARY_PATH` may lead to a driver's library.
    """
    if any(Path(path).exists() for path in _FILES):
        return True
    folders = environ.get("LD_LIBRARY_PATH", "").split(":")
    if any((Path(folder) / _LIBRARY).exists() for folder in folders if folder):
        return True
    return any(_read_vendor(card) in _VENDORS for card in _list_cards())


def _list_cards() -> list[Path]:
    try:
        return sorted(_CARDS.glob("card[0-9]*"))
    except OSError:
        return []


def _read_vendor(card: Path) -> str:
    try:
        return (card / "device" / "vendor").read_text().strip()
    except OSError:
        return ""
