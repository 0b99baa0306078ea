"""The sampler's loop: reads what is due, tells it, waits for the next tick or for orders."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

import msgspec

from envbench.jobs.private_pipe import PrivatePipe
from envbench.machine.box_reading import BoxReader
from envbench.machine.gpu_owners import OwnerReader
from envbench.machine.sampler.breadcrumb import BreadcrumbWriter
from envbench.machine.sampler.lanes import BoxPlan
from envbench.machine.sampler.meanwhile import telling_meanwhile
from envbench.machine.sampler.nvidia import FIRST_RETRY_S, NvidiaGpus
from envbench.machine.sampler.orders import BOX, Orders, Part
from envbench.machine.sysfs_gpus import SysfsReader
from envbench.model.cleaning import clean
from envbench.model.gpu import (
    AbsenceCode,
    BoxReading,
    DriverReading,
    GpuAbsence,
    GpuReading,
    Sample,
)
from envbench.model.gpu_process import GpuProcess

SHORTEST_PERIOD_S = 0.1
LONGEST_PERIOD_S = 3600.0
READ_BOX, READ_SYSFS, FIND_OWNERS = "read_box", "read_sysfs", "find_owners"
"""Calls about no driver; they too may hang, in files of a kernel that is in trouble."""

STARTING = GpuAbsence(code=AbsenceCode.STARTING, words="the driver is being asked who it is")

T = TypeVar("T")


class Ticker:
    """Makes samples."""

    def __init__(self, pipe: PrivatePipe, inbox: "SimpleQueue[Orders]", first: Orders) -> None:
        """Read nothing yet.

        Args:
            pipe: Gets the samples.
            inbox: Where orders come in.
            first: The first of them.
        """
        self._pipe, self._inbox = pipe, inbox
        self._breadcrumb = BreadcrumbWriter(first.breadcrumb_fd)
        self._period_s = 1.0
        self._skip: frozenset[Part] = frozenset()
        self._only = None if first.only is None else frozenset(first.only)
        self._number = 0
        self._told_at = float("-inf")
        self._nvidia = NvidiaGpus(
            self._breadcrumb, self._is_left_out, first.retry_s or FIRST_RETRY_S
        )
        self._box = BoxReader(first.disks)
        self._sysfs, self._owners = SysfsReader(), OwnerReader()
        self._others = _Others()
        self._failures: dict[str, str] = {}
        """What could not be read beside the driver, and why."""
        self._processes: tuple[GpuProcess, ...] = ()
        self._described_at = 0.0
        self._box_reading, self._box_plan = BoxReading(), BoxPlan()
        self._encoder = msgspec.json.Encoder()
        self._obey(first)

    def run(self) -> None:
        """Tick until the process is ended.

        Raises:
            StaleLibraryError: Only a new process can go on.
        """
        due = time.monotonic()
        while True:
            self.tick()
            due = max(due + self._period_s, time.monotonic())
            due = self._wait(due)

    def tick(self) -> None:
        """Read what is due and tell it; a tick that takes long is told in pieces.

        Raises:
            StaleLibraryError: Only a new process can go on.
        """
        began = time.monotonic()
        self._told_at = max(self._told_at, began)
        if self._nvidia.wants_opening():
            with telling_meanwhile(self._tell_of_box, self._period_s):
                self._nvidia.open()
        for _ in self._nvidia.read(self._period_s):
            if time.monotonic() - self._told_at >= self._period_s:
                self._tell()
        self._read_others()
        self._describe_processes()
        if self._box_plan.take(began, self._period_s):
            self._box_reading = self._guard(READ_BOX, self._box.read, BoxReading())
        self._tell()
        self._number += 1

    def _tell_of_box(self) -> None:
        """Tell what can be told without the driver; called from another thread."""
        absence = self._nvidia.absence or STARTING
        sample = Sample(
            number=self._number,
            at_s=time.time(),
            period_s=self._period_s,
            absence=absence,
            box=self._box.read(),
        )
        self._send(sample)

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        self._send(self._make_sample())

    def _send(self, sample: Sample) -> None:
        self._pipe.send(self._encoder.encode(sample) + b"\n")

    def _make_sample(self) -> Sample:
        gpus = (*self._nvidia.make_readings(), *self._others.gpus)
        absence = self._nvidia.absence
        if self._nvidia.driver is None and absence is None:
            absence = STARTING
        return Sample(
            number=self._number,
            at_s=time.time(),
            period_s=self._period_s,
            driver=self._nvidia.driver or self._others.driver,
            gpus=gpus,
            processes=self._processes,
            processes_at_s=self._described_at,
            absence=None if self._others.gpus else absence,
            box=self._box_reading,
            notes=(*self._nvidia.list_notes(), *self._failures.values()),
        )

    def _read_others(self) -> None:
        # Behind NVIDIA's, whose numbers stay the same whether or not one is left out.
        first = self._nvidia.count
        self._others = self._guard(READ_SYSFS, lambda: _Others(*self._sysfs.read(first)), _Others())

    def _describe_processes(self) -> None:
        at_s = time.time() if self._others.gpus else self._nvidia.processes_at_s
        if at_s == self._described_at:
            return
        raw = (*self._nvidia.list_processes(), *self._others.processes)
        self._processes = self._guard(FIND_OWNERS, lambda: self._owners.describe(raw), raw)
        self._described_at = at_s

    def _guard(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        """Read something about the box, unless it is left out; a fault of it is noted."""
        if self._is_left_out(BOX, name):
            return otherwise
        self._failures.pop(name, None)
        self._breadcrumb.enter(BOX, name)
        try:
            return read()
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must cost no GPU its readings
            words = clean(f"{type(fault).__name__}: {fault}", limit=200)
            self._failures[name] = f"the box: {name} failed: {words}"
            return otherwise
        finally:
            self._breadcrumb.leave()

    def _wait(self, due: float) -> float:
        """Wait until then, obeying orders; return when the tick is due by the newest of them."""
        while True:
            try:
                orders = self._inbox.get(timeout=max(0.0, due - time.monotonic()))
            except Empty:
                return due
            before = self._period_s
            self._obey(orders)
            due = min(due, due - before + self._period_s)

    def _obey(self, orders: Orders) -> None:
        if orders.period_s is not None:
            self._period_s = min(LONGEST_PERIOD_S, max(SHORTEST_PERIOD_S, orders.period_s))
        if orders.skip is not None:
            self._skip = frozenset(orders.skip)

    def _is_left_out(self, gpu: int, call: str) -> bool:
        if not call and gpu >= 0 and self._only is not None and gpu not in self._only:
            return True
        return (gpu, call) in self._skip


class _Others:
    """What was read of GPUs that are not NVIDIA's."""

    def __init__(
        self,
        gpus: tuple[GpuReading, ...] = (),
        processes: tuple[GpuProcess, ...] = (),
        driver: DriverReading | None = None,
    ) -> None:
        self.gpus, self.processes, self.driver = gpus, processes, driver
