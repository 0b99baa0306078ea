"""What a card of AMD's or Intel's tells of itself in sysfs.

Not told there: throttle reasons and ECC counts (AMD has them in binary tables that change with each
generation), the memory in use of Intel's cards (it is summed up from their processes).

Source: the kernel's documentation of amdgpu (driver-misc, thermal), of i915 and xe
(sysfs-driver-intel-*), of sysfs-bus-pci and of sysfs-class-hwmon.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envbench.machine.sysfs_nodes import (
    Nodes,
    find_sensors,
    parse_current_mhz,
    parse_generation,
    parse_highest_mhz,
    parse_int,
    parse_width,
)
from envbench.model.gpu import GpuVendor

AMDGPU, I915, XE = "amdgpu", "i915", "xe"
DRIVERS = {AMDGPU: GpuVendor.AMD, I915: GpuVendor.INTEL, XE: GpuVendor.INTEL}
_MICRO, _MILLI = 1e-6, 1e-3
_HZ_IN_MHZ = 1e-6
_FULL_FAN = 255
"""The scale of `pwm1`, which is that of every card."""
_INTEGRATED = "0000:00:02.0"
"""Where every graphics of Intel's that is a part of the processor sits."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card that is read through sysfs."""

    node: Path
    """`/sys/class/drm/card0`."""
    device: Path
    """Its real directory below `/sys/devices`."""
    driver: str

    @property
    def address(self) -> str:
        """On the PCI bus, `0000:03:00.0`."""
        return self.device.name

    @property
    def vendor(self) -> GpuVendor:
        """Who made it."""
        return DRIVERS[self.driver]

    @property
    def has_no_memory(self) -> bool:
        """Whether it uses that of the box."""
        return self.vendor is GpuVendor.INTEL and self.address == _INTEGRATED


def read_facts(card: Card, nodes: Nodes) -> None:
    """Read what stays the same; the card must be awake."""
    device = card.device
    if card.vendor is GpuVendor.AMD:
        nodes.take("uuid", _parse_unique_id, device / "unique_id")
        nodes.take("sm_clock_max_mhz", parse_highest_mhz, device / "pp_dpm_sclk")
        nodes.take("memory_clock_max_mhz", parse_highest_mhz, device / "pp_dpm_mclk")
    else:
        nodes.take_int("sm_clock_max_mhz", *_list_intel_clocks(card, "max"))
    nodes.take("pcie_generation_max", parse_generation, device / "max_link_speed")
    nodes.take("pcie_width_max", parse_width, device / "max_link_width")


def read_live(card: Card, nodes: Nodes) -> None:
    """Read what changes; the card must be awake."""
    read: Callable[[Card, Nodes, Path], None]
    read = _read_amd if card.vendor is GpuVendor.AMD else _read_intel
    read(card, nodes, find_sensors(card.device))
    nodes.take("pcie_generation", parse_generation, card.device / "current_link_speed")
    nodes.take("pcie_width", parse_width, card.device / "current_link_width")


def _read_amd(card: Card, nodes: Nodes, sensors: Path) -> None:
    device = card.device
    nodes.take("utilization_percent", _parse_percent, device / "gpu_busy_percent")
    nodes.take("memory_utilization_percent", _parse_percent, device / "mem_busy_percent")
    nodes.take_int("memory_total_bytes", device / "mem_info_vram_total")
    nodes.take_int("memory_used_bytes", device / "mem_info_vram_used")
    nodes.take_int("temperature_c", sensors / "temp1_input", unit=_MILLI, can_be_negative=True)
    nodes.take("power_w", _parse_watts, sensors / "power1_average", sensors / "power1_input")
    nodes.take("power_limit_w", _parse_watts, sensors / "power1_cap")
    nodes.take("sm_clock_mhz", parse_current_mhz, device / "pp_dpm_sclk")
    if nodes.values["sm_clock_mhz"] is None:
        nodes.take_int("sm_clock_mhz", sensors / "freq1_input", unit=_HZ_IN_MHZ)
    nodes.take("memory_clock_mhz", parse_current_mhz, device / "pp_dpm_mclk")
    nodes.take_int("fan_percent", sensors / "pwm1", unit=100 / _FULL_FAN)


def _read_intel(card: Card, nodes: Nodes, sensors: Path) -> None:
    nodes.take_int(
        "temperature_c",
        *(sensors / f"temp{n}_input" for n in (1, 2)),
        unit=_MILLI,
        can_be_negative=True,
    )
    nodes.take("power_w", _parse_watts, sensors / "power1_input")
    nodes.take("power_limit_w", _parse_watts, sensors / "power1_max")
    nodes.take("energy_j", lambda text: parse_int(text) * _MICRO, sensors / "energy1_input")
    nodes.take_int("sm_clock_mhz", *_list_intel_clocks(card, "act"))
    nodes.take_int("memory_total_bytes", card.node / "lmem_total_bytes")


def _list_intel_clocks(card: Card, which: str) -> tuple[Path, ...]:
    """List where a clock may stand: of xe, of newer and of older i915."""
    return (
        card.device / f"tile0/gt0/freq0/{which}_freq",
        card.node / f"gt/gt0/rps_{which}_freq_mhz",
        card.node / f"gt_{which}_freq_mhz",
    )


def _parse_unique_id(text: str) -> str:
    """Write it as ROCm does: so it goes into `ROCR_VISIBLE_DEVICES`."""
    return f"GPU-{int(text, 16):016x}"


def _parse_percent(text: str) -> int:
    percent = parse_int(text)
    if percent > 100:
        raise ValueError(text)
    return percent


def _parse_watts(text: str) -> float:
    return round(parse_int(text) * _MICRO, 1)
