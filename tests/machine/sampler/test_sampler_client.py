"""What the client tells, whatever happens to the process that reads."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from envbench.jobs.processes import read_stat
from envbench.machine.gpu_absence import explain_absence
from envbench.machine.sampler import child, quarantine, supervision
from envbench.machine.sampler.child import SamplerChild
from envbench.machine.sampler.once import take_sample
from envbench.model.gpu import AbsenceCode, GpuState, Sample, Unread
from tests.gpu_driver import crash, eight_gpus, error, hang, process
from tests.machine.sampler.conftest import PATIENCE_S, find

ROOT = Path(__file__).parents[3]

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
    assert sick.fault.words.startswith("the driver did not answer for 1.")
    assert sick.fault.words.endswith("s (nvmlDeviceGetPowerUsage)")
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
    environ = box(*eight_gpus(), crash("nvmlDeviceGetTemperatureV", 2))
    following = follow(environ, period_s=0.1)
    sample = await following.until(lambda sample: find(sample, 2) is not None)
    assert find(sample, 2).state is GpuState.CRASHED
    assert find(sample, 2).fault.call == "nvmlDeviceGetTemperatureV"
    assert find(sample, 2).fault.code == 11
    assert (
        find(sample, 2).fault.words == "the driver crashed (SIGSEGV in nvmlDeviceGetTemperatureV)"
    )
    assert find(sample, 2).name is None
    assert find(sample, 2).unread["name"] is Unread.NO_ANSWER
    sample = await following.until(lambda sample: len(sample.gpus) == 8)
    assert [gpu.index for gpu in sample.gpus if gpu.state is GpuState.OK] == [0, 1, 3, 4, 5, 6, 7]


async def test_a_list_of_processes_that_crashes_costs_only_the_list(box, follow):
    call = "nvmlDeviceGetComputeRunningProcesses_v3"
    environ = box(*eight_gpus(), process(4, 4_000_000, kinds="CG"), crash(call, 4))
    following = follow(environ, period_s=0.1)
    sample = await following.until(lambda sample: len(sample.gpus) == 8)
    assert {gpu.state for gpu in sample.gpus} == {GpuState.OK}
    told = "GPU 4: compute processes are not listed for now: the driver crashed (SIGSEGV"
    assert any(note.startswith(told) for note in sample.notes)
    assert [(process.gpu, process.kinds) for process in sample.processes] == [(4, ("graphics",))]


async def test_a_gpu_that_answers_again_is_read_again_and_no_other_waits(box, follow, monkeypatch):
    monkeypatch.setattr(quarantine, "RETRY_S", (0.2, 0.2))
    following = follow(box(*eight_gpus(), hang("nvmlDeviceGetPowerUsage", 1)), period_s=0.2)
    sick = await following.until(lambda each: is_in_state(each, 1, GpuState.HUNG))
    again = await following.until(lambda each: find(each, 1).fault.times == 2)
    assert find(again, 1).fault.since_s == find(sick, 1).fault.since_s
    # The try took more than a second, and the others were read meanwhile.
    times = [find(each, 0).read_s for each in following.seen if find(each, 0) is not None]
    assert max(later - earlier for earlier, later in pairwise(times)) < 1.0
    assert sum("replaced" in note for note in again.notes) == 1
    box.rewrite(*eight_gpus())
    well = await following.until(lambda each: is_in_state(each, 1, GpuState.OK))
    assert find(well, 1).power_w == 201.0
    assert find(well, 1).unread.keys() <= {"pcie_rx_bytes_s", "pcie_tx_bytes_s"}


async def test_a_list_that_crashed_is_asked_for_again(box, follow, monkeypatch):
    monkeypatch.setattr(quarantine, "RETRY_S", (0.2,))
    call = "nvmlDeviceGetComputeRunningProcesses_v3"
    following = follow(box(*eight_gpus(), process(4, 4_000_000), crash(call, 4)), period_s=0.2)
    await following.until(lambda each: any("GPU 4: compute" in note for note in each.notes))
    box.rewrite(*eight_gpus(), process(4, 4_000_000))
    well = await following.until(lambda each: len(each.processes) == 1)
    assert not any("GPU 4" in note for note in well.notes)


async def test_after_three_kills_at_one_call_it_is_the_driver(box, follow, monkeypatch):
    monkeypatch.setattr(quarantine, "RETRY_S", (0.2,))
    following = follow(box(*eight_gpus(), crash("nvmlDeviceGetPowerUsage", 1)), period_s=0.2)
    sample = await following.until(
        lambda each: is_in_state(each, 1, GpuState.CRASHED) and find(each, 1).fault.times >= 3
    )
    assert find(sample, 1).fault.remedy == (
        "the driver does not answer; look for Xid lines in dmesg; a reboot may be needed"
    )


async def test_an_error_of_one_gpu_is_its_row(box, follow):
    sample = await follow(box(*eight_gpus(), error("nvmlDeviceGetPowerUsage", 6, 15))).next()
    row = find(sample, 6)
    assert (row.state, row.fault.code) == (GpuState.FAULTY, 15)
    assert row.fault.words == "the GPU has fallen off the bus (nvmlDeviceGetPowerUsage)"
    assert "Xid" in row.fault.remedy
    assert row.name == "NVIDIA H100 80GB HBM3"
    assert row.utilization_percent is None
    assert row.unread["utilization_percent"] is Unread.DRIVER_ERROR
    assert {each.state for each in sample.gpus if each.index != 6} == {GpuState.OK}


async def test_a_reading_that_is_not_known_to_the_driver_spoils_no_other(box, follow):
    sample = await follow(box(*eight_gpus(), error("nvmlDeviceGetPowerUsage", 6, 999))).next()
    row = find(sample, 6)
    assert (row.state, row.fault.code, row.power_w) == (GpuState.FAULTY, 999, None)
    assert (row.utilization_percent, row.temperature_c) == (16, 46)
    assert row.unread_codes == {"power_w": 999}


async def test_a_driver_that_refuses_is_told_with_the_box(box, follow):
    sample = await follow(box(*eight_gpus(), error("nvmlInit*", "-", 18))).next()
    assert sample.absence.code is AbsenceCode.MISMATCH
    assert sample.gpus == ()
    assert sample.box.memory_total_bytes > 0


async def test_a_driver_that_hangs_costs_one_look_at_the_box(box, follow, monkeypatch):
    looks = []

    def explain(*arguments, **options):
        looks.append(options["environ"])
        return explain_absence(*arguments, **options)

    monkeypatch.setattr(supervision, "explain_absence", explain)
    environ = box(*eight_gpus(), hang("nvmlInit*", "-"))
    following = follow(environ, period_s=0.1, stall_limit_s=0.2)
    for _ in range(5):
        await following.until(
            lambda each: each.absence and each.absence.code is AbsenceCode.DRIVER_HUNG
        )
    assert looks == [environ]


async def test_the_period_changes_while_it_runs(box, follow):
    following = follow(box(*eight_gpus()), period_s=60)
    await following.next()
    following.client.set_period(0.1)
    began = time.monotonic()
    sample = await following.until(lambda each: each.number == 3)
    assert sample.period_s == 0.1
    assert time.monotonic() - began < 20


async def test_pcie_throughput_is_asked_for_one_gpu_a_tick(box, follow):
    following = follow(box(*eight_gpus()), period_s=0.1)
    known = 0
    while known < 8:
        sample = await following.next()
        now_known = sum(each.pcie_tx_bytes_s is not None for each in sample.gpus)
        assert now_known <= known + 1
        known = now_known
    await following.until(lambda each: each.number == sample.number + 5)
    await following.client.close()
    assert box.calls()["nvmlDeviceGetPcieThroughput"] == 16


def test_what_others_print_goes_elsewhere():
    code = (
        "import os\n"
        "from envbench.jobs.private_pipe import PrivatePipe\n"
        "pipe = PrivatePipe()\n"
        "print('stray', flush=True)\n"
        "os.write(1, b'more')\n"
        "pipe.send(b'a line\\n')\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=True)
    assert answer.stdout == b"a line\n"
    assert answer.stderr == b"stray\nmore"


async def test_a_closed_client_leaves_no_process(box, follow):
    following = follow(box(*eight_gpus()), period_s=0.1)
    await following.next()
    [pid] = list_samplers()
    await following.client.close()
    assert list_samplers() == []
    assert not is_alive(pid)
    with pytest.raises(StopAsyncIteration):
        await anext(following.samples)


async def test_a_crash_leaves_no_dump(box, follow):
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        await follow(box(*eight_gpus()), period_s=0.1).next()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    [pid] = list_samplers()
    assert resource.prlimit(pid, resource.RLIMIT_CORE)[0] == 0


async def test_closing_waits_for_nothing_that_hangs(box, follow, monkeypatch):
    following = follow(box(*eight_gpus()), period_s=0.1)
    await following.next()
    [pid] = list_samplers()
    # As one that hangs in the kernel: it does not end, whatever is sent to it.
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: all_threads_are_stopped(pid))
    monkeypatch.setattr(SamplerChild, "_kill_group", lambda _: None)
    began = time.monotonic()
    await following.client.close()
    assert time.monotonic() - began < 2.0
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


async def test_one_that_was_killed_from_outside_is_replaced_and_blames_no_gpu(
    box, follow, monkeypatch
):
    following = follow(box(*eight_gpus()), period_s=0.1)
    await following.next()
    [pid] = list_samplers()
    os.kill(pid, signal.SIGKILL)
    sample = await following.until(lambda each: each.number == 1 and each.notes)
    assert sample.notes == ("the GPU reader was replaced: it was ended by SIGKILL",)
    assert {each.state for each in sample.gpus} == {GpuState.OK}
    assert sample.absence is None
    # It is news for a while, and no lasting complaint about readings that are in order.
    monkeypatch.setattr(supervision, "_NOTE_S", 0.2)
    await following.until(lambda each: each.number > sample.number and not each.notes)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([sys.executable, "-c", "print('rubbish')"], "it told rubbish"),
        ([sys.executable, "-c", "raise SystemExit('no such module')"], "status 1: no such module"),
        (
            ["/nonexistent/python"],
            "cannot be started: No such file or directory (/nonexistent/python)",
        ),
        ([sys.executable, "-c", "import os; os.write(1, b'{' * 20_000_000)"], "it told rubbish"),
    ],
)
async def test_a_sampler_that_cannot_work_is_told(box, follow, monkeypatch, command, words):
    monkeypatch.setattr(child, "build_command", lambda _: command)
    sample = await follow(box()).until(lambda each: each.absence is not None)
    assert sample.absence.code is AbsenceCode.SAMPLER_FAILED
    assert words in sample.absence.words
    assert sample.absence.remedy


async def test_it_ends_with_its_parent(box, tmp_path):
    """However the parent ends, here by a signal that it cannot hear; even in a call that hangs."""
    script = (
        "import asyncio, os\n"
        "from envbench.machine.sampler.client import SamplerClient\n"
        "async def main():\n"
        "    async for _ in SamplerClient(os.environ, stall_limit_s=600).follow():\n"
        "        pass\n"
        "asyncio.run(main())\n"
    )
    call = "nvmlDeviceGetPowerUsage"
    environ = box(*eight_gpus(), hang(call, 3))
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, env=environ, cwd=ROOT
    )
    wait_until(lambda: box.calls_by_gpu()[call, 3] == 1)
    [pid] = list_samplers(parent.pid)
    parent.kill()
    await parent.wait()
    wait_until(lambda: not is_alive(pid))


def test_one_sample_for_those_without_a_loop(box):
    began = time.monotonic()
    sample = take_sample(box(*eight_gpus(), hang("nvmlDeviceGetUtilizationRates", 2)))
    assert time.monotonic() - began < 9.0
    states = {each.index: each.state for each in sample.gpus}
    assert states == {**dict.fromkeys(range(8), GpuState.OK), 2: GpuState.HUNG}
    assert find(sample, 0).ecc_is_on is True
    assert list_samplers() == []


def test_one_sample_in_time_even_if_nothing_answers(box):
    began = time.monotonic()
    sample = take_sample(box(*eight_gpus(), hang("nvmlInit*", "-")), timeout_s=2.5)
    assert time.monotonic() - began < 5.0
    assert sample.absence.code is AbsenceCode.DRIVER_HUNG
    assert sample.box.memory_total_bytes > 0


def test_the_client_loads_neither_the_binding_nor_psutil():
    code = (
        "import sys, envbench.machine.sampler.client, envbench.machine.sampler.once\n"
        "print([name for name in ('pynvml', 'psutil') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert answer.stdout.strip() == "[]"


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def all_threads_are_stopped(pid: int) -> bool:
    stats = [(task / "stat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    return {stat.rpartition(") ")[2][0] for stat in stats} == {"T"}


def is_in_state(sample: Sample, index: int, state: GpuState) -> bool:
    reading = find(sample, index)
    return reading is not None and reading.state is state


def list_samplers(parent: int | None = None) -> list[int]:
    return [
        each.pid
        for each in psutil.Process(parent).children()
        if b"envbench.machine.sampler" in read_command(each.pid)
    ]


def read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_alive(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and stat[0] not in "ZX"
