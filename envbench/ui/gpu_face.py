"""What the place of the GPUs shows of them, and how: values that stand in the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FLAT, BY_USER, BY_ENVIRONMENT = "flat", "by user", "by environment"
GROUPINGS = (FLAT, BY_USER, BY_ENVIRONMENT)
"""How processes stand together; `G` goes round."""
BY_MEMORY, BY_GPU, BY_SM, BY_AGE = "memory", "GPU", "sm%", "since"
ORDERS = (BY_MEMORY, BY_GPU, BY_SM, BY_AGE)
"""What processes are sorted by; `O` goes round."""

UTILIZATION, MEMORY, POWER = "utilization", "memory", "power"
METRICS = (UTILIZATION, MEMORY, POWER)
"""What is plotted of the last hour."""

SHORT_S, SHORT_POINTS = 120.0, 20
"""The line in a row: so many seconds in so many cells."""
LONG_S, BEGIN_S, LONG_POINTS = 3600.0, 600.0, 120
"""The plots: of an hour, and of less until there is more to show."""

Points = tuple[float | None, ...]
"""Means of as many spans of equal length, the newest last; None where nothing was read."""


@dataclass(frozen=True, slots=True)
class GpuFace:
    """Which sides of the GPUs are shown."""

    detail: int = -1
    """Index of the GPU that is shown in full; -1 for the list."""
    plots: bool = False
    """The last hour of that GPU in the place of its figures."""
    is_direct: bool = False
    """The plots were come to from the list, not from the figures of that GPU."""
    back: str = ""
    """Key of the row that the cursor goes back to."""
    grouping: str = FLAT
    """One of `GROUPINGS`."""
    order: str = BY_MEMORY
    """One of `ORDERS`."""
    jumped: str = ""
    """The environment that was come to from a process: `Enter` goes on to its lock."""

    @property
    def is_list(self) -> bool:
        """Whether all GPUs are shown."""
        return self.detail < 0


LIST = GpuFace()
"""All GPUs, as at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuTrends:
    """What was read of late, cut out of the history that the flow keeps."""

    short: Mapping[int, Points] = field(default_factory=dict)
    """GPU to its utilisation of the last minutes, in percent."""
    long: Mapping[tuple[int, str], Points] = field(default_factory=dict)
    """GPU and metric to what was read in the last `long_s`: percent, bytes, watts."""
    long_s: float = LONG_S


NO_TRENDS = GpuTrends()
