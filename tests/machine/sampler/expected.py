"""What the sampler has to say of a box of `gpus(...)`, worked out from the box alone."""

from typing import Any

from envbench.model.gpu import GpuReading, NvLink

MIB = 1 << 20

FIELDS = {
    "nvmlDeviceGetName": "name",
    "nvmlDeviceGetUUID": "uuid",
    "nvmlDeviceGetPciInfo": "pci_bus_id",
    "nvmlDeviceGetCudaComputeCapability": "capability",
    "nvmlDeviceGetUtilizationRates": "utilization_percent memory_utilization_percent",
    "nvmlDeviceGetMemoryInfo": "memory_total_bytes memory_used_bytes memory_reserved_bytes",
    "nvmlDeviceGetTemperature*": "temperature_c",
    "nvmlDeviceGetPowerUsage": "power_w",
    "nvmlDeviceGetEnforcedPowerLimit": "power_limit_w",
    "nvmlDeviceGetTotalEnergyConsumption": "energy_j",
    "nvmlDeviceGetClockInfo": "sm_clock_mhz memory_clock_mhz",
    "nvmlDeviceGetMaxClockInfo": "sm_clock_max_mhz memory_clock_max_mhz",
    "nvmlDeviceGetFanSpeed": "fan_percent",
    "nvmlDeviceGetCurrPcieLinkGeneration": "pcie_generation",
    "nvmlDeviceGetMaxPcieLinkGeneration": "pcie_generation_max",
    "nvmlDeviceGetCurrPcieLinkWidth": "pcie_width",
    "nvmlDeviceGetMaxPcieLinkWidth": "pcie_width_max",
    "nvmlDeviceGetPcieThroughput": "pcie_rx_bytes_s pcie_tx_bytes_s",
    "nvmlDeviceGetEccMode": "ecc_is_on",
    "nvmlDeviceGetTotalEccErrors": "ecc_corrected ecc_uncorrected",
    "nvmlDeviceGetRemappedRows": "retired_pages is_retirement_pending",
    "nvmlDeviceGetPerformanceState": "performance_state",
    "nvmlDeviceGetCurrentClocks*": "throttle_reasons",
    "nvmlDeviceGetPersistenceMode": "is_persistent",
    "nvmlDeviceGetComputeMode": "compute_mode",
    "nvmlDeviceGetMigMode": "is_mig_on",
    "nvmlDeviceGetNvLinkState": "",
    "nvmlDeviceGetComputeRunningProcesses": "",
    "nvmlDeviceGetProcessUtilization": "",
}
"""Each call that the sampler makes about a GPU, as the driver's description names it, and what is
not known without it."""

FALLBACKS = {"nvmlDeviceGetEnforcedPowerLimit"}
"""Where another call may know."""


def expected_values(index: int, *, generation: str = "current") -> dict[str, Any]:
    """Give each field of the GPU at this place among `gpus(...)`."""
    has_memory_v2 = generation != "470"
    return {
        "name": "NVIDIA H100 80GB HBM3",
        "uuid": f"GPU-00000000-0000-0000-0000-{index:012}",
        "pci_bus_id": f"00000000:{index + 1:02X}:00.0",
        "capability": "9.0",
        "utilization_percent": 10 + index,
        "memory_utilization_percent": 5 + index,
        "memory_total_bytes": 81920 * MIB,
        "memory_used_bytes": (1000 + 100 * index + (0 if has_memory_v2 else 512)) * MIB,
        "memory_reserved_bytes": 512 * MIB if has_memory_v2 else None,
        "temperature_c": 40 + index,
        "power_w": 200.0 + index,
        "power_limit_w": 500.0 + index,
        "energy_j": 1000.0 + index,
        "sm_clock_mhz": 1500 + index,
        "sm_clock_max_mhz": 1900 + index,
        "memory_clock_mhz": 2000 + index,
        "memory_clock_max_mhz": 2500 + index,
        "fan_percent": 30 + index,
        "pcie_generation": 1 + index % 4,
        "pcie_generation_max": 5,
        "pcie_width": 2 + index % 3,
        "pcie_width_max": 16,
        "pcie_rx_bytes_s": (1000 + index) * 1024,
        "pcie_tx_bytes_s": (500 + index) * 1024,
        "ecc_is_on": True,
        "ecc_corrected": 100 + index,
        "ecc_uncorrected": 200 + index,
        "retired_pages": 300 + index,
        "is_retirement_pending": True,
        "performance_state": 1 + index % 8,
        "throttle_reasons": ("power cap",),
        "is_persistent": True,
        "compute_mode": "exclusive process",
        "is_mig_on": False,
    }


LINKS = tuple(
    NvLink(
        index=index,
        is_active=index != 1,
        version=None if index == 1 else 4,
        remote_pci_bus_id=None if index == 1 else f"00000000:{0xC0 + index:02X}:00.0",
    )
    for index in range(3)
)

_TAKE_TURNS = frozenset({"pcie_rx_bytes_s", "pcie_tx_bytes_s"})
"""One GPU a tick is asked for them."""


def check_whole(reading: GpuReading, values: dict[str, Any], *, has_turn: bool = False) -> None:
    """Check that a GPU without a fault reads just so; what is None has a reason."""
    differing = {
        name: (getattr(reading, name), value)
        for name, value in values.items()
        if getattr(reading, name) != value and (has_turn or name not in _TAKE_TURNS)
    }
    assert not differing, (reading.index, differing, reading.fault)
    check_honest(reading, values)


def check_honest(reading: GpuReading, values: dict[str, Any]) -> None:
    """Check that each field is what the driver gave, or None with a reason."""
    for name, value in values.items():
        found = getattr(reading, name)
        if found is None:
            assert name in reading.unread, (reading.index, name, "has no reason")
        else:
            assert found == value, (reading.index, name, found, value)
            assert name not in reading.unread, (reading.index, name, found, reading.unread[name])
    assert set(reading.unread_codes) <= set(reading.unread)
