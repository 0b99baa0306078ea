"""One sampler process as its client holds it: nothing here ever waits for it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from envbench.jobs.launching import build_command
from envbench.machine.sampler.breadcrumb import Breadcrumb, BreadcrumbReader, make_breadcrumb_file
from envbench.machine.sampler.orders import Orders, encode_orders
from envbench.model.cleaning import clean
from envbench.model.gpu import Sample
from envbench.model.json_lines import LineReader, ProtocolError
from envbench.model.redaction import redact
from envbench.model.signal_names import name_signal

_MODULE = "envbench.machine.sampler"
_LINE_LIMIT_BYTES = 16 * 1024 * 1024
_READ_BYTES = 1 << 18
_TAIL_BYTES = 4000
_LOOK_S = 0.005
_PATIENCE_S = 1.0
"""How long a child that has closed its pipe may take to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnd:
    """How a sampler ended by itself."""

    code: int | None
    """Exit status, or minus the number of the signal; None when it told rubbish and was ended."""
    crumb: Breadcrumb | None
    """The call that was being made."""
    words: str
    """One line: what is known of the reason."""


class SamplerChild:
    """One process; to be used from within the event loop that it was made in."""

    def __init__(
        self,
        environ: Mapping[str, str],
        orders: Orders,
        on_sample: Callable[[Sample], None],
        on_end: Callable[[ChildEnd], None],
    ) -> None:
        """Start the process.

        Args:
            environ: Its environment variables, complete.
            orders: The first ones.
            on_sample: Hears every sample.
            on_end: Hears once that the process ended, unless `kill` was called.

        Raises:
            OSError: It cannot be started.
        """
        self._loop = asyncio.get_running_loop()
        self._on_sample, self._on_end = on_sample, on_end
        self._reader = LineReader(msgspec.json.Decoder(Sample), limit=_LINE_LIMIT_BYTES)
        self._tail = b""
        memory = make_breadcrumb_file()
        try:
            self._crumbs = BreadcrumbReader(memory)
            self._process = _start(environ, memory)
        finally:
            os.close(memory)
        self.pid = self._process.pid
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._streams = [stream for stream in streams if stream is not None]
        self._input, self._output, self._errors = (stream.fileno() for stream in self._streams)
        self._is_open = True
        for descriptor in (self._input, self._output, self._errors):
            os.set_blocking(descriptor, False)
        self._loop.add_reader(self._output, self._read)
        self._loop.add_reader(self._errors, self._read_errors)
        self.send(msgspec.structs.replace(orders, breadcrumb_fd=memory))

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended; one that was killed while it hangs in the kernel has not."""
        return self._process.poll() is not None

    def read_crumb(self) -> Breadcrumb | None:
        """Look what it is doing."""
        return self._crumbs.read() if self._is_open else None

    def send(self, orders: Orders) -> None:
        """Give orders; a process that does not listen is replaced before its pipe is full."""
        if self._is_open:
            with suppress(OSError):
                os.write(self._input, encode_orders(orders))

    def kill(self) -> None:
        """End the process without waiting; nobody hears of it, nor of what it still tells."""
        if self._is_open:
            self._let_go()
            self._kill_group()
            self._reap()

    async def wait(self, timeout_s: float) -> None:
        """Wait a moment for a killed process."""
        deadline = self._loop.time() + timeout_s
        while self._process.poll() is None:
            if self._loop.time() >= deadline:
                return
            await asyncio.sleep(_LOOK_S)

    def _read(self) -> None:
        try:
            data = os.read(self._output, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._output)
            self._await_end(self._loop.time() + _PATIENCE_S)
            return
        try:
            samples = self._reader.feed(data)
        except ProtocolError as fault:
            crumb = self.read_crumb()
            self.kill()
            self._on_end(ChildEnd(code=None, crumb=crumb, words=_show(f"it told rubbish: {fault}")))
            return
        for sample in samples:
            if self._is_open:
                self._on_sample(sample)

    def _read_errors(self) -> None:
        try:
            data = os.read(self._errors, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._errors)
        self._tail = (self._tail + data)[-_TAIL_BYTES:]

    def _await_end(self, deadline: float) -> None:
        """Find out how a process ended that has closed its pipe, and tell it."""
        if not self._is_open:
            return
        if self._process.poll() is None and self._loop.time() < deadline:
            self._loop.call_later(_LOOK_S, self._await_end, deadline)
            return
        self._read_errors()
        crumb, code = self.read_crumb(), self._process.returncode
        self.kill()
        self._on_end(ChildEnd(code=code, crumb=crumb, words=self._explain(code)))

    def _explain(self, code: int | None) -> str:
        lines = self._tail.decode(errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return ": ".join(part for part in (_name_end(code), _show(last)) if part)

    def _let_go(self) -> None:
        self._is_open = False
        self._loop.remove_reader(self._output)
        self._loop.remove_reader(self._errors)
        for stream in self._streams:
            with suppress(OSError):
                stream.close()
        self._crumbs.close()

    def _kill_group(self) -> None:
        # Not yet waited for, its number cannot be anybody else's.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _reap(self, after_s: float = _LOOK_S) -> None:
        """Look now and then whether it is gone; one that hangs in the kernel may stay for ever."""
        if self._process.poll() is None and not self._loop.is_closed():
            self._loop.call_later(after_s, self._reap, min(2 * after_s, 10.0))


def _name_end(code: int | None) -> str:
    """Say how a process ended."""
    if code is None:
        return "it closed its output and did not end"
    return f"it ended with status {code}" if code >= 0 else f"it was ended by {name_signal(-code)}"


def _start(environ: Mapping[str, str], memory: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        build_command(_MODULE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environ),
        cwd="/",
        pass_fds=(memory,),
        # Ctrl-C at a terminal goes to the whole group; and a session is killed as a whole.
        start_new_session=True,
        bufsize=0,
    )


def _show(text: str) -> str:
    return redact(clean(text.strip(), limit=300))
