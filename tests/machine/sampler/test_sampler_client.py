"""What the client tells, whatever happens to the process that reads."""

import time

from envbench.model.gpu import GpuState, Unread
from tests.gpu_driver import crash, eight_gpus, hang, process
from tests.machine.sampler.conftest import find

MIB = 1024 * 1024


async def test_eight_gpus_are_read(box, follow):
    sample = await follow(box(*eight_gpus())).next()
    assert [gpu.index for gpu in sample.gpus] == list(range(8))
    assert {gpu.state for gpu in sample.gpus} == {GpuState.OK}
    assert [gpu.utilization_percent for gpu in sample.gpus] == [10 + index for index in range(8)]
    assert [gpu.memory_used_bytes for gpu in sample.gpus] == [
        (1000 + 100 * index) * MIB for index in range(8)
    ]
    assert [gpu.temperature_c for gpu in sample.gpus] == [40 + index for index in range(8)]
    assert [gpu.power_w for gpu in sample.gpus] == [200.0 + index for index in range(8)]
    assert sample.absence is None
    assert sample.notes == ()


async def test_a_call_that_hangs_costs_one_gpu_and_is_named(box, follow):
    following = follow(box(*eight_gpus(), process(1, 4_000_000)), period_s=0.2)
    before = await following.until(lambda sample: sample.number >= 1)
    box.add(hang("nvmlDeviceGetPowerUsage", 1))
    began = time.time()
    sample = await following.until(lambda sample: find(sample, 1).state is GpuState.HUNG)
    assert time.time() - began <= 2.0
    sick = find(sample, 1)
    assert sick.fault.call == "nvmlDeviceGetPowerUsage"
    assert sick.fault.words.startswith("nvmlDeviceGetPowerUsage did not come back for 1.")
    assert sick.power_w is None
    assert sick.unread["power_w"] is Unread.NO_ANSWER
    assert sick.name == find(before, 1).name
    assert sick.read_s < began + 0.5
    others = [gpu for gpu in sample.gpus if gpu.index != 1]
    assert [gpu.power_w for gpu in others] == [200.0 + gpu.index for gpu in others]
    after = await following.until(lambda sample: find(sample, 0).read_s > began + 1.0)
    assert find(after, 1).state is GpuState.HUNG
    assert find(after, 1).read_s == sick.read_s
    assert [process.memory_used_bytes for process in after.processes] == [None]


async def test_a_call_that_crashes_costs_one_gpu_and_is_named(box, follow):
    following = follow(box(*eight_gpus(), crash("nvmlDeviceGetTemperatureV", 2)))
    sample = await following.until(lambda sample: find(sample, 2) is not None)
    assert find(sample, 2).state is GpuState.CRASHED
    assert find(sample, 2).fault.call == "nvmlDeviceGetTemperatureV"
    assert find(sample, 2).fault.code == 11
    assert find(sample, 2).name is None
    assert find(sample, 2).unread["name"] is Unread.NO_ANSWER
    sample = await following.until(lambda sample: len(sample.gpus) == 8)
    assert [gpu.index for gpu in sample.gpus if gpu.state is GpuState.OK] == [0, 1, 3, 4, 5, 6, 7]


async def test_a_list_of_processes_that_crashes_costs_only_the_list(box, follow):
    call = "nvmlDeviceGetComputeRunningProcesses_v3"
    following = follow(box(*eight_gpus(), process(4, 4_000_000, kinds="CG"), crash(call, 4)))
    sample = await following.until(lambda sample: len(sample.gpus) == 8)
    assert {gpu.state for gpu in sample.gpus} == {GpuState.OK}
    assert any("GPU 4: nvmlDeviceGetComputeRunningProcesses" in note for note in sample.notes)
    assert [(process.gpu, process.kinds) for process in sample.processes] == [(4, ("graphics",))]
