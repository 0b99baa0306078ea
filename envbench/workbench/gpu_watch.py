"""The readings of the GPUs, live: a child process takes them, this side only listens."""

import os
from collections.abc import AsyncGenerator, Mapping

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import Sample


class GpuWatch:
    """Follows the GPUs of this box; nothing is started before somebody follows.

    Example:
        watch = GpuWatch()
        async for sample in watch.follow():
            ...
        await watch.close()
    """

    def __init__(self, environ: Mapping[str, str] | None = None, *, period_s: float = 1.0) -> None:
        """Start nothing yet.

        Args:
            environ: Of the sampler (`LD_LIBRARY_PATH` finds the driver's library); None takes the
                variables of this process.
            period_s: Wanted time between two samples.
        """
        self._client = SamplerClient(os.environ if environ is None else environ, period_s=period_s)

    def follow(self) -> AsyncGenerator[Sample, None]:
        """Give samples as they come; never ends by itself.

        A sampler that hangs or crashes is replaced; the samples say so.
        """
        return self._client.follow()

    def set_period(self, period_s: float) -> None:
        """Take samples more or less often from now on, such as when nobody looks."""
        self._client.set_period(period_s)

    async def close(self) -> None:
        """End the sampler; safe to call twice."""
        await self._client.close()
