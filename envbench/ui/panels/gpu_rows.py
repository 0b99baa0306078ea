"""What is known of the GPUs, in lines: who they are, and honestly no more than that."""

from typing import TYPE_CHECKING

from envbench.ui.columns import Column, lay_out
from envbench.ui.ink import Line, Part, ink, wrap
from envbench.ui.pane_view import Row
from envbench.ui.sizes import show_bytes
from envbench.ui.state import Fact

if TYPE_CHECKING:
    from envbench.workbench.values.box_facts import BoxGpu, BoxReport

NO_READINGS = "live readings are not part of this version yet"
_REMEDIES = {
    "mismatch": "the driver was upgraded under a running kernel: a reboot loads the new one",
    "did not answer": "it may be waking its GPUs, or hang: nvidia-smi in a shell shows which",
    "crashed": "nvidia-smi in a shell may say more",
    "nvidia-ml-py": "install nvidia-ml-py where envbench is installed",
    "pynvml": "uninstall the package named pynvml, and install nvidia-ml-py",
    "permission": "ask who runs this box for access to /dev/nvidia*",
}
"""Word of the driver's reason, and what to do about it."""

_COLUMNS = (
    Column("#", "right", 1),
    Column("name", least=6, gives=1),
    Column("memory", "right", drops=1),
    Column("arch", "right", drops=2),
)


def list_gpus(box: "BoxReport", width: int) -> tuple[Line, tuple[Row, ...]]:
    """Give the line of headings and one row a GPU; what the driver did not tell is `-`."""
    heading, lines = lay_out(_COLUMNS, [_cells(gpu) for gpu in box.gpus], width)
    rows = tuple(
        Row(f"gpu:{gpu.index}", (line,)) for gpu, line in zip(box.gpus, lines, strict=True)
    )
    return heading, rows


def _cells(gpu: "BoxGpu") -> tuple[Part, ...]:
    memory = show_bytes(gpu.memory_bytes) if gpu.memory_bytes is not None else "-"
    arch = f"sm_{gpu.capability.replace('.', '')}" if gpu.capability else "-"
    return (str(gpu.index), (gpu.name or "-", "bold"), memory, (arch, "dim"))


def say_fault(fact: "Fact[BoxReport]", width: int) -> tuple[Line, ...]:
    """Say that the box could not be looked at."""
    lines = wrap(ink(("× ", "error"), fact.fault), width)
    return (*lines, *wrap(ink((fact.hint, "dim")), width)) if fact.hint else lines


def is_driver_missing(box: "BoxReport") -> bool:
    """Tell whether this simply is a box without an NVIDIA driver, which is no fault."""
    return box.driver is None and not box.gpus and box.gpu_note == "no NVIDIA driver found"


def say_driver(box: "BoxReport", width: int, *, more: str = "") -> tuple[Line, ...]:
    """Say why no GPU is listed, and what to do about it.

    Args:
        box: Without GPUs.
        width: In cells.
        more: Stands behind what is said of a box that simply has no driver.
    """
    if is_driver_missing(box):
        return wrap(ink((box.gpu_note + more, "dim")), width)
    if box.driver is not None:
        return wrap(ink(("▲ ", "warning"), box.gpu_note), width)
    lines = wrap(ink(("× ", "error"), box.gpu_note), width)
    remedy = find_remedy(box.gpu_note)
    return (*lines, *wrap(ink((remedy, "dim")), width)) if remedy else lines


def find_remedy(reason: str) -> str:
    """Give what to do about a driver that says nothing; empty when that is not known."""
    lowered = reason.casefold()
    return next((text for word, text in _REMEDIES.items() if word in lowered), "")
