"""What the sampler costs, and how soon it names what hangs.

pytest -m bench -s tests/bench/test_sampler_bench.py
"""

import asyncio
import os
import re
import statistics
import time
from pathlib import Path

import pytest

from envbench.machine.sampler.client import SamplerClient
from envbench.model.gpu import GpuState
from tests.gpu_driver import StubBox, eight_gpus, hang, process

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

SECONDS = float(os.environ.get("ENVBENCH_SAMPLER_SECONDS", "20"))
ROUNDS = 5
_TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def box(tmp_path: Path) -> StubBox:
    return StubBox(tmp_path)


def _find_sampler() -> int:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return next(
        int(pid)
        for pid in children
        if b"envbench.machine.sampler" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


def _read_stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu_s(pid: int) -> float:
    """Seconds of processor time, as exact as the scheduler counts them."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        fields = _read_stat(pid)
        return (int(fields[11]) + int(fields[12])) / _TICKS


def _read_memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    return int(sizes["VmRSS"][0]) / 1024, int(sizes["RssFile"][0]) / 1024


async def test_cost_of_eight_gpus_at_one_hertz(box):
    """Percent of one core, from the second tick on; memory of the child."""
    users = [process(index % 8, os.getpid() if index == 0 else 1, 500) for index in range(8)]
    client = SamplerClient(box(*eight_gpus(), *users))
    gaps: list[float] = []
    began = cpu_began = own_began = last = 0.0
    pid = 0
    async for sample in client.follow():
        now = time.monotonic()
        assert len(sample.gpus) == 8
        if sample.number == 1:
            pid = _find_sampler()
            began, cpu_began, own_began = now, _cpu_s(pid), time.process_time()
        elif sample.number > 1:
            gaps.append(now - last)
        last = now
        if began and now - began >= SECONDS:
            break
    spent, wall = _cpu_s(pid) - cpu_began, last - began
    own = time.process_time() - own_began
    resident, shared = _read_memory(pid)
    await client.close()
    print(
        f"\nsampler, 8 GPUs at 1 Hz for {wall:.0f} s: {100 * spent / wall:.2f} % of a core"
        f" ({1000 * spent / wall:.1f} ms a tick), client {100 * own / wall:.2f} %;"
        f" resident {resident:.1f} MB (file pages {shared:.1f});"
        f" gap median {statistics.median(gaps):.3f} s, worst {max(gaps):.3f} s"
    )


async def test_start_to_the_first_sample(box):
    environ, times = box(*eight_gpus()), []
    for _ in range(ROUNDS):
        client, began = SamplerClient(environ), time.monotonic()
        async for sample in client.follow():
            assert len(sample.gpus) == 8
            times.append(time.monotonic() - began)
            break
        await client.close()
    print(f"\nstart to first sample: median {statistics.median(times) * 1000:.0f} ms,"
          f" worst {max(times) * 1000:.0f} ms")  # fmt: skip


async def test_hang_to_named_gpu(box):
    """From the first moment at which the call can hang until the GPU is named."""
    named, live = [], []
    for round_ in range(ROUNDS):
        bad = round_ % 8
        client = SamplerClient(box(*eight_gpus()))
        samples = client.follow()
        sample = await anext(samples)
        while sample.number < 1:
            sample = await anext(samples)
        box.add(hang("nvmlDeviceGetPowerUsage", bad))
        fault = None
        async for sample in samples:
            now = time.time()
            others = [gpu for gpu in sample.gpus if gpu.index != bad]
            if fault is None and sample.gpus[bad].state is GpuState.HUNG:
                fault = sample.gpus[bad].fault
                # The call before it was the last that came back in this tick.
                stuck_at = now - float(re.search(r"([\d.]+) s\b", fault.words)[1])
                named.append(now - stuck_at)
                assert [gpu.power_w for gpu in others] == [200.0 + gpu.index for gpu in others]
            elif fault and min(gpu.read_s for gpu in others) > stuck_at + named[-1]:
                live.append(now - stuck_at - named[-1])
                break
        await client.close()
    print(f"\nhang to named GPU: median {statistics.median(named):.2f} s, worst {max(named):.2f} s;"
          f" then to the others read anew: median {statistics.median(live):.2f} s,"
          f" worst {max(live):.2f} s")  # fmt: skip
    assert max(named) <= 2.0


async def test_hang_from_the_start(box):
    times = []
    for _ in range(3):
        client = SamplerClient(box(*eight_gpus(), hang("nvmlDeviceGetPowerUsage", 1)))
        began = time.monotonic()
        async with asyncio.timeout(30):
            async for sample in client.follow():
                found = {gpu.index: gpu.state for gpu in sample.gpus}
                if found.get(1) is GpuState.HUNG and len(found) == 8:
                    times.append(time.monotonic() - began)
                    break
        await client.close()
    print(f"\nhang from the start to all named and read: median {statistics.median(times):.2f} s,"
          f" worst {max(times):.2f} s")  # fmt: skip
