"""Writes to the terminal from a thread, and never makes the event loop wait.

Textual's own writer holds 30 texts and then blocks its caller: on a slow link the whole program
stands still, keys included. Here the caller never blocks. What bounds the queue is the governor of
the link, which paints nothing new while much is under way.
"""

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

_CHUNK_BYTES: Final = 4096
"""Bytes of one write: what a pseudo-terminal takes at once, so that the count stays true."""


class OutputWriter:
    """A queue of texts and the thread that writes them."""

    def __init__(self, fileno: int, encoding: str) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            fileno: The terminal.
            encoding: What the terminal reads; characters it does not know become `?`.
        """
        self.is_broken = False
        """The terminal is gone; whatever is written now goes nowhere."""
        self.on_drained: Callable[[], None] | None = None
        """Called from the thread each time the queue has become empty."""
        self._fileno, self._encoding = fileno, encoding
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._backlog_bytes = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def backlog_bytes(self) -> int:
        """Bytes that the terminal has not taken yet."""
        return self._backlog_bytes

    def start(self) -> None:
        """Start the thread."""
        self._closing = False
        self._thread = threading.Thread(target=self._write_all, name="terminal-out", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Queue a text; return how many bytes it has. Without a thread it goes nowhere."""
        data = text.encode(self._encoding, "replace")
        with self._changed:
            if not data or self.is_broken or self._thread is None:
                return 0
            self._queue.append(data)
            self._backlog_bytes += len(data)
            self._changed.notify()
        return len(data)

    def discard(self) -> int:
        """Forget queued pictures, but for one being written; return the bytes left out.

        Strings (OSC: the clipboard, notifications) stay.
        """
        with self._changed:
            kept = [data for data in self._queue if data.startswith(b"\x1b]")]
            dropped = sum(map(len, self._queue)) - sum(map(len, kept))
            self._queue = deque(kept)
            self._backlog_bytes -= dropped
        return dropped

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Write the rest and end the thread.

        Args:
            timeout_s: A terminal that takes nothing for so long is given up.

        Returns:
            Whether all was written.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        thread, self._thread = self._thread, None
        end = time.monotonic() + timeout_s
        before = self._backlog_bytes
        while thread is not None and thread.is_alive():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive() and self._backlog_bytes == before:
                self.is_broken = True
                return False
            before, end = self._backlog_bytes, time.monotonic() + timeout_s
        return not self.is_broken

    def _write_all(self) -> None:
        while (data := self._next()) is not None:
            try:
                self._write_data(data)
            except OSError:
                # Hung up (EIO), or closed under our hands: there is nobody left to write to.
                self._give_up()
                return
            if not self._queue and self.on_drained is not None:
                self.on_drained()

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            return self._queue.popleft() if self._queue else None

    def _write_data(self, data: bytes) -> None:
        while data:
            try:
                written = os.write(self._fileno, data[:_CHUNK_BYTES])
            except BlockingIOError:
                # Somebody who shares this terminal made it non-blocking.
                select.select([], [self._fileno], [], 1.0)
                continue
            data = data[written:]
            with self._changed:
                self._backlog_bytes -= written
            if self.is_broken:
                return

    def _give_up(self) -> None:
        with self._changed:
            self.is_broken = True
            self._queue.clear()
            self._backlog_bytes = 0
