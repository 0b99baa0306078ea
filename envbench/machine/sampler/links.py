"""NVLink: which links a GPU has, and where they lead.

Source: NVML's API reference, NvLink methods; `nvmlNvlinkVersion_enum`.
"""

from envbench.machine.nvml_errors import NOT_SUPPORTED
from envbench.machine.sampler.answers import GPU_IS_GONE, explain_reason
from envbench.machine.sampler.asking import Asker
from envbench.machine.sampler.driver import DriverError, read_text
from envbench.model.gpu import NvLink

_MOST_LINKS = 36
_NO_SUCH_LINK = frozenset({2, NOT_SUPPORTED})
"""Beyond the last one, or no NVLink at all: both stay so."""
_FIELD = "nvlinks"
_GENERATIONS = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 5, 8: 6}


class Links:
    """The links of one GPU; what does not change is asked once."""

    def __init__(self, asker: Asker) -> None:
        """Look at nothing yet."""
        self._asker = asker
        self._count = _MOST_LINKS
        self._ends: dict[int, tuple[int | None, str | None]] = {}

    def read(self) -> tuple[NvLink, ...]:
        """Read which links are there; none when the card has no NVLink.

        Raises:
            DriverError: The GPU is gone.
        """
        found: list[NvLink] = []
        for index in range(self._count):
            try:
                is_active = bool(self._asker.call("nvmlDeviceGetNvLinkState", index))
            except DriverError as fault:
                if fault.code in GPU_IS_GONE:
                    raise
                if fault.code not in _NO_SUCH_LINK:
                    reason = explain_reason(fault.code or 0)
                    self._asker.forget(_FIELD, reason, fault.code)
                    return tuple(found)
                self._count = index
                break
            version, remote = self._read_end(index) if is_active else (None, None)
            found.append(
                NvLink(index=index, is_active=is_active, version=version, remote_pci_bus_id=remote)
            )
        self._asker.excuse(_FIELD)
        return tuple(found)

    def _read_end(self, index: int) -> tuple[int | None, str | None]:
        if index not in self._ends:
            self._ends[index] = (self._read_version(index), self._read_remote(index))
        return self._ends[index]

    def _read_version(self, index: int) -> int | None:
        try:
            return _GENERATIONS.get(int(self._asker.call("nvmlDeviceGetNvLinkVersion", index)))
        except DriverError:
            return None

    def _read_remote(self, index: int) -> str | None:
        try:
            return read_text(self._asker.call("nvmlDeviceGetNvLinkRemotePciInfo", index).busId)
        except DriverError:
            return None
