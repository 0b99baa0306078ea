"""Which GPU is meant, and which is idle: examples and laws."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envbench.model.errors import UsageError
from envbench.model.gpu import (
    AbsenceCode,
    GpuAbsence,
    GpuReading,
    GpuState,
    MigInstance,
    Sample,
    Unread,
)
from envbench.model.gpu_choice import find_gpu, pick_idle, rank_idle, say_why_busy
from envbench.model.gpu_process import GpuProcess

GIB = 2**30
UUIDS = ("GPU-8f6d1c00-aaaa", "GPU-8f6d2222-bbbb", "GPU-1234abcd-cccc")


def gpu(index: int = 0, **values: object) -> GpuReading:
    known = {
        "name": "H100",
        "uuid": f"GPU-{index}",
        "utilization_percent": 0,
        "memory_total_bytes": 80 * GIB,
        "memory_used_bytes": 0,
        "read_s": 100.0,
    }
    return GpuReading(index=index, **{**known, **values})


def sample(*gpus: GpuReading, **values: object) -> Sample:
    return Sample(number=1, at_s=100.5, period_s=1.0, gpus=gpus, **values)


def process(index: int, **values: object) -> GpuProcess:
    return GpuProcess(gpu=index, pid=7, **{"kinds": ("compute",), **values})


class TestIdle:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({}, ""),
            ({"memory_used_bytes": 600 * 2**20}, ""),
            ({"utilization_percent": 3}, ""),
            ({"utilization_percent": 60}, "it is used to 60 %"),
            ({"memory_used_bytes": 30 * GIB}, "30.0 GiB of its memory are in use"),
            ({"state": GpuState.FAULTY}, "it is faulty"),
            ({"state": GpuState.HUNG}, "it is hung"),
            ({"state": GpuState.ASLEEP}, "it is asleep"),
            ({"utilization_percent": None}, "its utilisation is not known"),
            ({"memory_used_bytes": None}, "its memory in use is not known"),
            ({"memory_used_bytes": None, "is_memory_unified": True}, ""),
            ({"memory_used_bytes": 70 * GIB, "is_memory_unified": True}, ""),
            ({"is_mig_on": True}, "MIG is on, and it has no instance"),
            ({"compute_mode": "prohibited"}, "computing on it is prohibited"),
            ({"compute_mode": "exclusive process"}, ""),
            ({"read_s": 60.0}, "its readings are 40 s old"),
        ],
    )
    def test_what_counts(self, values, reason):
        one = gpu(**values)
        assert say_why_busy(sample(one), one) == reason
        assert pick_idle(sample(one)) == (None if reason else one)

    def test_a_gpu_with_instances_is_judged_by_memory_and_processes(self):
        one = gpu(
            utilization_percent=None, is_mig_on=True, mig=(MigInstance(index=0),),
            unread={"utilization_percent": Unread.MIG_ENABLED},
        )  # fmt: skip
        assert pick_idle(sample(one)) == one
        assert pick_idle(sample(one, processes=(process(0),))) is None

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"user": "ada"}, "1 process of ada"),
            ({"is_here": False}, "1 process of an unknown user"),
            ({"kinds": ()}, "1 process of an unknown user"),
            ({"kinds": ("compute", "graphics")}, "1 process of an unknown user"),
            ({"kinds": ("graphics",)}, ""),
        ],
    )
    def test_a_sleeping_notebook_counts_and_a_desktop_does_not(self, values, reason):
        one = gpu()
        assert say_why_busy(sample(one, processes=(process(0, **values),)), one) == reason

    def test_several_processes(self):
        one = gpu()
        users = tuple(process(0, user=name) for name in ("ada", "bob", "ada"))
        assert say_why_busy(sample(one, processes=users), one) == "3 processes of ada, bob"

    def test_most_free_memory_first_and_faulty_last(self):
        found = rank_idle(
            sample(
                gpu(0, state=GpuState.FAULTY),
                gpu(1, utilization_percent=90),
                gpu(2, memory_total_bytes=24 * GIB),
                gpu(3),
                gpu(4, utilization_percent=10),
                gpu(5),
                processes=(process(5),),
            )
        )
        assert [one.index for one in found] == [3, 2, 4, 1, 5, 0]

    def test_without_gpus(self):
        assert rank_idle(sample()) == ()
        assert pick_idle(sample()) is None


class TestFinding:
    there = sample(
        gpu(0, uuid=UUIDS[0], pci_bus_id="00000000:65:00.0"),
        gpu(1, uuid=UUIDS[1], pci_bus_id="0001:65:00.0", mig=(MigInstance(index=0, uuid="MIG-1f"),)),
        gpu(2, uuid=UUIDS[2], pci_bus_id="0000:B3:00.0"),
        gpu(1234, uuid=None),
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "index"),
        [
            ("0", 0), (" 2 ", 2), ("1234", 1234), (UUIDS[1], 1), (UUIDS[1].upper(), 1),
            ("GPU-8f6d1", 0), ("8f6d2", 1), ("1234abcd", 2), ("0000:65:00.0", 0),
            ("00000000:65:00.0", 0), ("1:65", None), ("b3:00.0", 2), ("B3:00.0", 2),
            ("00000001:65:00.0", 1), ("", None), ("3", None), ("GPU-", None), ("8f6", None),
            ("H100", None), ("-1", None), ("²", None), ("9" * 5000, None), ("gpu", None),
        ],
    )  # fmt: skip
    def test_what_people_give(self, text, index):
        if index is None:
            with pytest.raises(UsageError, match="there is no GPU"):
                find_gpu(self.there, text)
        else:
            assert find_gpu(self.there, text).index == index

    @pytest.mark.parametrize("text", ["GPU-8f6d", "8f6d", "65:00.0"])
    def test_several_fit(self, text):
        with pytest.raises(UsageError, match="several GPUs fit") as caught:
            find_gpu(self.there, text)
        assert UUIDS[0] in caught.value.why
        assert UUIDS[1] in caught.value.why
        assert UUIDS[2] not in caught.value.why

    def test_the_message_names_what_there_is(self):
        with pytest.raises(UsageError) as caught:
            find_gpu(self.there, "9")
        assert "2 H100 GPU-1234abcd-cccc" in caught.value.hint

    def test_an_instance_is_no_gpu(self):
        with pytest.raises(UsageError, match="MIG instance of GPU 1"):
            find_gpu(self.there, "mig-1F")

    def test_without_any_it_says_why(self):
        absence = GpuAbsence(code=AbsenceCode.NO_DRIVER, words="no NVIDIA driver")
        with pytest.raises(UsageError) as caught:
            find_gpu(sample(absence=absence), "0")
        assert caught.value.why == "no NVIDIA driver"


maybe = st.one_of(st.none(), st.integers(0, 100))
readings = st.builds(
    GpuReading,
    index=st.integers(0, 40),
    state=st.sampled_from(GpuState),
    uuid=st.one_of(st.none(), st.text("GPU-abcdef0123", max_size=12)),
    pci_bus_id=st.one_of(st.none(), st.sampled_from(["0000:65:00.0", "65:00.0", "odd"])),
    utilization_percent=maybe,
    memory_used_bytes=st.one_of(st.none(), st.integers(0, 90 * GIB)),
    memory_total_bytes=st.one_of(st.none(), st.just(80 * GIB)),
    is_memory_unified=st.booleans(),
    is_mig_on=st.one_of(st.none(), st.booleans()),
    compute_mode=st.sampled_from([None, "default", "prohibited"]),
    read_s=st.sampled_from([0.0, 50.0, 100.0]),
)
samples = st.builds(
    Sample,
    number=st.just(0),
    at_s=st.just(100.0),
    period_s=st.just(1.0),
    gpus=st.lists(readings, max_size=6, unique_by=lambda one: one.index).map(tuple),
    processes=st.lists(
        st.builds(
            GpuProcess,
            gpu=st.integers(0, 40),
            pid=st.just(1),
            kinds=st.sampled_from([(), ("compute",), ("graphics",)]),
        ),
        max_size=4,
    ).map(tuple),
)


@given(samples)
def test_ranking_loses_nobody_and_puts_the_idle_first(taken):
    ranked = rank_idle(taken)
    assert sorted(one.index for one in ranked) == sorted(one.index for one in taken.gpus)
    busy = [bool(say_why_busy(taken, one)) for one in ranked]
    assert busy == sorted(busy)
    chosen = pick_idle(taken)
    assert chosen == (ranked[0] if ranked and not busy[0] else None)


@given(samples)
def test_whatever_is_unknown_or_at_work_is_not_idle(taken):
    chosen = pick_idle(taken)
    if chosen is not None:
        assert chosen.state is GpuState.OK
        assert chosen.utilization_percent is not None or chosen.is_mig_on
        assert (chosen.utilization_percent or 0) <= 5
        assert chosen.memory_used_bytes is not None or chosen.is_memory_unified
        for field in ("utilization_percent", "memory_used_bytes"):
            unknown = replace(chosen, **{field: None}, is_mig_on=False, is_memory_unified=False)
            assert say_why_busy(taken, unknown)


@given(samples, st.text(max_size=20))
def test_finding_gives_one_that_is_there_or_says_why(taken, text):
    try:
        found = find_gpu(taken, text)
    except UsageError as fault:
        assert str(fault)
    else:
        assert found in taken.gpus


@given(samples)
def test_every_gpu_is_found_by_its_index(taken):
    for one in taken.gpus:
        assert find_gpu(taken, str(one.index)) == one
