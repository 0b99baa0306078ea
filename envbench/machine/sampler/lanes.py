"""Which readings are due: some every tick, some seldom."""

from dataclasses import dataclass

PROCESSES_S = 2.0
"""Or every second tick, where ticks come faster."""
SLOW_S = 10.0
_EARLY_S = 0.05
"""A tick that comes a little too early counts."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """What one tick reads beside the fast readings."""

    processes: bool
    slow: bool


class LanePlan:
    """When each lane is next due."""

    def __init__(self) -> None:
        """Everything is due at once."""
        self._processes_at = self._slow_at = float("-inf")

    def take(self, now_s: float, period_s: float) -> Lanes:
        """Tell what is due, and count it as done.

        Args:
            now_s: CLOCK_MONOTONIC.
            period_s: Between two ticks.
        """
        lanes = Lanes(
            processes=now_s >= self._processes_at - _EARLY_S, slow=now_s >= self._slow_at - _EARLY_S
        )
        if lanes.processes:
            self._processes_at = now_s + min(PROCESSES_S, 2 * period_s)
        if lanes.slow:
            self._slow_at = now_s + SLOW_S
        return lanes


class BoxPlan:
    """When the box is read: in the first two ticks, then in each second one, as lists are."""

    def __init__(self) -> None:
        """It is due at once."""
        self._count = 0
        self._at = float("-inf")

    def take(self, now_s: float, period_s: float) -> bool:
        """Tell whether it is due, and count it as done.

        Args:
            now_s: CLOCK_MONOTONIC.
            period_s: Between two ticks.
        """
        # A share and a rate need two looks; from then on the lists have the other ticks.
        if self._count >= 2 and now_s < self._at - _EARLY_S:
            return False
        self._count += 1
        self._at = now_s + min(PROCESSES_S, 2 * period_s)
        return True


class TurnPlan:
    """Whose turn it is with a reading that only one GPU a tick may have, and seldom."""

    def __init__(self) -> None:
        """Nobody has had a turn."""
        self._had_at: dict[int, float] = {}

    def take(self, gpus: tuple[int, ...], now_s: float) -> int | None:
        """Name the GPU that waits longest, if it has waited long enough."""
        waiting = [gpu for gpu in gpus if self._last(gpu) <= now_s - SLOW_S + _EARLY_S]
        if not waiting:
            return None
        gpu = min(waiting, key=self._last)
        self._had_at[gpu] = now_s
        return gpu

    def _last(self, gpu: int) -> float:
        return self._had_at.get(gpu, float("-inf"))
