"""The sampler on a real driver: against `nvidia-smi` of the same second, over minutes, and its cost."""

import asyncio
import os
import statistics
import time

import psutil
import pytest

from envbench.machine.sampler.client import SamplerClient
from envbench.machine.sampler.once import take_sample
from envbench.model.gpu import AbsenceCode, GpuState

pytestmark = pytest.mark.gpu

MIB = 1 << 20


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def test_readings_are_those_of_nvidia_smi(gpus, ask_nvidia_smi):
    """Equal within the sampling step: what moves lies between two answers around the sample."""
    fields = "index,uuid,utilization.gpu,memory.total,memory.used,temperature.gpu,power.draw,power.limit,pstate"
    before = ask_nvidia_smi(fields)
    sample = take_sample(dict(os.environ))
    after = ask_nvidia_smi(fields)
    assert sample.absence is None
    assert len(sample.gpus) == len(before) == len(gpus)
    for gpu, early, late in zip(sample.gpus, before, after, strict=True):
        print(f"\nenvbench   {gpu.utilization_percent} % {(gpu.memory_used_bytes or 0) / MIB:.0f} MiB"
              f" {gpu.temperature_c} C {gpu.power_w} W of {gpu.power_limit_w}"
              f"\nnvidia-smi {early[2:]} then {late[2:]}")  # fmt: skip
        assert (str(gpu.index), gpu.uuid) == (early[0], early[1])
        assert gpu.state is GpuState.OK
        steps = (
            (gpu.utilization_percent, 2, 15.0),
            (gpu.memory_total_bytes and gpu.memory_total_bytes / MIB, 3, 1.0),
            (gpu.memory_used_bytes and gpu.memory_used_bytes / MIB, 4, 64.0),
            (gpu.temperature_c, 5, 2.0),
            (gpu.power_w, 6, 25.0),
            (gpu.power_limit_w, 7, 0.5),
        )
        for value, column, step in steps:
            ends = [_number(early[column]), _number(late[column])]
            if None in ends:
                assert value is None or value >= 0
                continue
            assert value is not None, f"column {column}: nvidia-smi knows it"
            low, high = min(ends), max(ends)
            assert low - step <= value <= high + step, f"column {column}"


async def test_minutes_without_a_hang_and_what_they_cost(gpus):
    seconds = float(os.environ.get("ENVBENCH_GPU_SECONDS", "300"))
    client = SamplerClient(dict(os.environ), period_s=1.0)
    gaps: list[float] = []
    began = last = time.monotonic()
    spent: list[float] = []
    try:
        async for sample in client.follow():
            if sample.absence is not None and sample.absence.code is AbsenceCode.STARTING:
                continue  # a driver without persistence mode takes seconds to wake
            now = time.monotonic()
            gaps.append(now - last)
            last = now
            assert sample.absence is None, sample.absence
            assert [gpu.state for gpu in sample.gpus] == [GpuState.OK] * len(gpus)
            spent.append(_cpu_of_children())
            if now - began >= seconds:
                break
    finally:
        await client.close()
    assert len(gaps) >= seconds * 0.8
    assert max(gaps[2:]) < 3.0, "a tick was late"
    cost = (spent[-1] - spent[2]) / (last - began - 2) * 100
    print(f"\n{len(gaps)} samples of {len(gpus)} GPUs in {last - began:.0f} s: median gap"
          f" {statistics.median(gaps[1:]):.3f} s, worst {max(gaps[2:]):.3f} s,"
          f" {cost:.2f} % of a core")  # fmt: skip


def _cpu_of_children() -> float:
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(each.user + each.system for each in times)


async def test_readings_do_not_wait_for_one_another(gpus):
    """Two samplers at once, as two screens of two users have them."""

    async def count(client: SamplerClient) -> int:
        found = 0
        async for sample in client.follow():
            found += sample.absence is None
            if found == 5:
                break
        await client.close()
        return found

    clients = [SamplerClient(dict(os.environ)) for _ in range(2)]
    assert await asyncio.wait_for(asyncio.gather(*map(count, clients)), 60) == [5, 5]
