"""Work behind the screen: one task a name, the newest wins, a fault ends the work and no more."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Work = Coroutine[Any, Any, object]


class BackgroundWork:
    """The tasks of one screen."""

    def __init__(self, on_fault: Callable[[Exception], None]) -> None:
        """Begin with none.

        Args:
            on_fault: Told what ended some work.
        """
        self._on_fault = on_fault
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What is at work."""
        return tuple(self._tasks)

    def begin(self, name: str, work: Work) -> None:
        """Run work; work of the same name that still runs is cancelled."""
        self.stop(name)
        task = asyncio.get_running_loop().create_task(self.guard(work), name=name)
        self._tasks[name] = task
        task.add_done_callback(lambda ended: self._forget(name, ended))
        # What is cancelled before its first step was never awaited.
        task.add_done_callback(lambda _: work.close())

    def later(self, seconds: float, name: str, work: Work) -> None:
        """As `begin`, after a while."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work

        self.begin(name, wait())
        self._tasks[name].add_done_callback(lambda _: work.close())

    def stop(self, name: str) -> bool:
        """Cancel work; tells whether there was any."""
        task = self._tasks.get(name)
        return task is not None and task.cancel()

    def stop_all(self) -> None:
        """Cancel everything."""
        for task in tuple(self._tasks.values()):
            task.cancel()

    def is_at_work(self, name: str) -> bool:
        """Whether work of a name still runs."""
        task = self._tasks.get(name)
        return task is not None and not task.done()

    async def guard(self, work: Work) -> None:
        """Do work here and now, telling its fault instead of raising it."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as fault:  # noqa: BLE001 - the outer edge: work ends, the screen does not
            self._on_fault(fault)

    def _forget(self, name: str, ended: "asyncio.Task[None]") -> None:
        if self._tasks.get(name) is ended:
            del self._tasks[name]
