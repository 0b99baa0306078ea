"""Starts ordinary children: their output line by line as it comes, and never a deadlock.

A child leads a process group of its own, which is ended as a whole: asked, then killed. Standard
input is closed unless something is to be said. The one place where the rooms above start
children that they wait for.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from envbench.jobs.log_lines import LineSplitter
from envbench.model.errors import PreventedError

GRACE_S = 3.0
TAIL_LINES = 50
_LINE_LIMIT_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024
_STEP_S = 0.1
_ENDED_STEP_S = 0.02
_GONE_S = 1.0
_GONE_STEP_S = 0.005

Stream = Literal["stdout", "stderr"]
OnOutput = Callable[[Stream, str], None]
"""Gets each line as it comes: without its end, not cleaned, progress bars as they last stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOutcome:
    """How a child ended."""

    returncode: int
    """Exit status, or minus the number of the signal that ended it."""
    duration_s: float
    timed_out: bool = False
    """It was ended because its time was over."""
    stopped: bool = False
    """It was ended because the caller wanted so."""
    stdout_tail: tuple[str, ...] = ()
    """The last lines, 50 at most."""
    stderr_tail: tuple[str, ...] = ()


def run_child(  # noqa: PLR0913 - what a child needs is stated in full at each call
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    timeout_s: float,
    on_output: OnOutput | None = None,
    input_bytes: bytes = b"",
    pass_fds: Sequence[int] = (),
    grace_s: float = GRACE_S,
    should_stop: Callable[[], bool] | None = None,
) -> ChildOutcome:
    """Run a program to its end and hand out its lines while it runs.

    When this returns, or raises, the child is gone and so is all of its process group.

    Args:
        argv: The command; no secret may be in it, everybody can read it.
        env: Its environment variables, complete.
        cwd: Where it runs.
        timeout_s: After so long it is asked to end.
        on_output: Gets the lines; what it raises ends the child and comes out here.
        input_bytes: What its standard input says; empty means end of file at once.
        pass_fds: Descriptors that it inherits besides the standard ones.
        grace_s: Between asking and killing.
        should_stop: Asked about ten times a second; a True ends the child.

    Raises:
        PreventedError: It cannot be started.
    """
    started = time.monotonic()
    process = _start(argv, env, cwd, pass_fds, wants_input=bool(input_bytes))
    talk = _Talk(process, on_output, input_bytes)
    end = _End(process, started + timeout_s, grace_s, should_stop)
    try:
        while not talk.is_over:
            talk.step(_ENDED_STEP_S if end.has_begun else _STEP_S)
            if not end.step():
                break
        talk.finish()
    finally:
        end.kill()
        talk.close()
    return ChildOutcome(
        returncode=process.wait(),
        duration_s=time.monotonic() - started,
        timed_out=end.timed_out,
        stopped=end.stopped,
        stdout_tail=tuple(talk.tails["stdout"]),
        stderr_tail=tuple(talk.tails["stderr"]),
    )


def _start(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    pass_fds: Sequence[int],
    *,
    wants_input: bool,
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if wants_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            cwd=cwd,
            pass_fds=tuple(pass_fds),
            process_group=0,
            bufsize=0,
        )
    except OSError as fault:
        why = fault.strerror or str(fault)
        where = str(fault.filename or argv[0])
        raise PreventedError("a program could not be started", where=where, why=why) from fault


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether a child has ended, without taking its pid, and its group's, out of use."""
    look = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return process.returncode is not None or os.waitid(os.P_PID, process.pid, look) is not None


class _Talk:
    """What is said between this process and its child, all without waiting."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", on_output: OnOutput | None, text: bytes
    ) -> None:
        self.tails: dict[Stream, deque[str]] = {
            "stdout": deque(maxlen=TAIL_LINES),
            "stderr": deque(maxlen=TAIL_LINES),
        }
        self._process = process
        self._on_output = on_output
        self._unsaid = memoryview(text)
        self._splitters: dict[Stream, LineSplitter] = {
            name: LineSplitter(limit_bytes=_LINE_LIMIT_BYTES) for name in self.tails
        }
        self._selector = selectors.DefaultSelector()
        self._add(process.stdout, "stdout")
        self._add(process.stderr, "stderr")
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin, selectors.EVENT_WRITE, "stdin")

    @property
    def is_over(self) -> bool:
        """Whether the child has closed its output and has ended."""
        return not self._selector.get_map() and has_ended(self._process)

    def step(self, timeout_s: float) -> None:
        """Say and hear what is possible now, waiting at most so long for it."""
        if not self._selector.get_map():
            time.sleep(min(timeout_s, _ENDED_STEP_S))
            return
        for key, _ in self._selector.select(timeout_s):
            if key.data == "stdin":
                self._say()
            else:
                self._hear(key.fd, key.data)

    def finish(self) -> None:
        """Hear what is still in the pipes, and give the last lines that have no end."""
        for key in list(self._selector.get_map().values()):
            while key.data != "stdin" and self._hear(key.fd, key.data):
                pass
        for name, splitter in self._splitters.items():
            for line in splitter.finish():
                self._tell(name, line.text)

    def close(self) -> None:
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _add(self, stream: IO[bytes] | None, name: Stream) -> None:
        if stream is not None:
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, name)

    def _say(self) -> None:
        stream = self._process.stdin
        if stream is None:
            return
        try:
            self._unsaid = self._unsaid[os.write(stream.fileno(), self._unsaid) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsaid = self._unsaid[:0]
        if not self._unsaid:
            self._selector.unregister(stream)
            stream.close()

    def _hear(self, descriptor: int, name: Stream) -> bool:
        """Read once; tell whether there was something."""
        try:
            data = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(descriptor)
        for line in self._splitters[name].feed(data):
            self._tell(name, line.text)
        return bool(data)

    def _tell(self, name: Stream, text: str) -> None:
        self.tails[name].append(text)
        if self._on_output is not None:
            self._on_output(name, text)


class _End:
    """The end of a child's process group: by itself, by the clock or by the caller's wish."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        deadline: float,
        grace_s: float,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.timed_out = False
        self.stopped = False
        self._process = process
        self._deadline = deadline
        self._grace_s = grace_s
        self._should_stop = should_stop
        self._kill_at: float | None = None

    @property
    def has_begun(self) -> bool:
        return self._kill_at is not None

    def step(self) -> bool:
        """Ask or kill as the time demands; False when nobody is left to be heard."""
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self.kill()
            return False
        if has_ended(self._process):
            # Its own children may hold its output open; they get a moment, then they are ended.
            self._begin(now)
        elif self._kill_at is None:
            self.timed_out = now >= self._deadline
            self.stopped = not self.timed_out and bool(self._should_stop and self._should_stop())
            if self.timed_out or self.stopped:
                self._begin(now)
        return True

    def kill(self) -> None:
        """End the whole group at once, and see it gone."""
        if self._process.returncode is None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._see_gone()

    def _see_gone(self) -> None:
        """Wait until the kernel has no such group: on a busy box a kill takes its time."""
        limit = time.monotonic() + _GONE_S
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < limit:
                os.killpg(self._process.pid, 0)
                time.sleep(_GONE_STEP_S)

    def _begin(self, now: float) -> None:
        if self._kill_at is None:
            self._kill_at = now + self._grace_s
            self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        # Nobody has waited for the leader yet, so the number of the group is still its own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
