"""Runs a worker module and counts what it has acknowledged in memory that no kill can touch.

`python counted_worker.py TRUTH MODULE`: wraps the worker's `emit`, so that any worker, a real
build too, can be tortured. The truth is one page of shared memory; see `Truth`.
"""

import mmap
import os
import runpy
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SIZE = mmap.PAGESIZE
STARTS, EVENTS, LINES = 0, 8, 16


class Truth:
    """Counters that outlive every process: starts, events acknowledged, log lines acknowledged."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, SIZE)
        self._page = mmap.mmap(descriptor, SIZE)
        os.close(descriptor)

    def read(self, place: int) -> int:
        return struct.unpack_from("=Q", self._page, place)[0]

    def bump(self, place: int) -> None:
        struct.pack_into("=Q", self._page, place, self.read(place) + 1)


def count_events(truth: Truth) -> None:
    """Count each event that `emit` says is on record."""
    from envbench.jobs.worker import WorkerContext

    emit = WorkerContext.emit

    def counted(self: WorkerContext, event: object) -> bool:
        is_on_record = emit(self, event)
        if is_on_record:
            truth.bump(EVENTS)
        return is_on_record

    WorkerContext.emit = counted


if __name__ == "__main__":
    page, module = Truth(Path(sys.argv[1])), sys.argv[2]
    page.bump(STARTS)
    count_events(page)
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
