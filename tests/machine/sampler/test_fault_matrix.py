"""Every fault of a driver: what is read is right, what is not read has a reason, others live on."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envbench.model.gpu import GpuReading, GpuState, Sample, Unread
from envbench.model.gpu_process import GpuProcess
from tests.gpu_driver import (
    ERROR_CODES,
    GENERATIONS,
    MAX_GPUS,
    StubBox,
    error,
    gpu,
    gpus,
    mig_gpu,
    process,
    unified_gpu,
)
from tests.machine.sampler.expected import (
    FALLBACKS,
    FIELDS,
    LINKS,
    MIB,
    check_honest,
    check_whole,
    expected_values,
)

GONE = {15, 16}
"""Whoever answers so is lost as a whole."""
FIRST_PID = 4_000_001
"""Above what this kernel gives out: these processes run elsewhere."""
TAKES_TURNS = "nvmlDeviceGetPcieThroughput"
"""One GPU a tick is asked this, the first one first."""
Fault = tuple[str, int]
"""A function and the error that it answers."""


def read_once(environ: dict[str, str]) -> Sample:
    """Have one sample of this box taken by a sampler of its own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "envbench.machine.sampler"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        child.stdin.write(json.dumps({"period_s": 60}).encode() + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        child.kill()
    return msgspec.json.decode(line, type=Sample)


def box_of(count: int) -> list[str]:
    """GPUs with one process each."""
    users = [process(index, FIRST_PID + index, 700 + index, sm=1 + index) for index in range(count)]
    return [*gpus(count), *users]


def find_process(sample: Sample, gpu: int) -> GpuProcess | None:
    """Find the one process of this GPU."""
    found = [each for each in sample.processes if each.gpu == gpu]
    assert len(found) <= 1
    return found[0] if found else None


def check_healthy(sample: Sample, index: int, generation: str = "current") -> None:
    """Check all that is said of a GPU without a fault."""
    reading = sample.gpus[index]
    assert (reading.index, reading.state, reading.fault) == (index, GpuState.OK, None)
    check_whole(reading, expected_values(index, generation=generation), has_turn=index == 0)
    assert reading.nvlinks == LINKS
    user = find_process(sample, index)
    assert user is not None, (index, sample.notes)
    assert (user.pid, user.memory_used_bytes) == (FIRST_PID + index, (700 + index) * MIB)
    assert (user.sm_percent, user.is_here) == (1 + index, False)


def check_faulty(sample: Sample, index: int, faults: Sequence[Fault]) -> None:
    """Check all that is said of a GPU whose calls fail so."""
    faults = [fault for fault in faults if index == 0 or fault[0] != TAKES_TURNS]
    if not faults:
        check_healthy(sample, index)
        return
    reading, values = sample.gpus[index], expected_values(index)
    allowed = (
        unified_instead(reading, values) if ("nvmlDeviceGetMemoryInfo", 3) in faults else values
    )
    check_honest(reading, allowed)
    assert (reading.state is GpuState.OK) == (reading.fault is None)
    whole = {code for function, code in faults if function == "nvmlDeviceGetHandleByIndex"}
    gone = whole or {code for _, code in faults if code in GONE}
    if gone:
        assert reading.state is GpuState.FAULTY, (index, faults, reading)
        assert reading.fault.code in gone, (index, faults, reading.fault)
        return
    affected = {name for function, _ in faults for name in FIELDS[function].split()}
    for name in affected:
        may_know = any(name in FIELDS[function] for function in FALLBACKS)
        assert (
            getattr(reading, name) is None
            or may_know
            or name not in values
            or (reading.is_memory_unified)
        ), (index, faults, name, getattr(reading, name))
    if reading.state is GpuState.OK and not reading.is_memory_unified:
        rest = {name: value for name, value in values.items() if name not in affected}
        check_whole(reading, rest, has_turn=index == 0)
    check_lists(sample, index, faults)


def unified_instead(reading: GpuReading, values: dict[str, object]) -> dict[str, object]:
    """A GPU that knows of no memory of its own is shown with that of the box, and says so."""
    assert reading.is_memory_unified or reading.fault is not None
    hidden = {name for name, why in reading.unread.items() if why is Unread.UNIFIED_MEMORY}
    memory = {"memory_total_bytes", "memory_used_bytes"}
    return {name: value for name, value in values.items() if name not in hidden | memory}


def check_lists(sample: Sample, index: int, faults: Sequence[Fault]) -> None:
    """Check processes and links: what is missing is told."""
    codes = dict(faults)
    reading, user = sample.gpus[index], find_process(sample, index)
    if "nvmlDeviceGetComputeRunningProcesses" in codes:
        assert user is None
        silent = codes["nvmlDeviceGetComputeRunningProcesses"] in {3, 6}
        assert silent or any(f"GPU {index}" in note for note in sample.notes), (
            faults,
            sample.notes,
        )
    elif reading.state is GpuState.OK:
        assert user is not None and user.memory_used_bytes == (700 + index) * MIB
        if "nvmlDeviceGetProcessUtilization" in codes:
            assert user.sm_percent is None and user.unread["sm_percent"]
        else:
            assert user.sm_percent == 1 + index
    if "nvmlDeviceGetNvLinkState" in codes:
        assert reading.nvlinks == ()
        silent = codes["nvmlDeviceGetNvLinkState"] in {2, 3}
        assert silent or "nvlinks" in reading.unread, (faults, reading.unread)
    elif reading.state is GpuState.OK:
        assert reading.nvlinks == LINKS


def read_faults(box: StubBox, faults: dict[int, list[Fault]], count: int, **given: str) -> Sample:
    """Read a box in which these GPUs have faults; check the count of GPUs."""
    lines = [error(name, index, code) for index, each in faults.items() for name, code in each]
    sample = read_once(box(*box_of(count), *lines, **given))
    assert [reading.index for reading in sample.gpus] == list(range(count)), sample.absence
    return sample


# Boxes without a fault


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("count", [1, 8, 16])
def test_every_gpu_of_every_driver_reads_as_it_is(box: StubBox, count: int, generation: str):
    sample = read_once(box(*box_of(count), generation=generation))
    assert len(sample.gpus) == count
    for index in range(count):
        check_healthy(sample, index, generation)
    assert sample.absence is None
    assert sample.driver.cuda == {"470": "11.4", "current": "13.0"}.get(generation, "12.2")
    assert sample.driver.version.startswith(generation if generation != "current" else "580")


def test_what_old_drivers_do_not_have_is_said(box: StubBox):
    [reading] = read_once(box(*gpus(1), generation="470")).gpus
    assert reading.unread["memory_reserved_bytes"] is Unread.NOT_IN_DRIVER


def test_the_instances_of_mig(box: StubBox):
    lines = [*mig_gpu(0, 7), *gpus(2)[1:], process(0, FIRST_PID, 33, instance=(3, 0))]
    sample = read_once(box(*lines, process(0, FIRST_PID + 1, "na", instance=(5, 0))))
    parent, plain = sample.gpus
    assert parent.is_mig_on is True
    assert (parent.utilization_percent, parent.memory_utilization_percent) == (None, None)
    assert parent.unread["utilization_percent"] is Unread.MIG_ENABLED
    assert parent.unread["memory_utilization_percent"] is Unread.MIG_ENABLED
    told = [
        (each.index, each.name, each.gpu_instance, each.compute_instance) for each in parent.mig
    ]
    assert told == [(place, "1g.10gb", place + 1, 0) for place in range(7)]
    assert [each.memory_total_bytes for each in parent.mig] == [9728 * MIB] * 7
    assert [each.memory_used_bytes for each in parent.mig] == [(100 + n) * MIB for n in range(7)]
    assert len({each.uuid for each in parent.mig}) == 7
    assert (plain.is_mig_on, plain.mig) == (False, ())
    check_whole(plain, expected_values(1))
    assert {
        (
            each.gpu,
            each.gpu_instance,
            each.compute_instance,
            each.memory_used_bytes,
            each.sm_percent,
        )
        for each in sample.processes
    } == {(0, 3, 0, 33 * MIB, None), (0, 5, 0, None, None)}
    assert all(each.unread["sm_percent"] for each in sample.processes)


@pytest.mark.parametrize("answer", ["1", "zero"])
@pytest.mark.parametrize("generation", ["current", "470"])
def test_memory_that_is_that_of_the_box(box: StubBox, answer: str, generation: str):
    lines = [unified_gpu(answer), *gpus(2)[1:], process(0, FIRST_PID, 900)]
    sample = read_once(box(*lines, generation=generation))
    shared, plain = sample.gpus
    assert shared.is_memory_unified
    assert shared.memory_total_bytes == read_memory_total()
    assert 0 < shared.memory_used_bytes < shared.memory_total_bytes
    assert shared.pcie_generation is None
    assert shared.unread["pcie_generation"] is Unread.UNIFIED_MEMORY
    assert (shared.power_limit_w, shared.unread["power_limit_w"]) == (None, Unread.NOT_SUPPORTED)
    assert find_process(sample, 0).memory_used_bytes == 900 * MIB
    assert not plain.is_memory_unified
    check_whole(plain, expected_values(1, generation=generation))


def read_memory_total() -> int:
    with Path("/proc/meminfo").open() as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal"))


def test_a_card_without_all_the_extras(box: StubBox):
    keys = ("fan", "ecc", "mig", "nvlink", "energy", "remapped", "limit", "serial")
    [reading] = read_once(box(gpu(**dict.fromkeys(keys, "na")))).gpus
    nothing = ("fan_percent", "ecc_is_on", "ecc_corrected", "ecc_uncorrected", "is_mig_on")
    nothing += ("energy_j", "retired_pages", "is_retirement_pending", "power_limit_w")
    for name in nothing:
        assert (getattr(reading, name), reading.unread[name]) == (None, Unread.NOT_SUPPORTED)
    assert (reading.mig, reading.nvlinks) == ((), ())


def test_an_older_card_tells_of_retired_pages(box: StubBox):
    [reading] = read_once(box(gpu(retired=7, pending=0))).gpus
    assert (reading.retired_pages, reading.is_retirement_pending) == (7, False)


# Error numbers


def all_faults() -> list[Fault]:
    """Every call about a GPU with every error."""
    functions = ["nvmlDeviceGetHandleByIndex", *FIELDS]
    return [(function, code) for code in ERROR_CODES for function in functions]


def deal_faults() -> Iterator[tuple[list[Fault], int]]:
    """Deal all faults to boxes of 64 GPUs, one fault to a GPU, at places that say nothing."""
    faults = all_faults()
    random.Random(7).shuffle(faults)
    for first in range(0, len(faults), MAX_GPUS):
        yield faults[first : first + MAX_GPUS], first // MAX_GPUS


@pytest.mark.parametrize(("faults", "number"), deal_faults(), ids=lambda value: str(value)[:3])
def test_every_error_of_every_call_stays_on_its_gpu(box: StubBox, faults: list[Fault], number: int):
    dealt = {index: [fault] for index, fault in enumerate(faults)}
    sample = read_faults(box, dealt, len(faults))
    for index, fault in dealt.items():
        check_faulty(sample, index, fault)


@pytest.mark.slow
@pytest.mark.parametrize("code", ERROR_CODES)
@pytest.mark.parametrize("function", ["nvmlDeviceGetHandleByIndex", *FIELDS])
def test_one_error_leaves_seven_gpus_whole(box: StubBox, function: str, code: int):
    bad = code % 8
    sample = read_faults(box, {bad: [(function, code)]}, 8)
    check_faulty(sample, bad, [(function, code)])
    for index in set(range(8)) - {bad}:
        check_healthy(sample, index)


def test_gpus_that_answer_nothing_else(box: StubBox):
    """Each error has a GPU of its own, and there is a healthy one on both sides of it."""
    bad = {2 * place + 1: code for place, code in enumerate(ERROR_CODES)}
    count = 2 * len(bad) + 1
    sample = read_once(box(*box_of(count), *(error("*", *each) for each in bad.items())))
    assert len(sample.gpus) == count, sample.absence
    for index, code in bad.items():
        reading = sample.gpus[index]
        assert reading.state is GpuState.FAULTY, code
        assert (reading.fault.code, reading.fault.call) == (code, "nvmlDeviceGetHandleByIndex_v2")
        for name in expected_values(index):
            assert getattr(reading, name) is None, code
            assert name in reading.unread, code
    for index in set(range(count)) - set(bad):
        check_healthy(sample, index)


@pytest.mark.slow
@pytest.mark.parametrize("code", ERROR_CODES)
def test_a_gpu_that_answers_nothing_else(box: StubBox, code: int):
    bad = code % 4
    sample = read_once(box(*box_of(4), error("*", bad, code)))
    assert len(sample.gpus) == 4, sample.absence
    assert (sample.gpus[bad].state, sample.gpus[bad].fault.code) == (GpuState.FAULTY, code)
    for index in set(range(4)) - {bad}:
        check_healthy(sample, index)


fault_maps = st.dictionaries(
    st.integers(0, 3),
    st.lists(
        st.tuples(
            st.sampled_from(["nvmlDeviceGetHandleByIndex", *FIELDS]), st.sampled_from(ERROR_CODES)
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda fault: fault[0],
    ),
    min_size=1,
    max_size=4,
)


def check_map(box: StubBox, faults: dict[int, list[Fault]]) -> None:
    sample = read_faults(box, faults, 4)
    for index in range(4):
        if index in faults:
            check_faulty(sample, index, faults[index])
        else:
            check_healthy(sample, index)


@given(fault_maps)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_faults_healthy_gpus_read_as_ever(
    box: StubBox, faults: dict[int, list[Fault]]
):
    check_map(box, faults)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(fault_maps)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_faults_at_length(box: StubBox, faults: dict[int, list[Fault]]):
    check_map(box, faults)
