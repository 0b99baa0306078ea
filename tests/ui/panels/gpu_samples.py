"""Samples to show: a busy box, one with every trouble, a box without GPUs."""

from dataclasses import replace
from typing import Any

from envbench.model.gpu import (
    AbsenceCode,
    BoxReading,
    DriverReading,
    GpuAbsence,
    GpuFault,
    GpuReading,
    GpuState,
    MigInstance,
    NvLink,
    Sample,
    Unread,
)
from envbench.model.gpu_process import EnvironmentSource, GpuProcess, ProcessEnvironment
from envbench.ui.gpu_face import (
    LONG_POINTS,
    MEMORY,
    POWER,
    SHORT_POINTS,
    UTILIZATION,
    GpuTrends,
)
from envbench.workbench.values.gpu_owners import KnownEnvironment

GIB, NOW = 2**30, 1_760_000_000.0
LAB = "/home/ada/envs/.generations/ai_dev_env-3"


def reading(index: int, **more: Any) -> GpuReading:
    """Give a GPU that is well."""
    given: dict[str, Any] = {
        "name": "NVIDIA A100-SXM4-80GB", "uuid": f"GPU-{index:08d}-aaaa-bbbb-cccc-000000000000",
        "pci_bus_id": f"00000000:{index + 1:02X}:00.0", "capability": "8.0",
        "utilization_percent": 0, "memory_utilization_percent": 0, "memory_total_bytes": 80 * GIB,
        "memory_used_bytes": 0, "memory_reserved_bytes": GIB // 2, "temperature_c": 36,
        "power_w": 62.4, "power_limit_w": 400.0, "energy_j": 3.6e9, "sm_clock_mhz": 210,
        "sm_clock_max_mhz": 1410, "memory_clock_mhz": 1593, "memory_clock_max_mhz": 1593,
        "pcie_generation": 4, "pcie_generation_max": 4, "pcie_width": 16, "pcie_width_max": 16,
        "pcie_rx_bytes_s": 1_000_000, "pcie_tx_bytes_s": 500_000, "ecc_is_on": True,
        "ecc_corrected": 0, "ecc_uncorrected": 0, "retired_pages": 0, "is_retirement_pending": False,
        "performance_state": 0, "throttle_reasons": (), "is_persistent": True,
        "compute_mode": "default", "is_mig_on": False,
        "nvlinks": tuple(NvLink(index=n, is_active=True, version=3, remote_pci_bus_id="0000:0F:00.0")
                         for n in range(12)),
        "unread": {"fan_percent": Unread.NOT_SUPPORTED}, "read_s": NOW,
    }  # fmt: skip
    return GpuReading(index=index, **{**given, **more})


def bad(index: int, state: GpuState, code: int | None, call: str, words: str) -> GpuReading:
    """Give a GPU of which nothing can be read."""
    fault = GpuFault(call=call, code=code, words=words, remedy="look for Xid lines in dmesg",
                     since_s=NOW - 4, times=2)  # fmt: skip
    return GpuReading(index=index, state=state, fault=fault, read_s=NOW - 4,
                      unread=dict.fromkeys(("utilization_percent", "power_w"), Unread.NO_ANSWER))  # fmt: skip


LOST = bad(7, GpuState.FAULTY, 15, "", "GPU is lost: it fell off the bus")
HUNG = bad(7, GpuState.HUNG, None, "nvmlDeviceGetPowerUsage", "the call did not come back")
CRASHED = bad(7, GpuState.CRASHED, 11, "nvmlDeviceGetTemperature", "the call ended the sampler")
MIG = reading(
    2, is_mig_on=True, utilization_percent=None, memory_used_bytes=2 * GIB,
    memory_total_bytes=40 * GIB,
    unread={"utilization_percent": Unread.MIG_ENABLED, "fan_percent": Unread.NOT_SUPPORTED},
    mig=tuple(MigInstance(index=n, uuid=f"MIG-{n:08d}-1111", name="3g.20gb", gpu_instance=n + 1,
                          compute_instance=0, memory_total_bytes=20 * GIB, memory_used_bytes=n * GIB)
              for n in range(2)),
)  # fmt: skip
UNIFIED = reading(
    0, name="NVIDIA GB10", memory_total_bytes=119 * GIB, memory_used_bytes=61 * GIB,
    is_memory_unified=True, power_limit_w=None, ecc_is_on=None, ecc_uncorrected=None,
    unread={"power_limit_w": Unread.NOT_SUPPORTED, "ecc_is_on": Unread.NOT_SUPPORTED},
)  # fmt: skip
DRIVER = DriverReading(version="550.54.15", cuda="12.4", nvml="12.550.54.15")
BOX = BoxReading(cpu_percent=12.4, cpu_count=64, load_1=9.3, memory_total_bytes=503 * 10**9,
                 memory_available_bytes=432 * 10**9)  # fmt: skip

TRAIN = GpuProcess(
    gpu=0, pid=81233, kinds=("compute",), memory_used_bytes=60 * GIB, sm_percent=95, is_own=True,
    user="ada", name="python", command="python train.py --model resnet50",
    started_s=NOW - 3 * 3600, environment=ProcessEnvironment(prefix=LAB, source=EnvironmentSource.VARIABLES),
    visible_devices="0,1",
)  # fmt: skip
PROCESSES = (
    TRAIN,
    replace(TRAIN, gpu=1, memory_used_bytes=61 * GIB, sm_percent=91),
    GpuProcess(
        gpu=5, pid=70555, kinds=("compute",), memory_used_bytes=74 * GIB, user="bob", name="python",
        command="/opt/envs/vllm/bin/python -m vllm", started_s=NOW - 6 * 3600,
        environment=ProcessEnvironment(prefix="/opt/envs/vllm", source=EnvironmentSource.COMMAND),
        unread={"visible_devices": "another user's process"},
    ),
    GpuProcess(gpu=5, pid=77, memory_used_bytes=11 * GIB, is_here=False),
    GpuProcess(gpu=6, pid=500, user="eve", name="Xorg", kinds=("graphics",), started_s=NOW - 20,
               unread={"memory_used_bytes": "not told"}),
)  # fmt: skip
OWNERS = {
    LAB: KnownEnvironment(
        prefix=LAB, name="ai_dev_env", kind="envbench", generation=3, live_generation=4,
        lock_path=f"{LAB}/lock", spec_path="/home/ada/ai_dev_env.yml", spec_state="spec changed",
        drift="1 pip added", is_old=True,
    ),
    "/opt/envs/vllm": KnownEnvironment(prefix="/opt/envs/vllm", name="vllm", kind="conda"),
}  # fmt: skip


def sample(*gpus: GpuReading, **more: Any) -> Sample:
    """Give a sample of these GPUs."""
    given: dict[str, Any] = {
        "number": 7,
        "at_s": NOW,
        "period_s": 1.0,
        "driver": DRIVER,
        "box": BOX,
    }
    return Sample(gpus=gpus, **{**given, **more})


BUSY_GPUS = (
    reading(0, utilization_percent=97, memory_used_bytes=61 * GIB, power_w=371.0, temperature_c=71),
    reading(1, utilization_percent=95, memory_used_bytes=60 * GIB, power_w=366.2, temperature_c=70),
    MIG,
    reading(3),
    reading(4, throttle_reasons=("thermal",), utilization_percent=60, temperature_c=91),
    reading(5, utilization_percent=38, memory_used_bytes=78 * GIB, temperature_c=66),
    reading(6, utilization_percent=3, memory_used_bytes=GIB),
)
EIGHT = sample(*BUSY_GPUS, LOST, processes=PROCESSES, processes_at_s=NOW)
IDLE = sample(*(reading(index) for index in range(8)))
SIXTEEN = sample(*(reading(index, utilization_percent=index * 6) for index in range(16)))
ONE_UNIFIED = sample(UNIFIED)


def absent(code: AbsenceCode, words: str, remedy: str = "", *details: str) -> Sample:
    """Give a sample without GPUs."""
    absence = GpuAbsence(code=code, words=words, remedy=remedy, details=details)
    return sample(driver=None, absence=absence)


NO_DRIVER = absent(AbsenceCode.NO_DRIVER, "no NVIDIA driver found")
MISMATCH = absent(
    AbsenceCode.MISMATCH, "the driver was upgraded, the kernel module is older",
    "reboot, or reload the module", "library 550.90", "kernel module 550.54.15",
)  # fmt: skip
STARTING = absent(AbsenceCode.STARTING, "reading the GPUs")
ALL = (EIGHT, IDLE, SIXTEEN, ONE_UNIFIED, NO_DRIVER, MISMATCH, STARTING,
       sample(reading(0), HUNG), sample(CRASHED), sample(reading(0, name=None, uuid=None)))  # fmt: skip

_HOUR = tuple(max(0.0, 60 - abs(n % 60 - 30) * 2 + n / 3) for n in range(LONG_POINTS))
_SCALES = {UTILIZATION: 1.0, MEMORY: GIB * 0.7, POWER: 4.0}
TRENDS = GpuTrends(
    short={n: tuple(_HOUR[n * 3 : n * 3 + SHORT_POINTS]) for n in range(8)},
    long={(n, metric): tuple(point * scale if 20 < at < 100 or at > 105 else None
                             for at, point in enumerate(_HOUR))
          for n in range(8) for metric, scale in _SCALES.items()},
)  # fmt: skip
