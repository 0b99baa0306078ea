"""What is asked about a GPU: functions, older ones to fall back to, and what their answers mean.

Source: NVML's API reference; nvidia-ml-py for the shapes of answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envbench.machine.sampler.driver import read_text
from envbench.machine.sampler.throttling import name_reasons
from envbench.model.gpu import Unread

Values = tuple[object, ...]

_MEMORY_V2 = 0x2000028
"""Size and version of the struct, as the library wants it."""
_ALL_ONES = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
"""What the library writes where it has no value."""
_SM, _MEMORY = 1, 2
_COMPUTE_MODES = {0: "default", 1: "exclusive thread", 2: "prohibited", 3: "exclusive process"}
_MOST_PERCENT = 1000
"""A fan may turn faster than its normal 100 %; more than this is no percentage."""
_COLDEST_C, _HOTTEST_C = -60, 250
_FASTEST_MHZ = 100_000
_LAST_STATE = 15


class NoValueError(Exception):
    """The driver answered, but not with a value."""

    def __init__(self, reason: Unread) -> None:
        """Say why."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way to ask."""

    function: str
    """In the binding."""
    take: Callable[[Any], Values]
    """Makes the values of the question's fields of the answer; may raise NoValueError."""
    arguments: tuple[object, ...] = ()
    """What follows the GPU."""
    symbol: str = ""
    """In the library, where it is named differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to know."""

    fields: tuple[str, ...]
    """Of GpuReading."""
    steps: tuple[Step, ...]
    """The newest first."""

    @property
    def name(self) -> str:
        """How it is remembered."""
        return self.fields[0]


def _count(value: Any) -> int:
    number = int(value)
    if number in _ALL_ONES:
        raise NoValueError(Unread.NOT_SUPPORTED)
    return number


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise NoValueError(Unread.DRIVER_ERROR)
    return value


def _take_count(value: Any) -> Values:
    return (_count(value),)


def _take_switch(value: Any) -> Values:
    return (bool(_count(value)),)


def _take_text(value: Any) -> Values:
    text = read_text(value)
    if not text:
        raise NoValueError(Unread.NOT_SUPPORTED)
    return (text,)


def _take_percent(value: Any) -> Values:
    return (_within(_count(value), 0, _MOST_PERCENT),)


def _take_utilization(value: Any) -> Values:
    return (_within(_count(value.gpu), 0, 100), _within(_count(value.memory), 0, 100))


def _take_memory_v2(value: Any) -> Values:
    return (*_take_total(value), _count(value.reserved))


def _take_memory(value: Any) -> Values:
    return (*_take_total(value), None)


def _take_total(value: Any) -> tuple[int, int]:
    total = _count(value.total)
    if total == 0:
        raise NoValueError(Unread.NOT_SUPPORTED)
    return total, _within(_count(value.used), 0, total)


def _take_temperature(value: Any) -> Values:
    return (_within(_count(value), _COLDEST_C, _HOTTEST_C),)


def _take_milliwatts(value: Any) -> Values:
    return (_count(value) / 1000,)


def _take_millijoules(value: Any) -> Values:
    return (_count(value) / 1000,)


def _take_clock(value: Any) -> Values:
    return (_within(_count(value), 0, _FASTEST_MHZ),)


def _take_bus_id(value: Any) -> Values:
    return _take_text(value.busId)


def _take_capability(value: Any) -> Values:
    major, minor = value
    return (f"{major}.{minor}",)


def _take_link(value: Any) -> Values:
    number = _count(value)
    if number == 0:
        raise NoValueError(Unread.NOT_SUPPORTED)
    return (number,)


def _take_kibibytes(value: Any) -> Values:
    return (_count(value) * 1024,)


def _take_state(value: Any) -> Values:
    number = _count(value)
    if number > _LAST_STATE:  # 32 means that the driver does not know.
        raise NoValueError(Unread.NOT_SUPPORTED)
    return (number,)


def _take_compute_mode(value: Any) -> Values:
    number = _count(value)
    return (_COMPUTE_MODES.get(number, f"mode {number}"),)


def _take_reasons(value: Any) -> Values:
    return (name_reasons(_count(value)),)


def _take_first_switch(value: Any) -> Values:
    return _take_switch(value[0])


def _take_rows(value: Any) -> Values:
    corrected, uncorrected, is_pending, _failed = value
    return (_count(corrected) + _count(uncorrected), bool(is_pending))


def _ask(fields: str, function: str, take: Callable[[Any], Values], *arguments: object) -> Question:
    step = Step(function=function, take=take, arguments=arguments)
    return Question(fields=tuple(fields.split()), steps=(step,))


def _ask_newest(fields: str, *steps: Step) -> Question:
    return Question(fields=tuple(fields.split()), steps=steps)


MIG_MODE = _ask("is_mig_on", "nvmlDeviceGetMigMode", _take_first_switch)

FACTS = (
    _ask("name", "nvmlDeviceGetName", _take_text),
    _ask("uuid", "nvmlDeviceGetUUID", _take_text),
    _ask("pci_bus_id", "nvmlDeviceGetPciInfo_v3", _take_bus_id),
    _ask("capability", "nvmlDeviceGetCudaComputeCapability", _take_capability),
    _ask("sm_clock_max_mhz", "nvmlDeviceGetMaxClockInfo", _take_clock, _SM),
    _ask("memory_clock_max_mhz", "nvmlDeviceGetMaxClockInfo", _take_clock, _MEMORY),
    _ask("pcie_generation_max", "nvmlDeviceGetMaxPcieLinkGeneration", _take_link),
    _ask("pcie_width_max", "nvmlDeviceGetMaxPcieLinkWidth", _take_link),
)
"""Once while the driver is loaded."""

MEMORY = _ask_newest(
    "memory_total_bytes memory_used_bytes memory_reserved_bytes",
    Step(
        function="nvmlDeviceGetMemoryInfo",
        arguments=(_MEMORY_V2,),
        symbol="nvmlDeviceGetMemoryInfo_v2",
        take=_take_memory_v2,
    ),
    Step(function="nvmlDeviceGetMemoryInfo", take=_take_memory),
)

FAST = (
    _ask(
        "utilization_percent memory_utilization_percent",
        "nvmlDeviceGetUtilizationRates",
        _take_utilization,
    ),
    MEMORY,
    _ask_newest(
        "temperature_c",
        Step(function="nvmlDeviceGetTemperatureV", arguments=(0,), take=_take_temperature),
        Step(function="nvmlDeviceGetTemperature", arguments=(0,), take=_take_temperature),
    ),
    _ask("power_w", "nvmlDeviceGetPowerUsage", _take_milliwatts),
    _ask("sm_clock_mhz", "nvmlDeviceGetClockInfo", _take_clock, _SM),
)
"""Every tick."""

ENERGY = _ask("energy_j", "nvmlDeviceGetTotalEnergyConsumption", _take_millijoules)

SLOW = (
    _ask_newest(
        "power_limit_w",
        Step(function="nvmlDeviceGetEnforcedPowerLimit", take=_take_milliwatts),
        Step(function="nvmlDeviceGetPowerManagementLimit", take=_take_milliwatts),
    ),
    _ask("memory_clock_mhz", "nvmlDeviceGetClockInfo", _take_clock, _MEMORY),
    _ask("fan_percent", "nvmlDeviceGetFanSpeed", _take_percent),
    _ask("pcie_generation", "nvmlDeviceGetCurrPcieLinkGeneration", _take_link),
    _ask("pcie_width", "nvmlDeviceGetCurrPcieLinkWidth", _take_link),
    _ask("ecc_is_on", "nvmlDeviceGetEccMode", _take_first_switch),
    _ask("ecc_corrected", "nvmlDeviceGetTotalEccErrors", _take_count, 0, 0),
    _ask("ecc_uncorrected", "nvmlDeviceGetTotalEccErrors", _take_count, 1, 0),
    _ask("performance_state", "nvmlDeviceGetPerformanceState", _take_state),
    _ask_newest(
        "throttle_reasons",
        Step(function="nvmlDeviceGetCurrentClocksEventReasons", take=_take_reasons),
        Step(function="nvmlDeviceGetCurrentClocksThrottleReasons", take=_take_reasons),
    ),
    _ask("is_persistent", "nvmlDeviceGetPersistenceMode", _take_switch),
    _ask("compute_mode", "nvmlDeviceGetComputeMode", _take_compute_mode),
)
"""Every ten seconds."""

REMAPPED_ROWS = _ask("retired_pages is_retirement_pending", "nvmlDeviceGetRemappedRows", _take_rows)
"""Ampere and newer; older cards retire pages, see `retirement`."""

THROUGHPUT = (
    _ask("pcie_tx_bytes_s", "nvmlDeviceGetPcieThroughput", _take_kibibytes, 0),
    _ask("pcie_rx_bytes_s", "nvmlDeviceGetPcieThroughput", _take_kibibytes, 1),
)
"""One GPU a tick: each call measures for 20 ms."""

ALL = (*FACTS, *FAST, ENERGY, *SLOW, REMAPPED_ROWS, *THROUGHPUT, MIG_MODE)
ALL_FIELDS = tuple(name for question in ALL for name in question.fields)
