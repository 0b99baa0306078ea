"""Which processes use a GPU, as the driver lists them.

The lists are read here and not by the binding: it knows one shape of entry for each function, and
some drivers wrote another.

Source: `nvmlProcessInfo_v1_t` to `_v3_t` in nvml.h; drivers 535.43 to 535.86 wrote 32 bytes an entry
for `_v3` (wookayin/gpustat#161, Cldfire/nvml-wrapper#48).
"""

import ctypes
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from envbench.machine.nvml_errors import FUNCTION_NOT_FOUND, INSUFFICIENT_SIZE, NOT_FOUND, UNKNOWN
from envbench.machine.sampler.answers import (
    GPU_IS_GONE,
    LASTING,
    TOO_OLD,
    explain_code,
    explain_reason,
)
from envbench.machine.sampler.asking import Asker, IsLeftOut
from envbench.machine.sampler.driver import DriverError
from envbench.machine.sampler.orders import PROCESS_CALLS, UTILIZATION_CALL
from envbench.model.gpu import Unread
from envbench.model.gpu_process import GpuProcess

_VERSIONS = ("_v3", "_v2", "")
_SIZES = {"_v3": 24, "_v2": 24, "": 16}
_ODD_SIZE = 32
_FIRST_ODD, _FIRST_MENDED = (535, 43), (535, 98)
_ENTRY = struct.Struct("=I4xQII")
_OLD_ENTRY = struct.Struct("=I4xQ")
_SAMPLE = struct.Struct("=I4xQIIII")
_ROOM_BYTES = 64
"""For each entry, whatever its size: the driver must never write beyond the buffer."""
_SPARE = 8
_MOST_ENTRIES = 65536
_TRIES = 3
_MOST_PID = 1 << 22
_NO_INSTANCE = 0xFFFFFFFF
_NO_BYTES = 0xFFFFFFFFFFFFFFFF

_Key = tuple[int, int | None, int | None]
"""Pid, GPU instance, compute instance."""
_Entries = tuple[int, bytes]
"""How many, and the buffer that they lie in."""
_NO_ENTRIES: _Entries = (0, b"")


@dataclass(slots=True)
class _Found:
    """What the lists say of one process."""

    kinds: list[str]
    memory_bytes: int | None


def tell_entry_bytes(version: str, driver: str | None) -> int:
    """Tell how long one entry is.

    Args:
        version: End of the function's name: `_v3`, `_v2` or nothing.
        driver: Version of the driver, where it is known.
    """
    numbers = tuple(int(part) for part in re.findall(r"\d+", driver or "")[:2])
    if version == "_v3" and _FIRST_ODD <= numbers < _FIRST_MENDED:
        return _ODD_SIZE
    return _SIZES[version]


class ProcessLists:
    """The lists of one GPU."""

    def __init__(self, asker: Asker, gpu: int, driver: str | None, is_left_out: IsLeftOut) -> None:
        """Ask nothing yet.

        Args:
            asker: Asks about the GPU.
            gpu: Its index.
            driver: Version of the driver.
            is_left_out: Tells which functions must not be called for a GPU.
        """
        self.notes: tuple[str, ...] = ()
        """Why a list is missing."""
        self._asker, self._gpu = asker, gpu
        self._driver, self._is_left_out = driver, is_left_out
        self._refused: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._last_seen_us = 0

    def read(self, *, is_mig_on: bool) -> tuple[GpuProcess, ...]:
        """Read all lists and how busy each process keeps the GPU.

        Args:
            is_mig_on: Whether the GPU is divided; then it is not told how busy one keeps it.

        Raises:
            DriverError: The GPU is gone.
        """
        found: dict[_Key, _Found] = {}
        missing: list[str] = []
        for kind, function in PROCESS_CALLS.items():
            why = self._read_list(kind, function, found)
            if why:
                missing.append(f"GPU {self._gpu}: {kind} processes: {why}")
        shares, why = self._read_shares() if found else (dict[int, int](), "")
        if is_mig_on and not shares:
            why = "not told while MIG is on"
        self.notes = tuple(missing)
        return tuple(
            _describe(self._gpu, key, entry, shares.get(key[0]), why)
            for key, entry in sorted(found.items(), key=lambda item: item[0][0])
        )

    def _read_list(self, kind: str, function: str, found: dict[_Key, _Found]) -> str:
        """Add one list; return why it cannot be had, or nothing."""
        if self._is_left_out(self._gpu, function):
            return ""  # Who leaves it out says so.
        if function in self._refused:
            return self._refused[function]
        code = FUNCTION_NOT_FOUND
        for place in range(self._versions.get(function, 0), len(_VERSIONS)):
            version = _VERSIONS[place]
            code, entries = self._fill(function + version, ())
            if code not in TOO_OLD:
                self._versions[function] = place
                _add(entries, tell_entry_bytes(version, self._driver), kind, found)
                break
        return self._judge(function, code)

    def _judge(self, function: str, code: int) -> str:
        if code in GPU_IS_GONE:
            raise DriverError(function, code)
        if code in {0, NOT_FOUND}:
            return ""
        reason = explain_reason(code)
        words = explain_code(code)
        if reason in LASTING:
            # A list that a card does not have is nothing to be told of.
            words = "" if reason is Unread.NOT_SUPPORTED else words
            self._refused[function] = words
        return words

    def _fill(self, symbol: str, after: tuple[object, ...]) -> tuple[int, _Entries]:
        """Call a function that fills a buffer; ask again with a larger one when it did not fit.

        Args:
            symbol: The function.
            after: What follows buffer and count; without it the count comes first.
        """
        count, room = ctypes.c_uint(0), 0
        buffer: ctypes.Array[ctypes.c_char] | None = None
        for _ in range(_TRIES):
            reference = ctypes.byref(count)
            arguments = (buffer, reference, *after) if after else (reference, buffer)
            try:
                code = self._asker.call_symbol(symbol, *arguments)
            except DriverError as fault:
                return fault.code or UNKNOWN, _NO_ENTRIES
            if code != INSUFFICIENT_SIZE:
                if code or buffer is None:
                    return code, _NO_ENTRIES
                return code, (min(count.value, room), buffer.raw)
            room = min(count.value, _MOST_ENTRIES) * 2 + _SPARE
            buffer = ctypes.create_string_buffer(room * _ROOM_BYTES)
            count.value = room
        return INSUFFICIENT_SIZE, _NO_ENTRIES

    def _read_shares(self) -> tuple[dict[int, int], str]:
        """Read the share of the multiprocessors that each process had lately."""
        if self._is_left_out(self._gpu, UTILIZATION_CALL):
            return {}, "not asked for now"
        if UTILIZATION_CALL in self._refused:
            return {}, self._refused[UTILIZATION_CALL]
        code, entries = self._fill(UTILIZATION_CALL, (ctypes.c_ulonglong(self._last_seen_us),))
        if code in GPU_IS_GONE:
            raise DriverError(UTILIZATION_CALL, code)
        if code not in {0, NOT_FOUND}:
            why = explain_code(code)
            if explain_reason(code) in LASTING:
                self._refused[UTILIZATION_CALL] = why
            return {}, why
        return self._take_samples(entries), "no sample of it in the last seconds"

    def _take_samples(self, entries: _Entries) -> dict[int, int]:
        newest: dict[int, tuple[int, int]] = {}
        count, raw = entries
        for at in range(0, count * _SAMPLE.size, _SAMPLE.size):
            pid, time_us, share, *_ = _SAMPLE.unpack_from(raw, at)
            if 0 < pid <= _MOST_PID and share <= 100 and time_us >= newest.get(pid, (0, 0))[0]:
                newest[pid] = (time_us, share)
        self._last_seen_us = max(
            (time_us for time_us, _ in newest.values()), default=self._last_seen_us
        )
        return {pid: share for pid, (_, share) in newest.items()}


def _add(entries: _Entries, size: int, kind: str, found: dict[_Key, _Found]) -> None:
    for key, memory_bytes in _cut(entries, size):
        entry = found.setdefault(key, _Found([], None))
        if kind not in entry.kinds:
            entry.kinds.append(kind)
        known = [value for value in (entry.memory_bytes, memory_bytes) if value is not None]
        entry.memory_bytes = max(known, default=None)


def _cut(entries: _Entries, size: int) -> Iterator[tuple[_Key, int | None]]:
    """Cut entries, and drop those whose pid cannot be one: the driver wrote another shape."""
    count, raw = entries
    for at in range(0, count * size, size):
        if size == _OLD_ENTRY.size:
            pid, memory_bytes = _OLD_ENTRY.unpack_from(raw, at)
            gpu_instance = compute_instance = _NO_INSTANCE
        else:
            pid, memory_bytes, gpu_instance, compute_instance = _ENTRY.unpack_from(raw, at)
        if 0 < pid <= _MOST_PID:
            yield (
                (pid, _read_instance(gpu_instance), _read_instance(compute_instance)),
                None if memory_bytes == _NO_BYTES else memory_bytes,
            )


def _read_instance(number: int) -> int | None:
    return None if number == _NO_INSTANCE else number


def _describe(gpu: int, key: _Key, entry: _Found, share: int | None, why: str) -> GpuProcess:
    pid, gpu_instance, compute_instance = key
    unread = {}
    if entry.memory_bytes is None:
        unread["memory_used_bytes"] = "the driver does not tell"
    if share is None:
        unread["sm_percent"] = why or "the driver does not tell"
    return GpuProcess(
        gpu=gpu,
        pid=pid,
        kinds=tuple(entry.kinds),
        memory_used_bytes=entry.memory_bytes,
        sm_percent=share,
        gpu_instance=gpu_instance,
        compute_instance=compute_instance,
        unread=unread,
    )
