"""One child as the screen holds it: pipes that never block the event loop, and a log."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from envbench.jobs.launching import build_command
from envbench.model.cleaning import clean
from envbench.model.errors import PreventedError
from envbench.model.json_lines import ProtocolError
from envbench.model.redaction import redact
from envbench.workbench.desk.protocol import AnyMessage, read_messages

READ_BYTES = 1 << 16
"""At most so much is read before the loop may do something else."""

_MODULE = "envbench.workbench.desk"
_LOG_TAIL_BYTES = 4000
_PATIENCE_S = 1.0
"""How long a child that has closed its pipe may take to end."""
_LOOK_S = 0.005


class DeskChild:
    """One process; to be used from within the event loop that it was made in."""

    def __init__(
        self,
        directory: str,
        environ: Mapping[str, str],
        on_message: Callable[[AnyMessage], None],
        on_end: Callable[[PreventedError], None],
    ) -> None:
        """Start the process.

        Args:
            directory: Where it works.
            environ: Its environment variables, complete.
            on_message: Hears every message.
            on_end: Hears once why the process ended, unless `kill` was called.

        Raises:
            PreventedError: It cannot be started.
        """
        self._loop = asyncio.get_running_loop()
        self._on_message, self._on_end = on_message, on_end
        self._reader = read_messages()
        self._unsent = bytearray()
        self._log: IO[bytes] = tempfile.TemporaryFile(prefix="envbench-desk-")  # noqa: SIM115 - closed by _let_go
        try:
            self._process = _start(directory, environ, self._log)
        except (OSError, ValueError) as fault:
            self._log.close()
            raise _explain_start(fault, directory) from fault
        self.pid = self._process.pid
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("pipes were asked for")
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        os.set_blocking(self._output, False)
        self._is_open, self._is_paused, self._is_killed = True, False, False
        self._loop.add_reader(self._output, self._read)

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._is_open and self._process.poll() is None

    def send(self, line: bytes) -> None:
        """Send a line, or as much of it as the pipe takes now and the rest as it empties."""
        if self._is_open:
            self._unsent += line
            self._write()

    def pause(self) -> None:
        """Read no more for now: the pipe fills, and the child waits."""
        if self._is_open and not self._is_paused:
            self._is_paused = True
            self._loop.remove_reader(self._output)

    def resume(self) -> None:
        """Go on reading."""
        if self._is_open and self._is_paused:
            self._is_paused = False
            self._loop.add_reader(self._output, self._read)

    def kill(self) -> None:
        """End the process and what it started in its session, at once; nobody hears of it."""
        self._kill_group()
        self._is_killed = True
        if self._is_open:
            self._let_go()
            self._reap()
        self._log.close()

    async def wait(self, timeout_s: float) -> bool:
        """Wait until a killed process is gone; tell whether it is."""
        deadline = self._loop.time() + timeout_s
        while self._process.poll() is None:
            if self._loop.time() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._input, self._unsent)]
        except BlockingIOError:
            self._loop.add_writer(self._input, self._write)
            return
        except OSError:
            self._unsent.clear()  # It has died: the end of its output says so.
        self._loop.remove_writer(self._input)

    def _read(self) -> None:
        try:
            data = os.read(self._output, READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._end("")
            return
        try:
            messages = self._reader.feed(data)
        except ProtocolError as fault:
            self._end(_show(str(fault)))
            return
        for message in messages:
            if self._is_open:
                self._on_message(message)

    def _end(self, why: str) -> None:
        """Stop listening; tell why it ended as soon as that is known."""
        self._let_go()
        self._wait_for_code(why, self._loop.time() + (0 if why else _PATIENCE_S))

    def _wait_for_code(self, why: str, deadline: float) -> None:
        if self._is_killed:
            return
        if self._process.poll() is None and self._loop.time() < deadline:
            self._loop.call_later(_LOOK_S, self._wait_for_code, why, deadline)
            return
        self._kill_group()
        self._reap()
        error = self._explain_end(why)
        self._log.close()
        self._on_end(error)

    def _let_go(self) -> None:
        self._is_open = False
        self._loop.remove_reader(self._output)
        self._loop.remove_writer(self._input)
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()

    def _kill_group(self) -> None:
        # Not yet waited for, its number cannot be anybody else's.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _reap(self, after_s: float = _LOOK_S) -> None:
        if self._process.poll() is None and not self._loop.is_closed():
            self._loop.call_later(after_s, self._reap, min(2 * after_s, 1.0))

    def _explain_end(self, why: str) -> PreventedError:
        code = self._process.poll()
        parts = (why, _say_code(code), self._read_log_tail())
        return PreventedError(
            "the process that worked on it died",
            why="\n".join(part for part in parts if part),
            hint="try again: a new one is started; if it happens again, report it with these lines",
        )

    def _read_log_tail(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL_BYTES))
        text = self._log.read().decode(errors="replace")
        return "\n".join(_show(text).splitlines()[-8:])


def _start(directory: str, environ: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        build_command(_MODULE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=directory,
        env=dict(environ),
        # Ctrl-C at a terminal goes to the whole group; and a session is killed as a whole.
        start_new_session=True,
        bufsize=0,
    )


def _explain_start(fault: OSError | ValueError, directory: str) -> PreventedError:
    why = os.strerror(fault.errno or 0) if isinstance(fault, OSError) else str(fault)
    return PreventedError(
        "no process could be started to work on it", where=_show(directory), why=_show(why)
    )


def _say_code(code: int | None) -> str:
    if code is None:
        return "it did not end in time"
    if code == -signal.SIGKILL:
        return "it was killed (signal 9), as the system does when memory runs out"
    return f"it was ended by signal {-code}" if code < 0 else f"its exit status was {code}"


def _show(text: str) -> str:
    return redact(clean(text, limit=_LOG_TAIL_BYTES, multiline=True))
