"""Ends all processes of a job: asks, waits, kills, and looks again until none is left.

The supervisor reads this file.
"""

import contextlib
import os
import signal
import time

from envbench.jobs.processes import Identity, find_members, read_life, send_signal
from envbench.model.job_states import Life

PATIENCE_S = 30.0
"""How long kills are repeated before a process that cannot die (a hung disk) is given up."""
STEP_S = 0.03


class Ending:
    """The end of one job's processes; each step can be repeated as often as one likes."""

    def __init__(self, marker: bytes, grace_s: float) -> None:
        """Take what ties processes to the job.

        Args:
            marker: `NAME=value` in their environment.
            grace_s: Between the request to end and the kill.
        """
        self._marker = marker
        self._grace_s = grace_s
        self._asked: set[tuple[object, object]] = set()
        self._deadline: float | None = None

    def step(self, worker: Identity | None) -> list[Identity]:
        """Ask every process to end that was not asked yet; kill all when the grace is over.

        Args:
            worker: The worker on record; what descends from it belongs to the job.

        Returns:
            The processes that were still there.
        """
        now = time.monotonic()
        members = self._find(worker)
        if self._deadline is None:
            self._deadline = now + self._grace_s
        for member in members:
            key = (member["pid"], member["start_ticks"])
            if now >= self._deadline:
                send_signal(member, signal.SIGKILL)
            elif key not in self._asked:
                self._asked.add(key)
                send_signal(member, signal.SIGTERM)
        return members

    def finish(self, worker: Identity | None) -> int:
        """Repeat until nothing is left; return how many processes could not be ended."""
        give_up = time.monotonic() + self._grace_s + PATIENCE_S
        while members := self.step(worker):
            if time.monotonic() > give_up:
                return len(members)
            time.sleep(STEP_S)
            reap_strangers()
        return 0

    def _find(self, worker: Identity | None) -> list[Identity]:
        # Everything below the supervisor is the job's, orphans included: it adopts them. After an
        # adoption the worker is not below it; its pid counts only while it is really the worker.
        roots = {os.getpid()}
        if worker is not None and read_life(worker) is Life.ALIVE:
            roots.add(int(str(worker["pid"])))
        return find_members(self._marker, roots)


def reap_strangers() -> list[tuple[int, int]]:
    """Collect all children that have ended; pairs of pid and wait status."""
    ended = []
    with contextlib.suppress(ChildProcessError):
        while (child := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append(child)
    return ended
