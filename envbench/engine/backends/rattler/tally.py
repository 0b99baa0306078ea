"""Counts work done in many threads, and tells of it at a bounded rate."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from envbench.engine.backends.base import ProgressSink
from envbench.model.event import Progress

_INTERVAL_S = 0.25


class Tally:
    """Counters of one phase; `add` may be called from any thread, `tell` from one."""

    def __init__(self, sink: ProgressSink, phase: str, totals: dict[str, int | None]) -> None:
        """Start at zero.

        Args:
            sink: Takes the events.
            phase: Their phase.
            totals: What there is to do, by unit (`packages`, `bytes`, `files`).
        """
        self._sink = sink
        self._phase = phase
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._told: dict[str, int] = {}
        self._item = ""
        self._lock = threading.Lock()

    def add(self, unit: str, count: int, item: str = "") -> None:
        """Count work as done; negative to take back what has to be done again."""
        with self._lock:
            self._done[unit] += count
            self._item = item or self._item

    def tell(self) -> None:
        """Send an event for each unit that moved since the last call."""
        with self._lock:
            moved = {unit: n for unit, n in self._done.items() if self._told.get(unit) != n}
            self._told.update(moved)
            item = self._item
        for unit, done in moved.items():
            self._sink(
                Progress(
                    phase=self._phase, done=done, total=self._totals[unit], unit=unit, item=item
                )
            )

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Tell every now and then while the block runs, and once at its end."""
        ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticker.cancel()
            self.tell()

    async def _tick(self) -> None:
        while True:
            self.tell()
            await asyncio.sleep(_INTERVAL_S)
