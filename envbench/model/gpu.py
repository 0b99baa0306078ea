"""Readings of the GPUs and of the box around them, as the sampler tells them once a tick.

A reading that could not be taken is None, never 0, and `unread` says why by the name of its field.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from envbench.model.gpu_process import GpuProcess

SAMPLE_SCHEMA = 1


class GpuVendor(StrEnum):
    """Whose driver was asked."""

    NVIDIA = "nvidia"
    AMD = "amd"
    INTEL = "intel"


class GpuState(StrEnum):
    """How a GPU answers."""

    OK = "ok"
    FAULTY = "faulty"
    """The driver answers, and says that this GPU is lost, needs a reset or cannot be known."""
    HUNG = "hung"
    """A call about it did not come back; it is left alone for a while."""
    CRASHED = "crashed"
    """A call about it ended the process that made it; it is left alone for a while."""
    ASLEEP = "asleep"
    """Powered down; asking would wake it."""


class Unread(StrEnum):
    """Why there is no value."""

    NOT_SUPPORTED = "not_supported"
    """This card does not have it."""
    NOT_IN_DRIVER = "not_in_driver"
    """This driver is older than the question."""
    NO_PERMISSION = "no_permission"
    MIG_ENABLED = "mig_enabled"
    """Not told while MIG is on."""
    UNIFIED_MEMORY = "unified_memory"
    """The memory is that of the box."""
    NO_ANSWER = "no_answer"
    """The call hung or crashed, and is not made for a while."""
    NOT_YET = "not_yet"
    """Its turn comes later: slow readings are taken seldom."""
    DRIVER_ERROR = "driver_error"
    """Any other error; `unread_codes` has its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFault:
    """What is wrong with a GPU as a whole."""

    call: str
    """The driver's function, such as `nvmlDeviceGetPowerUsage`; empty when none can be named."""
    code: int | None
    """NVML's error number, or the number of the signal; None for a hang."""
    words: str
    """One line: what happened."""
    remedy: str = ""
    """One line: what to do about it."""
    since_s: float = 0.0
    """Unix time at which it was noticed."""
    times: int = 1
    """How often in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigInstance:
    """One MIG device of a GPU."""

    index: int
    uuid: str | None = None
    """`MIG-...`, which goes into `CUDA_VISIBLE_DEVICES`."""
    name: str | None = None
    """Profile, such as `3g.20gb`."""
    gpu_instance: int | None = None
    compute_instance: int | None = None
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NvLink:
    """One link that is there."""

    index: int
    is_active: bool
    version: int | None = None
    remote_pci_bus_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuReading:
    """One GPU at one moment."""

    index: int
    """Its place in the list; for NVIDIA's, NVML's order, which is not CUDA's."""
    vendor: GpuVendor = GpuVendor.NVIDIA
    state: GpuState = GpuState.OK
    fault: GpuFault | None = None
    """Set exactly when `state` is neither `ok` nor `asleep`."""
    name: str | None = None
    uuid: str | None = None
    """Names it across tools; goes into `CUDA_VISIBLE_DEVICES`."""
    pci_bus_id: str | None = None
    capability: str | None = None
    """Compute capability, `9.0`."""
    utilization_percent: int | None = None
    """Share of the last sample period in which a kernel ran."""
    memory_utilization_percent: int | None = None
    """Share of it in which memory was read or written."""
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    """Without what the driver keeps for itself, where the driver tells them apart."""
    memory_reserved_bytes: int | None = None
    is_memory_unified: bool = False
    """The memory is the box's own; total and used are those of the box."""
    temperature_c: int | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    energy_j: float | None = None
    """Since the driver was loaded."""
    sm_clock_mhz: int | None = None
    sm_clock_max_mhz: int | None = None
    memory_clock_mhz: int | None = None
    memory_clock_max_mhz: int | None = None
    fan_percent: int | None = None
    pcie_generation: int | None = None
    pcie_generation_max: int | None = None
    pcie_width: int | None = None
    pcie_width_max: int | None = None
    pcie_rx_bytes_s: int | None = None
    pcie_tx_bytes_s: int | None = None
    ecc_is_on: bool | None = None
    ecc_corrected: int | None = None
    """Volatile, since the driver was loaded."""
    ecc_uncorrected: int | None = None
    retired_pages: int | None = None
    """Retired pages, or remapped rows on newer cards."""
    is_retirement_pending: bool | None = None
    """A restart is needed for pages or rows to be replaced."""
    performance_state: int | None = None
    """0 is the fastest."""
    throttle_reasons: tuple[str, ...] | None = None
    """Words such as `power cap`, `thermal`; empty when the clocks are free."""
    is_persistent: bool | None = None
    compute_mode: str | None = None
    """`default`, `exclusive process`, `prohibited`."""
    is_mig_on: bool | None = None
    mig: tuple[MigInstance, ...] = ()
    nvlinks: tuple[NvLink, ...] = ()
    unread: dict[str, Unread] = field(default_factory=dict)
    """Field to why it is None."""
    unread_codes: dict[str, int] = field(default_factory=dict)
    """Field to NVML's error number, for `driver_error`."""
    read_s: float = 0.0
    """Unix time at which the fast readings were taken; older than the sample when they are stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverReading:
    """The driver behind the GPUs."""

    vendor: GpuVendor = GpuVendor.NVIDIA
    version: str | None = None
    """`550.54.15`."""
    cuda: str | None = None
    """Highest CUDA version that it serves, `12.4`."""
    nvml: str | None = None
    """Version of the library."""
    kernel_module: str | None = None
    """Version of the loaded kernel module, where `/proc/driver/nvidia/version` tells it."""


class AbsenceCode(StrEnum):
    """Why no GPU is read."""

    NO_DRIVER = "no_driver"
    """No NVIDIA device and no driver: an ordinary box."""
    DRIVER_NOT_INSTALLED = "driver_not_installed"
    """The PCI bus has a GPU, and no driver is there."""
    DRIVER_NOT_LOADED = "driver_not_loaded"
    LIBRARY_MISSING = "library_missing"
    """The kernel module is there, its library is not: mostly a container without it."""
    NO_DEVICE = "no_device"
    """Driver and library are there, and no GPU was given to this container."""
    MISMATCH = "mismatch"
    """The driver was upgraded under a running kernel module."""
    NO_PERMISSION = "no_permission"
    INIT_FAILED = "init_failed"
    DRIVER_HUNG = "driver_hung"
    """It does not answer even to being asked who it is."""
    DRIVER_CRASHED = "driver_crashed"
    BINDING_MISSING = "binding_missing"
    BINDING_WRONG = "binding_wrong"
    """Another package named pynvml hides nvidia-ml-py."""
    STARTING = "starting"
    """Nothing was read yet."""
    SAMPLER_FAILED = "sampler_failed"
    """The process that reads cannot be started or read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuAbsence:
    """Why no GPU is read, and what to do about it."""

    code: AbsenceCode
    words: str
    """One line."""
    remedy: str = ""
    """One line; empty when nothing is wrong."""
    details: tuple[str, ...] = ()
    """Further lines of evidence, such as both versions of a mismatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskReading:
    """One file system that matters."""

    path: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxReading:
    """Processor, memory, disks and network of this box."""

    cpu_percent: float | None = None
    """Over all processors, since the last tick; None at the first."""
    cpu_count: int | None = None
    load_1: float | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    swap_total_bytes: int | None = None
    swap_used_bytes: int | None = None
    disk_read_bytes_s: float | None = None
    disk_write_bytes_s: float | None = None
    network_received_bytes_s: float | None = None
    network_sent_bytes_s: float | None = None
    disks: tuple[DiskReading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Everything that was read at one tick."""

    schema: int = SAMPLE_SCHEMA
    number: int
    """Counts the ticks of one sampler process, from 0."""
    at_s: float
    """Unix time."""
    period_s: float
    """Wanted time between two samples."""
    driver: DriverReading | None = None
    gpus: tuple[GpuReading, ...] = ()
    processes: tuple[GpuProcess, ...] = ()
    """As of `processes_at_s`: they are read less often than the rest."""
    processes_at_s: float = 0.0
    absence: GpuAbsence | None = None
    """Set when no GPU could be read at all."""
    box: BoxReading = field(default_factory=BoxReading)
    notes: tuple[str, ...] = ()
    """What went wrong beside the GPUs, such as restarts of the sampler; newest last."""
