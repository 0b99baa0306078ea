"""Turns SIGTERM into an exception, but never in the middle of a write."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class TerminatedError(BaseException):
    """SIGTERM came. No `Exception`, so that no worker takes it for a fault of its own work."""


class Termination:
    """The answer of a process to SIGTERM: one exception in its main thread, once."""

    def __init__(self) -> None:
        self._is_held = False
        self._is_due = False

    def install(self) -> None:
        """Take SIGTERM; to be called in the main thread."""
        signal.signal(signal.SIGTERM, self._arrive)

    def ignore(self) -> None:
        """From now on let SIGTERM pass: the last words are being written."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Put the exception off until the end of a block.

        Signals are answered in the main thread only; in others there is nothing to put off.
        """
        if threading.current_thread() is not threading.main_thread() or self._is_held:
            yield
            return
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            if self._is_due:
                self._is_due = False
                raise TerminatedError

    def _arrive(self, _number: int, _frame: FrameType | None) -> None:
        # Once is enough: a second one must not interrupt the cleaning up after the first.
        self.ignore()
        if self._is_held:
            self._is_due = True
            return
        raise TerminatedError
