"""Which processes were started by a run: by their parents, as the kernel tells them."""

from collections.abc import Iterable

from envbench.jobs.processes import read_stat

_DEEPEST = 200
"""So many generations of processes are looked at; a loop cannot arise, a race could make one."""


class ProcessFamily:
    """A process and everything below it; who once belonged to it stays in it when orphaned."""

    def __init__(self, root: int) -> None:
        """Name the process at the top; it lives as long as the family is asked about."""
        self._root = root
        self._known: dict[int, int] = {}
        """Members by pid, with their start time: a pid may be used again."""

    def select(self, pids: Iterable[int]) -> frozenset[int]:
        """Select those that belong to the family."""
        return frozenset(pid for pid in pids if self._has(pid))

    def _has(self, pid: int) -> bool:
        stat = read_stat(pid)
        if stat is None:
            return False
        _, parent, start_ticks = stat
        if self._known.get(pid) == start_ticks or self._reaches_root(pid, parent):
            self._known[pid] = start_ticks
            return True
        return False

    def _reaches_root(self, pid: int, parent: int) -> bool:
        for _ in range(_DEEPEST):
            if self._root in (pid, parent):
                return True
            stat = read_stat(parent) if parent > 1 else None
            if stat is None:
                return False
            pid, parent = parent, stat[1]
        return False
