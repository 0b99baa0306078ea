"""Samples of a box that is made up, taken by the real client and the real sampler."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

import pytest

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import GpuReading, Sample

PATIENCE_S = 30.0
"""For a busy box; nothing waits so long when all is well."""


class Following:
    """A client that is followed, sample by sample."""

    def __init__(self, client: SamplerClient) -> None:
        self.client = client
        self.samples: AsyncGenerator[Sample, None] = client.follow()
        self.seen: list[Sample] = []

    async def next(self) -> Sample:
        async with asyncio.timeout(PATIENCE_S):
            sample = await anext(self.samples)
        self.seen.append(sample)
        return sample

    async def until(self, fits: Callable[[Sample], bool]) -> Sample:
        """The next sample that fits."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not fits(sample := await self.next()):
                    pass
        except TimeoutError:
            raise AssertionError(f"none fits; the last one is {self.seen[-1:]}") from None
        return sample


@pytest.fixture
async def follow():
    """Return a function that follows a client in this environment."""
    followed: list[Following] = []

    def begin(environ, **options) -> Following:
        following = Following(SamplerClient(environ, **options))
        followed.append(following)
        return following

    yield begin
    for following in followed:
        await following.client.close()
        with contextlib.suppress(StopAsyncIteration):
            await following.samples.aclose()


def find(sample: Sample, index: int) -> GpuReading | None:
    return next((gpu for gpu in sample.gpus if gpu.index == index), None)
