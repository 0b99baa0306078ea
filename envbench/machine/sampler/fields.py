"""Which fields of a GPU's reading are facts, and which are live."""

import dataclasses

from envbench.model.gpu import GpuReading

FACT_FIELDS = frozenset(
    {"name", "uuid", "pci_bus_id", "capability", "sm_clock_max_mhz", "memory_clock_max_mhz"}
    | {"pcie_generation_max", "pcie_width_max"}
)
"""They stay while the driver is loaded."""
LIVE_FIELDS = frozenset(
    field.name
    for field in dataclasses.fields(GpuReading)
    if field.default is None and field.name not in {*FACT_FIELDS, "fault"}
)
"""They are true only when they were read."""
