"""Follows a box through the sampler's client, as the screen does, and waits for what must come."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import GpuState, Sample
from tests.machine.sampler.expected import check_whole, expected_values

PATIENCE_S = 30.0
STALL_LIMIT_S = 0.5
"""Where it matters what becomes of a hang, and not how soon: half of what is usual."""


class Watch:
    """What has come so far."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self._news = asyncio.Condition()

    @property
    def last(self) -> Sample:
        return self.samples[-1]

    async def hear(self, sample: Sample) -> None:
        async with self._news:
            self.samples.append(sample)
            self._news.notify_all()

    async def until(
        self, condition: Callable[[Sample], object], *, timeout_s: float = PATIENCE_S
    ) -> Sample:
        """Wait for a sample of which this holds, the last one included."""
        seen = max(0, len(self.samples) - 1)
        try:
            async with asyncio.timeout(timeout_s), self._news:
                while True:
                    for sample in self.samples[seen:]:
                        if condition(sample):
                            return sample
                    seen = len(self.samples)
                    await self._news.wait()
        except TimeoutError:
            last = self.samples[-1] if self.samples else None
            raise AssertionError(f"it did not come; the last sample: {last}") from None

    async def until_next(self, condition: Callable[[Sample], object] = bool) -> Sample:
        """Wait for a sample of which this holds and that is taken from now on."""
        at_s = self.samples[-1].at_s if self.samples else 0.0
        return await self.until(lambda sample: sample.at_s > at_s and condition(sample))


@asynccontextmanager
async def watching(
    environ: dict[str, str], *, period_s: float = 0.1, stall_limit_s: float = STALL_LIMIT_S
) -> AsyncIterator[Watch]:
    """Follow the box with this environment."""
    client = SamplerClient(environ, period_s=period_s, stall_limit_s=stall_limit_s)
    watch = Watch()

    async def listen() -> None:
        async for sample in client.follow():
            await watch.hear(sample)

    listening = asyncio.create_task(listen())
    try:
        yield watch
        assert not listening.done(), listening.exception()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await client.close()


def is_whole(sample: Sample, index: int) -> bool:
    """Tell whether this GPU is read, and reads as it should."""
    if len(sample.gpus) <= index or sample.gpus[index].state is not GpuState.OK:
        return False
    check_whole(sample.gpus[index], expected_values(index))
    return True


def are_whole(sample: Sample, count: int, *but: int) -> bool:
    """Tell whether all GPUs but these are."""
    return all(is_whole(sample, index) for index in range(count) if index not in but)
