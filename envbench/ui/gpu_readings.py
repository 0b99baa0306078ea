"""Every reading of a GPU with its name and unit, and the reason in words where there is none."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from envbench.ui.gpu_words import DASH, memory_percent, say_why, show_gib
from envbench.ui.sizes import show_bytes

if TYPE_CHECKING:
    from envbench.model.gpu import GpuReading


class Reading(NamedTuple):
    """One line of the detail."""

    label: str
    fields: tuple[str, ...]
    """Of `GpuReading`; the first that is not read gives the reason."""
    say: "Callable[[GpuReading], str]"
    """Called when at least one of them is known."""


def _or_dash(value: float | None) -> str:
    return DASH if value is None else f"{value:.0f}"


def _say_memory(gpu: "GpuReading") -> str:
    share = memory_percent(gpu)
    said = f"{show_gib(gpu.memory_used_bytes)} of {show_gib(gpu.memory_total_bytes)} GiB"
    said += f"  {share:.0f} %" if share is not None else ""
    return f"{said}, unified: this is the memory of the box" if gpu.is_memory_unified else said


def _say_power(gpu: "GpuReading") -> str:
    return f"{_or_dash(gpu.power_w)} of {_or_dash(gpu.power_limit_w)} W"


def _say_energy(gpu: "GpuReading") -> str:
    joules = gpu.energy_j or 0.0
    said = f"{joules / 3.6e6:.2f} kWh" if joules >= 3.6e5 else f"{joules / 1000:.1f} kJ"
    return f"{said} since the driver was loaded"


def _say_clock(now: int | None, most: int | None) -> str:
    return f"{_or_dash(now)} of {_or_dash(most)} MHz"


def _say_pcie(gpu: "GpuReading") -> str:
    now = f"generation {_or_dash(gpu.pcie_generation)} x{_or_dash(gpu.pcie_width)}"
    most = f"of at most {_or_dash(gpu.pcie_generation_max)} x{_or_dash(gpu.pcie_width_max)}"
    return f"{now} {most}"


def _say_rates(gpu: "GpuReading") -> str:
    rates = ((gpu.pcie_rx_bytes_s, "in"), (gpu.pcie_tx_bytes_s, "out"))
    return ", ".join(
        f"{word} {DASH if rate is None else show_bytes(rate) + '/s'}" for rate, word in rates
    )


def _say_ecc(gpu: "GpuReading") -> str:
    if gpu.ecc_is_on is False:
        return "off"
    counts = f"{_or_dash(gpu.ecc_corrected)} corrected, {_or_dash(gpu.ecc_uncorrected)} uncorrected"
    return f"on, {counts} since the driver was loaded"


def _say_retired(gpu: "GpuReading") -> str:
    pending = ", a restart is needed to replace some" if gpu.is_retirement_pending else ""
    return f"{_or_dash(gpu.retired_pages)} pages or rows{pending}"


READINGS: tuple[Reading, ...] = (
    Reading("utilisation", ("utilization_percent",), lambda gpu: f"{_or_dash(gpu.utilization_percent)} %"),
    Reading("memory", ("memory_used_bytes", "memory_total_bytes"), _say_memory),
    Reading("kept by driver", ("memory_reserved_bytes",),
            lambda gpu: f"{show_gib(gpu.memory_reserved_bytes)} GiB"),
    Reading("memory busy", ("memory_utilization_percent",),
            lambda gpu: f"{_or_dash(gpu.memory_utilization_percent)} % of the time"),
    Reading("temperature", ("temperature_c",), lambda gpu: f"{_or_dash(gpu.temperature_c)} °C"),
    Reading("power", ("power_w", "power_limit_w"), _say_power),
    Reading("energy", ("energy_j",),
            _say_energy),
    Reading("SM clock", ("sm_clock_mhz", "sm_clock_max_mhz"),
            lambda gpu: _say_clock(gpu.sm_clock_mhz, gpu.sm_clock_max_mhz)),
    Reading("memory clock", ("memory_clock_mhz", "memory_clock_max_mhz"),
            lambda gpu: _say_clock(gpu.memory_clock_mhz, gpu.memory_clock_max_mhz)),
    Reading("slowed by", ("throttle_reasons",),
            lambda gpu: ", ".join(gpu.throttle_reasons or ()) or "nothing"),
    Reading("state", ("performance_state",), lambda gpu: f"P{gpu.performance_state}, 0 is the fastest"),
    Reading("fan", ("fan_percent",), lambda gpu: f"{_or_dash(gpu.fan_percent)} %"),
    Reading("PCIe", ("pcie_generation", "pcie_width"), _say_pcie),
    Reading("PCIe rates", ("pcie_rx_bytes_s", "pcie_tx_bytes_s"), _say_rates),
    Reading("ECC", ("ecc_is_on", "ecc_uncorrected"), _say_ecc),
    Reading("retired", ("retired_pages",), _say_retired),
    Reading("persistence", ("is_persistent",), lambda gpu: "on" if gpu.is_persistent else "off"),
    Reading("compute mode", ("compute_mode",), lambda gpu: gpu.compute_mode or DASH),
    Reading("MIG", ("is_mig_on",), lambda gpu: "on" if gpu.is_mig_on else "off"),
)  # fmt: skip
"""In the order in which they are shown."""


def say_reading(reading: Reading, gpu: "GpuReading") -> tuple[str, str]:
    """Say a reading, and why it or a part of it is not known; a dash when all of it is not."""
    missing = [name for name in reading.fields if getattr(gpu, name) is None]
    reasons = dict.fromkeys(
        say_why(gpu.unread.get(name), gpu.unread_codes.get(name)) for name in missing
    )
    why = ", ".join(reasons)
    return (DASH if len(missing) == len(reading.fields) else reading.say(gpu)), why
