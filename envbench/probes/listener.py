"""Listens to a running probe: events on one descriptor, whatever frameworks print on another."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from envbench.probes.process_tree import MemoryWatch
from envbench.probes.transcript import Transcript
from envbench.probes.verdict import Ending

LOG_LIMIT_BYTES = 256 * 1024
"""Of what the frameworks print, this much of the end is kept."""
PIPE_GRACE_S = 2.0
"""After the end the pipes may be held open by grandchildren; longer is never waited."""
_TICK_S = 0.25
"""How often a quiet child is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """All that is known of a run once it is over."""

    transcript: Transcript
    ending: Ending
    log: bytes = b""
    """The end of what it printed."""
    memory_peak_bytes: int | None = None
    """Most that its process held resident; None when that could not be read."""
    memory_tree_peak_bytes: int | None = None
    """The same together with its descendants."""


def listen(
    child: "subprocess.Popen[bytes]",
    events: int,
    timeout_s: float,
    *,
    end_rest: Callable[[], object] = lambda: None,
) -> Recording:
    """Follow a child to its end, or to its limit, when its whole process group is killed.

    Args:
        child: Started in a session of its own, its output on a pipe.
        events: The descriptor that its events can be read from.
        timeout_s: Wall time it may take.
        end_rest: Ends what the child leaves behind; called as soon as it has ended itself, because
            whatever still holds its pipes would be waited for.

    Returns:
        What it told, how it ended, the end of what it printed, and the memory it took.
    """
    listener = _Listener(child, events, end_rest)
    timed_out = not listener.read_until(time.monotonic() + timeout_s)
    if timed_out:
        kill_group(child)
        listener.read_until(time.monotonic() + PIPE_GRACE_S)
    code = _wait(child)
    if code is None:
        ending = Ending(None, int(signal.SIGKILL), timed_out=True)
    else:
        ending = Ending(
            code if code >= 0 else None, -code if code < 0 else None, timed_out=timed_out
        )
    return Recording(
        transcript=listener.transcript,
        ending=ending,
        log=bytes(listener.log),
        memory_peak_bytes=listener.memory.peak_bytes
        or listener.transcript.memory_peak_bytes
        or None,
        memory_tree_peak_bytes=listener.memory.tree_peak_bytes,
    )


class _Listener:
    """Reads both pipes of one child."""

    def __init__(
        self, child: "subprocess.Popen[bytes]", events: int, end_rest: Callable[[], object]
    ) -> None:
        if child.stdout is None:
            raise ValueError("the child was started without a pipe for its output")
        self.transcript = Transcript()
        self.log = bytearray()
        self.memory = MemoryWatch(child.pid)
        self._child = child
        self._end_rest = end_rest
        self._output = child.stdout.fileno()
        self._partial = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(events, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)

    def read_until(self, deadline: float) -> bool:
        """Read until both pipes end; False when the deadline came first with the child alive."""
        ended_at: float | None = None
        looked_at = 0.0
        while self._selector.get_map():
            now = time.monotonic()
            if ended_at is None and self._child.poll() is not None:
                ended_at = now
                kill_group(self._child)
                self._end_rest()
            if ended_at is not None and now >= ended_at + PIPE_GRACE_S:
                return True
            if ended_at is None and now >= deadline:
                return False
            ready = self._selector.select(timeout=min(max(0.0, deadline - now), _TICK_S))
            if now >= looked_at + _TICK_S:
                self.memory.look()
                looked_at = now
            for key, _ in ready:
                self._take(key.fd)
        return True

    def _take(self, descriptor: int) -> None:
        chunk = os.read(descriptor, 65536)
        if not chunk:
            self._selector.unregister(descriptor)
        elif descriptor == self._output:
            self.log += chunk
            del self.log[:-LOG_LIMIT_BYTES]
        else:
            *lines, self._partial = (self._partial + chunk).split(b"\n")
            for line in lines:
                self.transcript.feed(line)
            # An event ends a piece of work: what it took is still to be seen.
            self.memory.look()


def _wait(child: "subprocess.Popen[bytes]") -> int | None:
    """Wait for the end, but not for ever: a process in D state ignores even SIGKILL."""
    for _ in range(2):
        try:
            return child.wait(timeout=PIPE_GRACE_S)
        except subprocess.TimeoutExpired:
            kill_group(child)
    return None


def kill_group(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child and all that still is in its session's process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
