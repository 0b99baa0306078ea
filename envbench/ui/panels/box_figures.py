"""Figures of a box so round that they rarely change, and whether a plan fits on its disks."""

from typing import TYPE_CHECKING

from envbench.ui.sizes import show_bytes

if TYPE_CHECKING:
    from envbench.workbench.values.box_facts import BoxDisk, BoxReport
    from envbench.workbench.values.solving import SolveReport

_UNPACKED = 6
"""Files and archive together against the archive alone, on the safe side: compressed packages
unpack to three to five times their size. It only decides about a warning."""


def about(value: float) -> float:
    """Round to two digits."""
    return float(f"{value:.1e}") if value > 0 else 0.0


def show_about(count: float) -> str:
    """Write a number of bytes with two digits: `310 GB`, `4.7 GB`, `48 GB`."""
    amount, unit = show_bytes(about(count)).split(" ")
    number = float(amount)
    return f"{number:.1f} {unit}" if 0 < number < 10 and unit != "B" else f"{number:.0f} {unit}"


def share_out(used: float, total: float) -> str:
    """Write how much of a memory is used, in steps of a fiftieth: `70 of 503 GB`."""
    step = total / 50 or 1
    amount, unit = show_about(round(used / step) * step).split(" ")
    whole, whole_unit = show_bytes(total).split(" ")
    whole = f"{float(whole):.0f}" if float(whole) >= 10 else whole
    own_unit = "" if unit == whole_unit or amount == "0" else f" {unit}"
    return f"{amount}{own_unit} of {whole} {whole_unit}"


def show_load(load: float) -> str:
    """Write a load in whole processes; of many, with two digits."""
    return f"{about(round(load)):.0f}"


def show_tenths(percent: float) -> str:
    """Write a share in steps of ten percent: `idle`, `10%`, `80%`."""
    tenths = round(percent / 10)
    return f"{tenths * 10}%" if tenths else "idle"


def describe_fit(report: "SolveReport", box: "BoxReport") -> tuple[str, str, str]:
    """Say whether what a plan gets is free on the disks of this box.

    Returns:
        Mark, role and words; empty words when nothing can be said.
    """
    sizes = report.sizes
    cache, envs = _find_disk(box, "cache"), _find_disk(box, "envs")
    if sizes is None or cache is None or envs is None:
        return "", "dim", ""
    copied = sizes.disk_bytes if envs is not cache else 0
    at_least = "at least " if sizes.downloads_of_unknown_size else ""
    what = f"plan gets {at_least}{show_bytes(sizes.download_bytes)}"
    if not sizes.downloads:
        what = "plan gets nothing, all is in the cache"
    for disk, bare, likely in (
        (cache, sizes.download_bytes, sizes.download_bytes * _UNPACKED),
        (envs, copied, copied + sizes.download_bytes * _UNPACKED),
    ):
        place = f"{show_bytes(disk.free_bytes)} free for {disk.uses[0]}"
        if disk.free_bytes < bare:
            return "×", "error", f"{what}: does not fit, {place}"
        if disk.free_bytes < likely:
            return "▲", "warning", f"{what}: may not fit once unpacked, {place}"
    return "●", "ok", f"{what}: fits here"


def _find_disk(box: "BoxReport", use: str) -> "BoxDisk | None":
    return next((disk for disk in box.disks if use in disk.uses), None)
