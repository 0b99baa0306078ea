"""Leaving on signals: the terminal is restored, the exit code is 128 + the signal's number.

Textual installs no handlers for SIGTERM, SIGHUP and SIGQUIT. Handlers of the event loop do not run
while the loop is blocked, so a thread of its own hears the signals (through the wake-up file
handle, which the kernel's handler writes to at once), asks the app to leave, and if that does not
happen in time restores the terminal itself and ends the process.
"""

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App

LEAVING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
GRACE_S: Final = 4.0
"""Seconds in which the app must have left after a signal."""
_IMPATIENT_S: Final = 0.5
"""Seconds it has left when the signal comes again."""
RESTORE: Final = (
    "\x18\x1b[?2026l"  # end a half written sequence, and a picture that is held back
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[<u\x1b[0m\x1b[?7h"  # paste, focus, size, keys, wrap
    "\x1b[?1049l\x1b[?25h"  # the shell's screen, the cursor
)

_OF_CHILD: Final = frozenset({signal.SIGINT, signal.SIGQUIT})
"""Signals that keys send to all in the foreground."""
_LOOK, _KEYS_LENT, _KEYS_BACK = b"\x00", b"\xfe", b"\xff"
"""What stands between the numbers of signals in the guard's pipe. In one line with them, so that a
signal is judged by what held when it came, not by what holds when the thread gets to it."""


_installed: "LeaveGuard | None" = None


class LeaveGuard:
    """Makes the process leave when it is told to, whatever the event loop does."""

    def __init__(self, grace_s: float = GRACE_S) -> None:
        self.exit_code: int | None = None
        """128 + the signal that asked to leave; None while nobody asked."""
        self._grace_s = grace_s
        self._deadline_s: float | None = None
        self._ask: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._attributes = _read_attributes()
        self._keys_are_lent = False

    def install(self) -> None:
        """Take over the signals; call it from the main thread, before the terminal is changed."""
        # Signals belong to the process, and so does their guard.
        global _installed
        _installed = self
        for number in LEAVING:
            # Whoever started us under nohup means it; the end of input ends us all the same.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _do_nothing)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="leave-guard", daemon=True).start()

    def bind(self, ask: "Callable[[], None]") -> None:
        """Say how the program is asked to leave; called from the guard's thread, at once if late."""
        with self._lock:
            self._ask = ask
            late = self.exit_code is not None
        if late:
            ask()

    def arm(self, exit_code: int) -> None:
        """The program is leaving by itself: it too must be gone in time."""
        with self._lock:
            self.exit_code = exit_code
            self._deadline_s = self._deadline_s or time.monotonic() + self._grace_s
        os.write(self._writing, _LOOK)

    @contextlib.contextmanager
    def lend_keys(self) -> "Iterator[None]":
        """Take no notice of SIGINT and SIGQUIT meanwhile: they are meant for another program."""
        os.write(self._writing, _KEYS_LENT)
        try:
            yield
        finally:
            os.write(self._writing, _KEYS_BACK)

    def _watch(self) -> None:
        while True:
            rest = None if self._deadline_s is None else self._deadline_s - time.monotonic()
            if rest is not None and rest <= 0:
                self._end()
            if select.select([self._reading], [], [], rest)[0]:
                for number in os.read(self._reading, 64):
                    self._take(number)

    def _take(self, number: int) -> None:
        if number in _KEYS_LENT + _KEYS_BACK:
            self._keys_are_lent = number in _KEYS_LENT
        elif number in LEAVING and not (self._keys_are_lent and number in _OF_CHILD):
            self._leave(number)

    def _leave(self, number: int) -> None:
        with self._lock:
            now = time.monotonic()
            if self._deadline_s is not None:
                if number != signal.SIGHUP:  # it comes twice: as a signal and as end of input
                    self._deadline_s = min(self._deadline_s, now + _IMPATIENT_S)
                return
            self.exit_code = 128 + number
            self._deadline_s = now + self._grace_s
            ask = self._ask
        if ask is not None:
            # A loop that is closed already has nothing to be asked.
            with contextlib.suppress(RuntimeError):
                ask()

    def _end(self) -> None:
        restore_terminal(self._attributes)
        os._exit(1 if self.exit_code is None else self.exit_code)


def leave_keys_to_child() -> "contextlib.AbstractContextManager[None]":
    """Leave Ctrl-C to a program that has the terminal.

    To be entered before the terminal is given away and left after it was taken back.
    """
    return contextlib.nullcontext() if _installed is None else _installed.lend_keys()


def run_app(app: "App[Any]", *, mouse: bool = True, grace_s: float = GRACE_S) -> int:
    """Run an app to its end; leave on signals and on a lost terminal.

    Returns:
        The exit code: 128 + n after signal n, 1 after an unhandled exception, else the app's.
    """
    guard = LeaveGuard(grace_s)
    guard.install()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def leave() -> None:
            app.exit(return_code=guard.exit_code or 0)

        def ask() -> None:
            loop.call_soon_threadsafe(leave)

        guard.bind(ask)
        await app.run_async(mouse=mouse)
        guard.arm(guard.exit_code or app.return_code or 0)

    asyncio.run(run())
    code = guard.exit_code or app.return_code or 0
    guard.arm(code)
    return code


def restore_terminal(attributes: list[Any] | None) -> None:
    """Restore the terminal without any help of the event loop."""
    # A process in the background would be stopped for changing the terminal's settings.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    with contextlib.suppress(OSError, termios.error, ValueError):
        handle = _output_handle()
        if not select.select([], [handle], [], 0.3)[1]:
            termios.tcflush(handle, termios.TCOFLUSH)
        if select.select([], [handle], [], 0.3)[1]:
            os.write(handle, RESTORE.encode())
    if attributes is not None:
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(0, termios.TCSANOW, attributes)


def _output_handle() -> int:
    return next((handle for handle in (2, 1) if os.isatty(handle)), 2)


def _read_attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ is not None else None
    except (OSError, termios.error, ValueError):
        return None


def _do_nothing(number: int, frame: object) -> None:
    """Keep the signal from its default action; the guard's thread has heard of it already."""
