"""What is shown of many GPUs when some are silent."""

from dataclasses import fields

from envbench.machine.sampler.fields import FACT_FIELDS, LIVE_FIELDS
from envbench.machine.sampler.orders import DRIVER
from envbench.machine.sampler.picture import Picture
from envbench.machine.sampler.quarantine import Confinement
from envbench.model.gpu import DriverReading, GpuReading, GpuState, Sample, Unread
from envbench.model.gpu_process import GpuProcess


def reading(index: int, read_s: float = 10.0, **values) -> GpuReading:
    known = {"name": "GPU", "uuid": f"GPU-{index}", "memory_total_bytes": 8, "power_w": 100.0}
    return GpuReading(
        index=index,
        read_s=read_s,
        **{**known, **values},
        unread={"fan_percent": Unread.NOT_SUPPORTED},
    )


def sample(*gpus: GpuReading, number: int = 5, processes=()) -> Sample:
    return Sample(
        number=number,
        at_s=10.0,
        period_s=1.0,
        driver=DriverReading(version="1"),
        gpus=gpus,
        processes=processes,
    )


def hung(gpu: int, call: str = "") -> Confinement:
    return Confinement(
        part=(gpu, call),
        call="nvmlDeviceGetPowerUsage",
        is_crash=False,
        code=None,
        words="it hung",
        remedy="reboot",
        since_s=11.0,
        times=2,
    )


def show(picture: Picture, *confined: Confinement) -> Sample:
    return picture.show(list(confined), at_s=12.0, period_s=1.0, absence=None, notes=("a note",))


def test_the_silent_one_is_named_and_the_others_keep_what_was_read():
    picture = Picture()
    users = (GpuProcess(gpu=1, pid=7, memory_used_bytes=3), GpuProcess(gpu=2, pid=8, sm_percent=4))
    picture.take(sample(reading(0), reading(1), reading(2), processes=users), ())
    shown = show(picture, hung(1))
    assert shown.gpus[0] == reading(0)
    assert shown.gpus[2] == reading(2)
    silent = shown.gpus[1]
    assert (silent.state, silent.read_s) == (GpuState.HUNG, 10.0)
    assert (silent.fault.words, silent.fault.remedy) == ("it hung", "reboot")
    assert (silent.fault.since_s, silent.fault.times) == (11.0, 2)
    assert (silent.name, silent.uuid, silent.memory_total_bytes) == ("GPU", "GPU-1", 8)
    assert silent.power_w is None
    assert silent.unread["power_w"] is Unread.NO_ANSWER
    assert silent.unread["fan_percent"] is Unread.NOT_SUPPORTED
    assert shown.processes[0].memory_used_bytes is None
    assert set(shown.processes[0].unread) == {"memory_used_bytes", "sm_percent"}
    assert shown.processes[1] == users[1]
    assert (shown.at_s, shown.notes) == (12.0, ("a note",))


def test_each_none_of_a_silent_gpu_has_a_reason():
    for gpu in (0, 7):
        picture = Picture()
        picture.take(sample(reading(0)), ())
        silent = next(each for each in show(picture, hung(gpu)).gpus if each.index == gpu)
        for name in FACT_FIELDS | LIVE_FIELDS:
            assert (getattr(silent, name) is None) == (name in silent.unread), name


def test_facts_and_live_fields_are_all_there_are():
    plain = {"index", "vendor", "state", "fault", "is_memory_unified", "mig", "nvlinks", "read_s"}
    plain |= {"unread", "unread_codes"}
    assert {each.name for each in fields(GpuReading)} == plain | FACT_FIELDS | LIVE_FIELDS


def test_a_new_sampler_that_has_not_come_to_a_gpu_yet_takes_nothing_away():
    picture = Picture()
    picture.take(sample(reading(0), reading(1)), ())
    picture.take(sample(reading(0, read_s=20.0), number=0), ())
    assert [each.read_s for each in show(picture).gpus] == [20.0, 10.0]
    picture.take(sample(reading(0, read_s=21.0), number=1), ())
    assert [each.index for each in show(picture).gpus] == [0]


def test_a_gpu_that_is_left_alone_stays_in_the_picture():
    picture = Picture()
    picture.take(sample(reading(0), reading(1)), ())
    picture.take(sample(reading(0, read_s=20.0)), [hung(1)])
    shown = show(picture, hung(1))
    assert [(each.index, each.state) for each in shown.gpus] == [
        (0, GpuState.OK),
        (1, GpuState.HUNG),
    ]


def test_a_silent_driver_silences_all():
    picture = Picture()
    picture.take(sample(reading(0), reading(1)), ())
    picture.take(Sample(number=3, at_s=20.0, period_s=1.0), [hung(DRIVER)])
    assert [each.state for each in show(picture, hung(DRIVER)).gpus] == [GpuState.HUNG] * 2


def test_a_single_call_that_is_left_out_silences_nothing():
    picture = Picture()
    picture.take(sample(reading(0)), ())
    assert show(picture, hung(0, "nvmlDeviceGetProcessUtilization")).gpus == (reading(0),)
