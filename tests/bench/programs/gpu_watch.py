"""Follows the GPUs at 1 Hz through the sampler's client, and says each sample's number."""

import asyncio
import os

from envbench.machine.sampler.client import SamplerClient


async def watch() -> None:
    async for sample in SamplerClient(os.environ, period_s=1.0).follow():
        print(sample.number, len(sample.gpus), flush=True)


asyncio.run(watch())
