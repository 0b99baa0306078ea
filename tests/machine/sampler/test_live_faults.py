"""Faults that begin, end and move while somebody looks: the others live on, and it is named."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

import pytest

from envbench.machine.sampler import restarts, stalls, supervision
from envbench.model.gpu import AbsenceCode, GpuState, Sample
from tests.gpu_driver import (
    StubBox,
    crash,
    delay,
    error,
    gpus,
    hang,
    mig_gpu,
    process,
    unified_gpu,
)
from tests.machine.sampler.expected import MIB, expected_values
from tests.machine.sampler.watching import are_whole, is_whole, watching

BAD = 3
FAST = (
    "nvmlDeviceGetUtilizationRates",
    "nvmlDeviceGetMemoryInfo_v2",
    "nvmlDeviceGetTemperatureV",
    "nvmlDeviceGetPowerUsage",
    "nvmlDeviceGetClockInfo",
)
OTHER = (
    "nvmlDeviceGetHandleByIndex_v2",
    "nvmlDeviceGetName",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetPciInfo_v3",
    "nvmlDeviceGetMaxClockInfo",
    "nvmlDeviceGetTotalEnergyConsumption",
    "nvmlDeviceGetEnforcedPowerLimit",
    "nvmlDeviceGetFanSpeed",
    "nvmlDeviceGetPcieThroughput",
    "nvmlDeviceGetTotalEccErrors",
    "nvmlDeviceGetRemappedRows",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetNvLinkState",
)
LISTS = (
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetGraphicsRunningProcesses_v3",
    "nvmlDeviceGetMPSComputeRunningProcesses_v3",
    "nvmlDeviceGetProcessUtilization",
)
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def is_named(sample: Sample, state: GpuState, call: str, gpu: int = BAD) -> bool:
    """Tell whether this GPU is told to be so because of this call; nothing of it is made up."""
    found = [reading for reading in sample.gpus if reading.index == gpu]
    if not found or found[0].state is not state:
        return False
    [reading] = found
    assert reading.fault.call == call
    assert reading.fault.words
    assert reading.fault.code == (signal.SIGSEGV if state is GpuState.CRASHED else None)
    for name, value in expected_values(gpu).items():
        said = getattr(reading, name)
        assert said == value or (said is None and name in reading.unread), (name, said)
    for name in ("utilization_percent", "power_w", "temperature_c", "memory_used_bytes"):
        assert getattr(reading, name) is None, (name, "is not known any more")
    return True


# A call that does not come back, and one that ends the process


async def at_once(check: Callable[..., Awaitable[None]], tmp_path: Path, cases: Iterable) -> None:
    """Check cases in boxes of their own, all at the same time: most of it is waiting."""
    async with asyncio.TaskGroup() as group:
        for number, case in enumerate(cases):
            directory = tmp_path / str(number)
            directory.mkdir()
            group.create_task(check(StubBox(directory), *case))


async def test_a_hang_in_mid_run_is_named_and_costs_one_gpu(tmp_path: Path):
    await at_once(hang_in_mid_run, tmp_path, [(call,) for call in FAST[::2]])


async def hang_in_mid_run(box: StubBox, call: str) -> None:
    async with watching(box(*gpus(8))) as watch:
        await watch.until(lambda sample: are_whole(sample, 8))
        box.add(hang(call, BAD))
        named = await watch.until_next(lambda s: is_named(s, GpuState.HUNG, call))
        assert named.gpus[BAD].name == "NVIDIA H100 80GB HBM3"
        box.rewrite(*gpus(8, temp=77), hang(call, BAD))
        alive = [index for index in range(8) if index != BAD]
        await watch.until(lambda s: all(s.gpus[n].temperature_c == 77 for n in alive))
        assert is_named(watch.last, GpuState.HUNG, call)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what takes seconds, by rules that have tests of their own, take fractions of one."""
    monkeypatch.setattr(stalls, "_WAKING_S", 1.0)
    monkeypatch.setattr(restarts, "DELAYS_S", (0.0, 0.1))
    monkeypatch.setattr(supervision, "_FIRST_RETRY_S", 0.3)


@pytest.mark.usefixtures("quick")
async def test_a_hang_from_the_start_is_named_and_costs_one_gpu(tmp_path: Path):
    calls = ("nvmlDeviceGetPowerUsage", "nvmlDeviceGetHandleByIndex_v2")
    await at_once(hang_from_the_start, tmp_path, [(call,) for call in calls])


async def hang_from_the_start(box: StubBox, call: str) -> None:
    async with watching(box(*gpus(8), hang(call, BAD))) as watch:
        await watch.until(lambda s: is_named(s, GpuState.HUNG, call) and are_whole(s, 8, BAD))


@pytest.mark.parametrize("call", ["nvmlDeviceGetTemperatureV", "nvmlDeviceGetUUID"])
async def test_a_crash_is_named_and_costs_one_gpu(box: StubBox, call: str):
    async with watching(box(*gpus(8), crash(call, BAD))) as watch:
        await watch.until(lambda s: is_named(s, GpuState.CRASHED, call) and are_whole(s, 8, BAD))


async def test_a_crash_in_mid_run_costs_one_gpu(box: StubBox):
    call = "nvmlDeviceGetClockInfo"
    async with watching(box(*gpus(8))) as watch:
        await watch.until(lambda sample: are_whole(sample, 8))
        box.add(crash(call, BAD))
        await watch.until_next(
            lambda s: is_named(s, GpuState.CRASHED, call) and are_whole(s, 8, BAD)
        )


@pytest.mark.parametrize("call", [LISTS[0], LISTS[3]])
async def test_a_crash_in_a_list_of_processes_costs_the_list(box: StubBox, call: str):
    lines = [*gpus(4), process(BAD, 4_000_001), process(1, 4_000_002)]
    async with watching(box(*lines, crash(call, BAD))) as watch:
        sample = await watch.until(lambda s: are_whole(s, 4) and s.notes)
        assert any(f"GPU {BAD}" in note for note in sample.notes), sample.notes
        assert [each.pid for each in sample.processes if each.gpu == 1] == [4_000_002]


@pytest.mark.slow
@pytest.mark.parametrize("call", [*FAST, *OTHER])
async def test_a_hang_of_every_call(box: StubBox, call: str):
    async with watching(box(*gpus(8), hang(call, BAD))) as watch:
        await watch.until(lambda s: is_named(s, GpuState.HUNG, call) and are_whole(s, 8, BAD))


@pytest.mark.slow
@pytest.mark.parametrize("call", [*FAST, *OTHER])
async def test_a_crash_of_every_call(box: StubBox, call: str):
    async with watching(box(*gpus(8), crash(call, BAD))) as watch:
        await watch.until(lambda s: is_named(s, GpuState.CRASHED, call) and are_whole(s, 8, BAD))


@pytest.mark.slow
@pytest.mark.parametrize("call", LISTS)
async def test_a_hang_of_every_list(box: StubBox, call: str):
    async with watching(box(*gpus(4), process(BAD, 4_000_001), hang(call, BAD))) as watch:
        await watch.until(lambda s: is_named(s, GpuState.HUNG, call) and are_whole(s, 4, BAD))


@pytest.mark.usefixtures("quick")
async def test_many_bad_gpus_at_once(box: StubBox):
    lines = [
        *gpus(7),
        unified_gpu(),
        *mig_gpu(8),
        hang("nvmlDeviceGetPowerUsage", 1),
        crash("nvmlDeviceGetTemperatureV", 2),
        error("*", 4, 15),
        error("nvmlDeviceGetPowerUsage", 5, 16),
        error("nvmlDeviceGetUtilizationRates", 6, 999),
    ]
    states = {1: GpuState.HUNG, 2: GpuState.CRASHED, **dict.fromkeys((4, 5, 6), GpuState.FAULTY)}

    def is_told(sample: Sample) -> bool:
        found = {reading.index: reading.state for reading in sample.gpus}
        return len(found) == 9 and all(
            found[index] is states.get(index, GpuState.OK) for index in range(9)
        )

    async with watching(box(*lines)) as watch:
        sample = await watch.until(is_told)
        assert is_whole(sample, 0) and is_whole(sample, 3)
        assert sample.gpus[7].is_memory_unified
        assert len(sample.gpus[8].mig) == 7


async def test_an_error_that_passes_leaves_nothing_behind(box: StubBox):
    call = "nvmlDeviceGetTemperature*"
    async with watching(box(*gpus(2))) as watch:
        await watch.until(lambda sample: are_whole(sample, 2))
        box.add(error(call, 1, 10))
        sample = await watch.until_next(lambda s: s.gpus[1].temperature_c is None)
        assert sample.gpus[1].unread_codes == {"temperature_c": 10}
        assert sample.gpus[1].state is GpuState.OK
        box.rewrite(*gpus(2))
        await watch.until_next(lambda s: s.gpus[1].unread == {} and are_whole(s, 2))


async def test_slow_answers_are_no_fault(box: StubBox):
    lines = [*gpus(4), delay("nvmlDeviceGetPowerUsage", BAD, 300)]
    async with watching(box(*lines), stall_limit_s=1.0) as watch:
        await watch.until(lambda sample: are_whole(sample, 4))
        await watch.until_next(lambda sample: are_whole(sample, 4))
        assert all(reading.fault is None for each in watch.samples for reading in each.gpus)


# The driver as a whole


FAULTS_OF_THE_DRIVER = (
    (error("nvmlInit*", "-", 18), AbsenceCode.MISMATCH),
    (error("nvmlInit*", "-", 4), AbsenceCode.NO_PERMISSION),
    (error("nvmlInit*", "-", 999), AbsenceCode.INIT_FAILED),
    (crash("nvmlInit*", "-"), AbsenceCode.DRIVER_CRASHED),
    (hang("nvmlInit*", "-"), AbsenceCode.DRIVER_HUNG),
    (hang("nvmlDeviceGetCount", "-"), AbsenceCode.DRIVER_HUNG),
)


async def test_a_driver_that_does_not_begin_is_told_of(tmp_path: Path):
    await at_once(driver_that_does_not_begin, tmp_path, FAULTS_OF_THE_DRIVER)


async def driver_that_does_not_begin(box: StubBox, fault: str, code: AbsenceCode) -> None:
    async with watching(box(*gpus(4), fault)) as watch:
        sample = await watch.until(lambda each: each.absence and each.absence.code is code)
        assert sample.gpus == ()
        assert sample.absence.words
        assert sample.absence.remedy
        assert sample.box.memory_total_bytes


async def test_a_driver_that_is_not_loaded_is_told_of(box: StubBox):
    async with watching(box(*gpus(4), error("nvmlInit*", "-", 9))) as watch:
        sample = await watch.until(lambda each: each.box.memory_total_bytes)
        assert sample.gpus == ()
        # Where the bus has no card of NVIDIA's there is nothing to load it for.
        assert sample.absence.code in {AbsenceCode.DRIVER_NOT_LOADED, AbsenceCode.NO_DRIVER}
        assert sample.absence.words


@pytest.mark.usefixtures("quick")
async def test_a_driver_that_goes_and_comes_back(box: StubBox):
    async with watching(box(*gpus(4))) as watch:
        await watch.until(lambda sample: are_whole(sample, 4))
        box.rewrite(*gpus(4), error("nvmlInit*", "-", 9), error("*", "*", 1))
        gone = await watch.until_next(lambda sample: sample.absence is not None)
        assert gone.gpus == () or all(each.state is not GpuState.OK for each in gone.gpus)
        box.rewrite(*gpus(4))
        await watch.until_next(lambda s: s.absence is None and are_whole(s, 4))


@pytest.mark.slow
async def test_a_hung_driver_that_comes_back(box: StubBox):
    async with watching(box(*gpus(2), hang("nvmlInit*", "-"))) as watch:
        await watch.until(lambda s: s.absence and s.absence.code is AbsenceCode.DRIVER_HUNG)
        box.rewrite(*gpus(2))
        await watch.until(lambda s: s.absence is None and are_whole(s, 2), timeout_s=120)


@pytest.mark.parametrize(("before", "after"), [(8, 6), (8, 0)])
async def test_gpus_that_go_are_not_shown_as_alive(box: StubBox, before: int, after: int):
    async with watching(box(*gpus(before))) as watch:
        await watch.until(lambda sample: are_whole(sample, before))
        box.rewrite(*gpus(after))

        def is_told(sample: Sample) -> bool:
            gone = [reading for reading in sample.gpus if reading.index >= after]
            return all(each.state is not GpuState.OK for each in gone)

        sample = await watch.until_next(is_told)
        assert are_whole(sample, after)


@pytest.mark.slow
async def test_gpus_that_go_and_come_back(box: StubBox):
    async with watching(box(*gpus(8))) as watch:
        await watch.until(lambda sample: are_whole(sample, 8))
        box.rewrite(*gpus(6))
        await watch.until_next(lambda s: all(r.state is not GpuState.OK for r in s.gpus[6:]))
        box.rewrite(*gpus(8))
        await watch.until(lambda sample: are_whole(sample, 8), timeout_s=60)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        error("*", BAD, 15),
        hang("nvmlDeviceGetPowerUsage", BAD),
        crash("nvmlDeviceGetPowerUsage", BAD),
    ],
)
async def test_a_gpu_that_is_well_again_is_read_again(box: StubBox, fault: str):
    async with watching(box(*gpus(4), fault)) as watch:
        await watch.until(lambda s: len(s.gpus) == 4 and s.gpus[BAD].state is not GpuState.OK)
        box.rewrite(*gpus(4))
        await watch.until(lambda sample: are_whole(sample, 4), timeout_s=90)


# Processes that come and go


@pytest.fixture
def children() -> Iterator[list[subprocess.Popen[bytes]]]:
    started = [subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL) for _ in range(6)]
    yield started
    for child in started:
        child.kill()
        child.wait()


def end(child: "subprocess.Popen[bytes]", *, is_collected: bool) -> None:
    """End a child; it stays as a zombie when it is not collected."""
    child.kill()
    if is_collected:
        child.wait()
    else:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


def run_shortly(box: StubBox) -> set[int]:
    """Start ten processes that end at once, and have the driver list them all the time."""
    short = [subprocess.Popen(["/bin/true"]) for _ in range(10)]
    box.rewrite(*gpus(1), *(process(0, each.pid) for each in short))
    for each in short:
        each.wait()
    return {each.pid for each in short}


async def test_processes_come_and_go(box: StubBox, children: list[subprocess.Popen[bytes]]):
    pids = [child.pid for child in children]

    def list_users(*chosen: int) -> list[str]:
        return [
            process(pid % 2, pid, 100 + place) for place, pid in enumerate(pids) if pid in chosen
        ]

    def is_right(sample: Sample, *chosen: int) -> bool:
        return {each.pid for each in sample.processes} == set(chosen) and are_whole(sample, 2)

    async with watching(box(*gpus(2), *list_users(*pids))) as watch:
        sample = await watch.until(lambda each: is_right(each, *pids))
        for each in sample.processes:
            place = pids.index(each.pid)
            assert (each.gpu, each.memory_used_bytes) == (each.pid % 2, (100 + place) * MIB)
            assert (each.is_here, each.is_own, each.started_s is not None) == (True, True, True)
            assert SLEEP[2] in each.command
        # One ends and is collected, one becomes a zombie; the driver lists both still.
        end(children[0], is_collected=True)
        end(children[1], is_collected=False)
        sample = await watch.until_next(
            lambda s: any(each.pid == pids[0] and not each.is_here for each in s.processes)
        )
        assert is_right(sample, *pids)
        [gone] = [each for each in sample.processes if each.pid == pids[0]]
        assert (gone.memory_used_bytes, gone.command, gone.user) == (100 * MIB, None, None)
        assert {"command", "user"} <= set(gone.unread)
        box.rewrite(*gpus(2), *list_users(*pids[2:4]))
        await watch.until_next(lambda each: is_right(each, *pids[2:4]))
        box.rewrite(*gpus(2), *list_users(*pids[4:]))
        await watch.until_next(lambda each: is_right(each, *pids[4:]))


async def test_processes_that_vanish_while_they_are_read(box: StubBox):
    """Hundreds live for milliseconds each, and the driver lists them all the time."""
    async with watching(box(*gpus(1))) as watch:
        await watch.until(lambda sample: are_whole(sample, 1))
        for _ in range(20):
            wanted = run_shortly(box)
            await asyncio.sleep(0)
        sample = await watch.until_next(lambda s: {p.pid for p in s.processes} == wanted)
        assert are_whole(sample, 1)
        assert {reading.state for each in watch.samples for reading in each.gpus} == {GpuState.OK}
