"""One solver process as its client holds it: pipes that never block for ever, and a log."""

import os
import selectors
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from envbench.engine.engine_settings import EngineSettings
from envbench.engine.errors import (
    ChannelFaultError,
    FaultKind,
    SolverStoppedError,
    SolveTimeoutError,
)
from envbench.engine.outside_text import show_text
from envbench.engine.solver.command import build_command, current_environment
from envbench.engine.solver.protocol import (
    AnyAnswer,
    AnyRequest,
    Configure,
    ProtocolError,
    Ready,
    Waiting,
    encode_message,
    read_answers,
)
from envbench.model.cleaning import clean

START_S = 60.0
"""Most time for a process to say that it is ready; it takes a second on a busy box."""
_LOG_TAIL_BYTES = 4000
_SILENCE_HINT = "Check the network, or give it more time."


class SolverChild:
    """One process, its pipes and its log; whoever makes it closes it."""

    def __init__(
        self, settings: EngineSettings, report: Callable[[tuple[str, ...]], None] = lambda _: None
    ) -> None:
        """Start the process; it is not ready before `greet`.

        Args:
            settings: For the process.
            report: Told the channels that a request waits for; empty when the solver is at work.
        """
        self._report = report
        self._log: IO[bytes] = tempfile.TemporaryFile(prefix="envbench-solver-")  # noqa: SIM115 - closed by close
        self._process = subprocess.Popen(
            build_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=current_environment(settings),
            cwd="/",
            # Ctrl-C at a terminal goes to the whole group; here only we decide.
            start_new_session=True,
            bufsize=0,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("pipes were asked for")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        os.set_blocking(self._stdin.fileno(), False)
        self._reader = read_answers()
        self._answers: list[AnyAnswer] = []
        self._waiting: Waiting | None = None
        self._killed = False
        self.is_ready = False
        self.pid = self._process.pid

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._process.poll() is None

    def greet(self, settings: EngineSettings) -> None:
        """Configure it and wait until it is ready.

        Raises:
            SolverStoppedError: It dies or stays silent.
        """
        self.send(Configure(settings=settings))
        answer = self._read_one(time.monotonic() + START_S)
        if not isinstance(answer, Ready):
            raise SolverStoppedError("the solver process did not say that it is ready")
        self.is_ready = True

    def send(self, request: AnyRequest) -> None:
        """Write a request; gives up after `START_S` when the process does not read."""
        data = memoryview(encode_message(request))
        deadline = time.monotonic() + START_S
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdin, selectors.EVENT_WRITE)
            while data:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise self._explain_death("it reads no more requests")
                try:
                    data = data[os.write(self._stdin.fileno(), data) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise self._explain_death("") from None

    def wait_for(self, number: int, deadline: float) -> AnyAnswer:
        """Wait for the final answer to a request."""
        self._waiting = None
        while True:
            answer = self._read_one(deadline)
            if isinstance(answer, Ready) or answer.id != number:
                continue
            if isinstance(answer, Waiting):
                self._waiting = answer
                self._report(answer.channels)
                continue
            return answer

    def kill(self) -> None:
        """Kill it; the one who waits for an answer hears of it."""
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()

    def close(self) -> None:
        """End the process: it holds nothing that needs an orderly end."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        for stream in (self._stdin, self._stdout, self._log):
            with suppress(OSError):
                stream.close()

    def _read_one(self, deadline: float) -> AnyAnswer:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while not self._answers:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise self._explain_silence()
                self._answers = self._read_available()
        return self._answers.pop(0)

    def _read_available(self) -> list[AnyAnswer]:
        try:
            data = os.read(self._stdout.fileno(), 1 << 20)
        except BlockingIOError:
            return []
        if not data:
            raise self._explain_death("")
        try:
            return self._reader.feed(data)
        except ProtocolError as error:
            raise self._explain_death(clean(str(error), limit=300)) from None

    def _explain_silence(self) -> ChannelFaultError | SolveTimeoutError:
        channels = self._waiting.channels if self._waiting is not None else ()
        if not channels:
            return SolveTimeoutError("the solver gave no answer in time", hint=_SILENCE_HINT)
        named = ", ".join(channels)
        what = "channel" if len(channels) == 1 else "channels"
        return ChannelFaultError(
            f"{what} {named} did not send the index in time",
            channel=channels[0],
            fault=FaultKind.TIMEOUT,
            hint=_SILENCE_HINT,
        )

    def _explain_death(self, why: str) -> SolverStoppedError:
        self._process.kill()
        code = self._process.wait()
        if self._killed:
            return SolverStoppedError("the solver was stopped")
        end = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        return SolverStoppedError(
            "the solver process died",
            why="\n".join(part for part in (why, end, self._read_log_tail()) if part),
            hint="Try again; if it happens again, report it together with these lines.",
        )

    def _read_log_tail(self) -> str:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL_BYTES))
        text = self._log.read().decode(errors="replace")
        lines = show_text(text, limit=_LOG_TAIL_BYTES, multiline=True).splitlines()
        return "\n".join(lines[-8:])
