"""The processes that a probe started, its own included: how much memory they hold, and their end.

Source: proc(5) (`/proc/PID/task/TID/children`, `status`, `environ`).
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

RUN_MARK = "ENVBENCH_PROBE_RUN"
"""The variable that all processes of one run inherit, whatever session they move to."""
_PROC = Path("/proc")
_SWEEP_LIMIT_S = 2.0
_SWEEP_PAUSE_S = 0.02


class MemoryWatch:
    """Keeps the highest memory use of a process, and of it and its descendants together."""

    def __init__(self, pid: int) -> None:
        self.peak_bytes: int | None = None
        """Most that the process itself ever held resident; None until it could be read."""
        self.tree_peak_bytes: int | None = None
        """Largest sum over the process and its descendants that was met; pages that they share
        count for each of them. None until it could be read."""
        self._pid = pid

    def look(self) -> None:
        """Take a look now; costs a few files of `/proc`."""
        total = 0
        for pid in _list_tree(self._pid):
            resident, peak = _read_memory(pid)
            total += resident
            if pid == self._pid and peak:
                self.peak_bytes = max(self.peak_bytes or 0, peak)
        if total:
            self.tree_peak_bytes = max(self.tree_peak_bytes or 0, total)


def sweep(mark: str) -> int:
    """Kill every process that carries the mark of a run, until there is none.

    Killing the process group does not reach what moved to a session of its own.

    Args:
        mark: The value of `RUN_MARK` in the environment of the run.

    Returns:
        How many are still there; only a process in the kernel's D state outlives this.
    """
    deadline = time.monotonic() + _SWEEP_LIMIT_S
    while marked := _list_marked(f"{RUN_MARK}={mark}".encode()):
        for pid in marked:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() >= deadline:
            return len(marked)
        time.sleep(_SWEEP_PAUSE_S)
    return 0


def _list_marked(entry: bytes) -> list[int]:
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        # A process of somebody else, or one that has ended: neither is ours.
        with suppress(OSError):
            if entry in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _list_tree(pid: int) -> list[int]:
    tree = [pid]
    for parent in tree:
        with suppress(OSError):
            for thread in (_PROC / str(parent) / "task").iterdir():
                tree += map(int, (thread / "children").read_text().split())
    return tree


def _read_memory(pid: int) -> tuple[int, int]:
    resident = peak = 0
    with suppress(OSError, ValueError, IndexError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                resident = int(line.split()[1]) * 1024
            elif line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * 1024
    return resident, peak
