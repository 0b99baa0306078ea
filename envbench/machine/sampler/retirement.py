"""Memory that a GPU no longer uses: remapped rows, or retired pages on cards before Ampere.

Source: NVML's API reference; "Dynamic page retirement" in NVIDIA's documentation.
"""

from envbench.machine.nvml_errors import NOT_SUPPORTED
from envbench.machine.sampler.answers import GPU_IS_GONE, explain_reason
from envbench.machine.sampler.asking import Asker
from envbench.machine.sampler.driver import DriverError
from envbench.machine.sampler.questions import REMAPPED_ROWS
from envbench.model.gpu import Unread

_CAUSES = (0, 1)
"""Several single-bit errors, one double-bit error."""
_WITHOUT = frozenset({Unread.NOT_SUPPORTED, Unread.NOT_IN_DRIVER})


class Retirement:
    """What one GPU has retired."""

    def __init__(self, asker: Asker) -> None:
        """Ask nothing yet."""
        self._asker = asker
        self._has_pages = True

    def read(self) -> None:
        """Ask for rows, and for pages where there are no rows.

        Raises:
            DriverError: The GPU is gone.
        """
        self._asker.ask(REMAPPED_ROWS)
        if self._asker.unread.get(REMAPPED_ROWS.name) in _WITHOUT and self._has_pages:
            self._read_pages()

    def _read_pages(self) -> None:
        try:
            pages = [self._asker.call("nvmlDeviceGetRetiredPages", cause) for cause in _CAUSES]
            pending = self._asker.call("nvmlDeviceGetRetiredPagesPendingStatus")
        except DriverError as fault:
            if fault.code in GPU_IS_GONE:
                raise
            reason = explain_reason(fault.code or 0)
            self._has_pages = fault.code != NOT_SUPPORTED
            for name in REMAPPED_ROWS.fields:
                self._asker.forget(name, reason, fault.code)
            return
        self._asker.keep("retired_pages", sum(len(part) for part in pages))
        self._asker.keep("is_retirement_pending", bool(pending))
