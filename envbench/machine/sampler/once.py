"""One sample for whoever has no event loop."""

import asyncio
import contextlib
import time
from collections.abc import Mapping

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import AbsenceCode, Sample

_QUICK_PERIOD_S = 0.5
_UNSETTLED = frozenset({AbsenceCode.STARTING, AbsenceCode.SAMPLER_FAILED})


def take_sample(environ: Mapping[str, str], *, timeout_s: float = 10.0, settle: int = 2) -> Sample:
    """Read everything once.

    Args:
        environ: The sampler's environment variables.
        timeout_s: When to take what there is.
        settle: How many ticks of one sampler to wait for: some readings, such as the share of the
            processor, need two.

    Returns:
        A sample with all readings; the best so far at the timeout, with hung GPUs named.

    Raises:
        RuntimeError: An event loop runs in this thread: it should follow a `SamplerClient`.
    """
    return asyncio.run(_take(environ, timeout_s, settle))


async def _take(environ: Mapping[str, str], timeout_s: float, settle: int) -> Sample:
    client = SamplerClient(environ, period_s=_QUICK_PERIOD_S)
    best: Sample | None = None
    try:
        async with asyncio.timeout(timeout_s):
            async with contextlib.aclosing(client.follow()) as samples:
                async for sample in samples:
                    best = sample
                    if is_settled(sample, settle):
                        break
    except TimeoutError:
        pass
    finally:
        await client.close()
    return best or Sample(number=0, at_s=time.time(), period_s=_QUICK_PERIOD_S)


def is_settled(sample: Sample, ticks: int) -> bool:
    """Tell whether so many ticks are behind it and nothing in it is only provisional."""
    if sample.absence and sample.absence.code in _UNSETTLED:
        return False
    return sample.number >= ticks - 1
