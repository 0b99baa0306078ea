"""When a process started, as Unix time.

The kernel tells clock ticks since the boot. When the boot was is asked of the clocks, not of
`/proc/stat`, which takes milliseconds on boxes with many processors and knows whole seconds only.

Source: proc_pid_stat(5), field 22; clock_gettime(2), `CLOCK_BOOTTIME`.
"""

import os
import time

SAME_START_S = 2.0
"""Two starts that are less apart are one: the clock of the box may be set meanwhile."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SETTLED_S = 0.5


class StartClock:
    """Turns ticks into Unix time, the same ticks always into the same time."""

    def __init__(self) -> None:
        """Ask the clocks when this box was started."""
        self._boot_s = _read_boot()

    def to_unix(self, start_ticks: int) -> float:
        """Tell a start in Unix time; it moves only when the clock of the box is set."""
        now = _read_boot()
        if abs(now - self._boot_s) > _SETTLED_S:
            self._boot_s = now
        return round(self._boot_s + start_ticks / _TICKS_PER_S, 2)


def _read_boot() -> float:
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
