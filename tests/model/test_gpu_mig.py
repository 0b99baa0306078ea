"""MIG devices have one name, `GPU:INDEX`, wherever they are told of."""

from envbench.model.gpu import GpuReading, MigInstance
from envbench.model.gpu_mig import find_instance, name_place, runs_on
from envbench.model.gpu_process import GpuProcess

# Two compute instances share the GPU instance 9: its number alone tells nobody apart.
DEVICES = tuple(
    MigInstance(index=index, uuid=f"MIG-{index}", gpu_instance=gi, compute_instance=ci)
    for index, (gi, ci) in enumerate(((9, 0), (9, 1), (7, 0)))
)
GPUS = (GpuReading(index=0), GpuReading(index=2, is_mig_on=True, mig=DEVICES))


def on(gpu: int, gi: int | None = None, ci: int | None = None) -> GpuProcess:
    return GpuProcess(gpu=gpu, pid=7, gpu_instance=gi, compute_instance=ci)


def test_a_process_is_named_by_the_index_of_its_device_and_not_by_the_drivers_numbers():
    assert name_place(on(0), GPUS) == "0"
    assert [name_place(on(2, gi, ci), GPUS) for gi, ci in ((9, 0), (9, 1), (7, 0))] == [
        "2:0", "2:1", "2:2",
    ]  # fmt: skip
    assert name_place(on(2, 3, 0), GPUS) == "2:?"
    assert name_place(on(0, 9, 0), GPUS) == "0:?"


def test_a_device_has_the_processes_of_its_own_compute_instance():
    assert [runs_on(on(2, 9, 1), GPUS[1], device) for device in DEVICES] == [False, True, False]


def test_a_device_is_found_by_name_and_by_uuid():
    assert find_instance("2:1", GPUS) == DEVICES[1]
    assert find_instance("MIG-2", GPUS) == DEVICES[2]
    assert find_instance("2:3", GPUS) is None
    assert find_instance("0:0", GPUS) is None
