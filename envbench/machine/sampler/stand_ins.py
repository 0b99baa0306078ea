"""Thin stand-ins until the real ones are there."""

from envbench.model.gpu import DriverReading, GpuReading
from envbench.model.gpu_process import GpuProcess


class SysfsReader:
    """Stand-in."""

    def read(
        self, first_index: int
    ) -> tuple[tuple[GpuReading, ...], tuple[GpuProcess, ...], DriverReading | None]:
        """Stand-in."""
        del first_index
        return (), (), None
