"""The samples of this box as they come, whatever becomes of the process that reads them.

It loads neither the driver's binding nor psutil.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence

from envbench.machine.sampler.supervision import Supervision
from envbench.model.gpu import Sample

_MOST_WAITING = 64
"""Samples that are kept for a reader who is slow; older ones are dropped."""
_MOMENT_S = 0.3


class SamplerClient:
    """Follows one sampler; to be used from within one event loop.

    Example:
        client = SamplerClient(os.environ)
        async for sample in client.follow():
            show(sample)
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        period_s: float = 1.0,
        stall_limit_s: float = 1.0,
        disks: Sequence[str] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            environ: The sampler's environment variables (`LD_LIBRARY_PATH` finds the library).
            period_s: Wanted time between two samples.
            stall_limit_s: How long one call into the driver may take before it counts as hung.
            disks: Paths whose disks are told; None takes the home directory.
        """
        self._supervision = Supervision(
            environ,
            self._hear,
            period_s=period_s,
            stall_limit_s=stall_limit_s,
            disks=(environ.get("HOME", "/"),) if disks is None else tuple(disks),
        )
        self._waiting: deque[Sample] = deque(maxlen=_MOST_WAITING)
        self._news = asyncio.Event()
        self._is_followed = self._is_closed = False

    async def follow(self) -> AsyncGenerator[Sample, None]:
        """Start the sampler, and give each sample; ends when the client is closed.

        Raises:
            RuntimeError: It is followed already.
        """
        if self._is_followed:
            raise RuntimeError("the sampler is followed already")
        self._is_followed = True
        try:
            if not self._is_closed:
                self._supervision.start()
            while not self._is_closed:
                await self._news.wait()
                self._news.clear()
                while self._waiting and not self._is_closed:
                    yield self._waiting.popleft()
        finally:
            self._is_closed = True
            self._supervision.end()

    def set_period(self, period_s: float) -> None:
        """Change the wanted time between two samples, while running too."""
        self._supervision.set_period(period_s)

    async def close(self) -> None:
        """End the sampler; a process that hangs in the kernel is left to itself."""
        self._is_closed = True
        self._news.set()
        self._supervision.end()
        await self._supervision.wait(_MOMENT_S)

    def _hear(self, sample: Sample) -> None:
        self._waiting.append(sample)
        self._news.set()
