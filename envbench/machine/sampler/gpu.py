"""Reads one NVIDIA GPU, whatever becomes of it."""

import time
from collections.abc import Mapping

from envbench.machine.box_memory import read_box_memory
from envbench.machine.nvml_errors import UNKNOWN
from envbench.machine.sampler.answers import advise, explain_code
from envbench.machine.sampler.asking import Asker, IsLeftOut
from envbench.machine.sampler.driver import Driver, DriverError
from envbench.machine.sampler.fields import FACT_FIELDS, LIVE_FIELDS
from envbench.machine.sampler.lanes import Lanes
from envbench.machine.sampler.links import Links
from envbench.machine.sampler.mig import MigInstances
from envbench.machine.sampler.orders import OPEN_CALL
from envbench.machine.sampler.process_lists import ProcessLists
from envbench.machine.sampler.questions import (
    ALL_FIELDS,
    ENERGY,
    FACTS,
    FAST,
    MEMORY,
    MIG_MODE,
    SLOW,
    THROUGHPUT,
    Question,
)
from envbench.machine.sampler.retirement import Retirement
from envbench.machine.sysfs_gpus import asleep_nvidia
from envbench.model.gpu import GpuFault, GpuReading, GpuState, MigInstance, NvLink, Unread
from envbench.model.gpu_process import GpuProcess

RETRY_S = 30.0
"""How long a GPU is left alone that the driver calls lost."""
_UTILIZATION = FAST[0]
_MAIN_CALLS = frozenset(
    step.symbol or step.function for question in FAST for step in question.steps
)
_UNIFIED_HIDES = frozenset(
    {"memory_reserved_bytes", "fan_percent", "pcie_rx_bytes_s", "pcie_tx_bytes_s"}
    | {"pcie_generation", "pcie_generation_max", "pcie_width", "pcie_width_max"}
)
"""What a GPU that shares the memory of the box does not have."""


class GpuReader:
    """One GPU: its handle, what is known of it, and what is wrong with it."""

    def __init__(
        self,
        driver: Driver,
        index: int,
        version: str | None,
        is_left_out: IsLeftOut,
    ) -> None:
        """Ask nothing yet.

        Args:
            driver: Is asked.
            index: Of the GPU.
            version: Of the driver.
            is_left_out: Tells which functions must not be called for a GPU.
        """
        self.index = index
        self.processes: tuple[GpuProcess, ...] = ()
        self._driver, self._version = driver, version
        self._is_left_out = is_left_out
        self._known: _Known | None = None
        self._facts: Mapping[str, object] = {}
        self._fault: GpuFault | None = None
        self._retry_at = float("-inf")
        self._is_asleep = False
        self._read_s = 0.0

    @property
    def was_read(self) -> bool:
        """Whether there is anything to tell of it."""
        return self._known is not None or self._fault is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong beside its readings."""
        return self._known.processes.notes if self._known else ()

    def read(self, lanes: Lanes, *, has_turn: bool) -> None:
        """Read what is due; a fault of this GPU is noted, not raised.

        Args:
            lanes: What is due.
            has_turn: Whether its turn has come with what only one GPU a tick may have.

        Raises:
            DriverGoneError: The driver itself is gone.
        """
        now = time.monotonic()
        if self._fault is not None and now < self._retry_at:
            return
        try:
            is_fresh = self._known is None
            known = self._known or self._open()
            self._known = known
            self._is_asleep = not is_fresh and known.is_asleep()
            if not self._is_asleep:
                self._read(known, Lanes(True, True) if is_fresh else lanes, has_turn)
        except DriverError as fault:
            self._lose(fault, now)

    def make_reading(self) -> GpuReading:
        """Put together what is known now."""
        known = self._known
        if known is None:
            return self._make_faulty_reading()
        asker = known.asker
        if self._is_asleep:
            return self._make_sleeping_reading(known)
        return GpuReading(
            index=self.index,
            state=GpuState.FAULTY if self._fault else GpuState.OK,
            fault=self._fault,
            is_memory_unified=known.is_unified,
            mig=known.mig,
            nvlinks=known.nvlinks,
            unread=dict(asker.unread),
            unread_codes=dict(asker.codes),
            read_s=self._read_s,
            **asker.values,  # type: ignore[arg-type]  # by the names of its fields
        )

    def make_lists(self, asker: Asker) -> tuple[ProcessLists, MigInstances]:
        """Make what reads its processes and its MIG instances."""
        lists = ProcessLists(asker, self.index, self._version, self._is_left_out)
        return lists, MigInstances(self._driver, self.index, asker)

    def _make_sleeping_reading(self, known: "_Known") -> GpuReading:
        facts = {name: known.asker.values[name] for name in FACT_FIELDS}
        unread = {name: known.asker.unread[name] for name in facts if facts[name] is None}
        return GpuReading(
            index=self.index,
            state=GpuState.ASLEEP,
            unread={**unread, **dict.fromkeys(LIVE_FIELDS, Unread.NOT_YET)},
            read_s=self._read_s,
            **facts,  # type: ignore[arg-type]  # by the names of its fields
        )

    def _make_faulty_reading(self) -> GpuReading:
        code = self._fault.code if self._fault else None
        lacking = [name for name in ALL_FIELDS if self._facts.get(name) is None]
        return GpuReading(
            index=self.index,
            state=GpuState.FAULTY,
            fault=self._fault,
            unread=dict.fromkeys(lacking, Unread.DRIVER_ERROR),
            unread_codes={} if code is None else dict.fromkeys(lacking, code),
            read_s=self._read_s,
            **self._facts,  # type: ignore[arg-type]  # by the names of its fields
        )

    def _open(self) -> "_Known":
        handle = self._driver.call(
            self.index, "nvmlDeviceGetHandleByIndex", self.index, symbol=OPEN_CALL
        )
        asker = Asker(self._driver, self.index, handle)
        for name in ALL_FIELDS:
            asker.forget(name, Unread.NOT_YET)
        return _Known(self, asker)

    def _read(self, known: "_Known", lanes: Lanes, has_turn: bool) -> None:
        asker = known.asker
        asker.failed.clear()
        answered = asker.answered
        if lanes.slow:
            known.read_slow()
        asker.ask_all(FAST)
        known.settle_utilization()
        known.settle_memory()
        if lanes.processes:
            asker.ask(ENERGY)
            known.mig = known.instances.read()
            self.processes = known.processes.read(is_mig_on=asker.values["is_mig_on"] is True)
        if has_turn and not known.is_unified:
            asker.ask_all(THROUGHPUT)
        self._read_s = time.time()
        self._judge(known, is_dumb=asker.answered == answered)

    def _judge(self, known: "_Known", *, is_dumb: bool) -> None:
        """Call the GPU faulty when it answers nothing, or a main reading with an unknown error.

        In the latter case it is asked on: other readings may be right.

        Raises:
            DriverError: It answers nothing.
        """
        failed = known.asker.failed
        if is_dumb and failed:
            raise failed[0]
        unknown = [fault for fault in failed if fault.code == UNKNOWN and fault.call in _MAIN_CALLS]
        self._fault = self._make_fault(unknown[0]) if unknown else None

    def _lose(self, fault: DriverError, now: float) -> None:
        self._fault = self._make_fault(fault)
        self._retry_at = now + RETRY_S
        if self._known:
            values = self._known.asker.values
            self._facts = {name: values[name] for name in FACT_FIELDS if values[name] is not None}
        self._known = None
        self.processes = ()

    def _make_fault(self, fault: DriverError) -> GpuFault:
        code = fault.code if fault.code is not None else UNKNOWN
        before = self._fault
        return GpuFault(
            call=fault.call,
            code=code,
            words=f"{explain_code(code)} ({fault.call})",
            remedy=advise(code, self.index),
            since_s=before.since_s if before else time.time(),
            times=before.times + 1 if before else 1,
        )


class _Known:
    """What belongs to one handle: it is all forgotten when the GPU is lost."""

    def __init__(self, reader: GpuReader, asker: Asker) -> None:
        self.asker = asker
        self.mig: tuple[MigInstance, ...] = ()
        self.nvlinks: tuple[NvLink, ...] = ()
        self.is_unified = False
        self.processes, self.instances = reader.make_lists(asker)
        self._links = Links(asker)
        self._retirement = Retirement(asker)
        self._open_facts: tuple[Question, ...] = FACTS

    def read_slow(self) -> None:
        """Read what changes seldom."""
        asker = self.asker
        self._read_facts()
        self._read_mig_mode()
        asker.ask_all(SLOW)
        self._retirement.read()
        self.nvlinks = self._links.read()

    def is_asleep(self) -> bool:
        """Tell whether the GPU is powered down; to ask it would wake it."""
        bus_id = self.asker.values["pci_bus_id"]
        return isinstance(bus_id, str) and asleep_nvidia(bus_id)

    def settle_utilization(self) -> None:
        """Say that it is for MIG that there is no utilization."""
        if self.asker.values["is_mig_on"] is True:
            for name in _UTILIZATION.fields:
                if self.asker.unread.get(name) is Unread.NOT_SUPPORTED:
                    self.asker.forget(name, Unread.MIG_ENABLED)

    def settle_memory(self) -> None:
        """Take the memory of the box for that of a GPU which has none of its own."""
        asker = self.asker
        unread = asker.unread.get(MEMORY.name)
        if unread is Unread.NOT_SUPPORTED:
            self.is_unified = True
        if not self.is_unified:
            return
        sizes = read_box_memory()
        for name, size in zip(MEMORY.fields[:2], sizes or (None, None), strict=True):
            if size is None:
                asker.forget(name, Unread.UNIFIED_MEMORY)
            else:
                asker.keep(name, size)
        for name in _UNIFIED_HIDES:
            asker.forget(name, Unread.UNIFIED_MEMORY)

    def _read_facts(self) -> None:
        """Ask for what does not change, until it is known or known to be unknown."""
        self.asker.ask_all(self._open_facts)
        self._open_facts = tuple(
            question
            for question in self._open_facts
            if self.asker.unread.get(question.name) is Unread.DRIVER_ERROR
        )

    def _read_mig_mode(self) -> None:
        before = self.asker.values["is_mig_on"]
        self.asker.ask(MIG_MODE)
        is_on = self.asker.values["is_mig_on"]
        if is_on != before:
            self.asker.reconsider(_UTILIZATION)
        if is_on:
            self.instances.list_all()
        else:
            self.instances.clear()
            self.mig = ()
