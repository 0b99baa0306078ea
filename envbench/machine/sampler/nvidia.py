"""All NVIDIA GPUs of this box, and why there are none."""

import time
from collections.abc import Iterator

from envbench.machine.gpu_absence import explain_absence
from envbench.machine.nvml_errors import MISMATCH, UNINITIALIZED, UNKNOWN
from envbench.machine.sampler.asking import IsLeftOut
from envbench.machine.sampler.breadcrumb import BreadcrumbWriter
from envbench.machine.sampler.driver import BindingError, Driver, DriverError, DriverGoneError
from envbench.machine.sampler.gpu import GpuReader
from envbench.machine.sampler.lanes import LanePlan, TurnPlan
from envbench.machine.sampler.orders import DRIVER
from envbench.model.gpu import DriverReading, GpuAbsence, GpuReading
from envbench.model.gpu_process import GpuProcess

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 60.0
_NEEDS_NEW_PROCESS = frozenset({UNINITIALIZED, MISMATCH, UNKNOWN})
"""The library that is loaded now is of no use any more: only another process loads another."""
_MOST_GPUS = 256


class StaleLibraryError(Exception):
    """This process cannot reach the driver any more; a new one perhaps can."""


class NvidiaGpus:
    """Loads the driver's library, as often as it takes, and reads its GPUs one by one."""

    def __init__(
        self, breadcrumb: BreadcrumbWriter, is_left_out: IsLeftOut, retry_s: float = FIRST_RETRY_S
    ) -> None:
        """Ask nothing yet.

        Args:
            breadcrumb: Is told of each call.
            is_left_out: Tells which GPUs and functions must not be asked.
            retry_s: How long to wait before a driver that is not there is looked for again; one
                that was there and is gone is waited for as long as usual, or shorter.
        """
        self.absence: GpuAbsence | None = None
        """Why there is no GPU."""
        self.driver: DriverReading | None = None
        self.processes_at_s = 0.0
        self._is_left_out = is_left_out
        self._source = Driver(breadcrumb)
        self._readers: dict[int, GpuReader] = {}
        self._count = 0
        self._lanes, self._turns = LanePlan(), TurnPlan()
        self._retry_s, self._retry_at = retry_s, float("-inf")
        self._first_retry_s = min(retry_s, FIRST_RETRY_S)
        self._is_stale = False

    @property
    def count(self) -> int:
        """How many GPUs the driver has, those that are left out among them."""
        return self._count

    def read(self, period_s: float) -> Iterator[int]:
        """Read what is due, GPU by GPU; each is handed out as soon as it was read.

        Args:
            period_s: Between two ticks.
        """
        gpus = [index for index in range(self._count) if not self._is_left_out(index, "")]
        self._readers = {index: self._find_reader(index) for index in gpus}
        now = time.monotonic()
        lanes, turn = self._lanes.take(now, period_s), self._turns.take(tuple(gpus), now)
        for index in gpus:
            try:
                self._readers[index].read(lanes, has_turn=index == turn)
            except DriverGoneError:
                self._fail(UNINITIALIZED)
                return
            yield index
        if lanes.processes and gpus:
            self.processes_at_s = time.time()

    def make_readings(self) -> tuple[GpuReading, ...]:
        """Put together what is known of all GPUs that were read."""
        readers = sorted(self._readers.values(), key=lambda reader: reader.index)
        return tuple(reader.make_reading() for reader in readers if reader.was_read)

    def list_processes(self) -> tuple[GpuProcess, ...]:
        """List the processes of all GPUs, as of when they were last read."""
        return tuple(process for reader in self._readers.values() for process in reader.processes)

    def list_notes(self) -> tuple[str, ...]:
        """List what went wrong beside the readings."""
        return tuple(note for reader in self._readers.values() for note in reader.notes)

    def _find_reader(self, index: int) -> GpuReader:
        if index in self._readers:
            return self._readers[index]
        version = self.driver.version if self.driver else None
        return GpuReader(self._source, index, version, self._is_left_out)

    def wants_opening(self) -> bool:
        """Tell whether it is time to greet the driver."""
        if self._is_left_out(DRIVER, ""):
            self._forget(None)
            self._retry_s, self._retry_at = self._first_retry_s, float("-inf")
            return False
        return self.driver is None and time.monotonic() >= self._retry_at

    def open(self) -> None:
        """Greet the driver; `absence` tells what came of it.

        Raises:
            StaleLibraryError: The driver may be there again, but not for this process.
        """
        if self._is_stale:
            raise StaleLibraryError
        try:
            self._source.load()
            self._count = min(self._source.count(), _MOST_GPUS)
        except BindingError as fault:
            self._forget(explain_absence(None, kind=fault.kind))
        except DriverError as fault:
            self._fail(fault.code)
        else:
            self.driver = self._source.describe()
            self.absence = None if self._count else explain_absence(None, kind="no_devices")
            self._retry_s = self._first_retry_s
            self._readers = {}
            self._lanes, self._turns = LanePlan(), TurnPlan()

    def _fail(self, code: int | None) -> None:
        self._forget(explain_absence(code))
        self._is_stale = code in _NEEDS_NEW_PROCESS

    def _forget(self, absence: GpuAbsence | None) -> None:
        """Have no GPU for a while."""
        self.absence, self.driver = absence, None
        self._readers, self._count = {}, 0
        self.processes_at_s = 0.0
        self._retry_at = time.monotonic() + self._retry_s
        self._retry_s = min(LONGEST_RETRY_S, 2 * self._retry_s)
