"""A real terminal for tests: a pty, a screen that understands what comes, keys that go in.

    with Terminal(home=tmp_path) as terminal:             # python -m envbench
        terminal.wait_text(r"Specs")
        terminal.press("down", "enter")
        terminal.type("- numpy")
        assert terminal.wait_exit() == 0

A thread reads all the time, as terminals do, and wakes whoever waits; nothing polls. With
`bytes_per_s` it reads like a terminal behind a slow link.
"""

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from tests.pty.escapes import ControlString, EscapeSieve, KeyProtocol, Mode, Question, Token
from tests.pty.keys import key_bytes
from tests.pty.program import become, make_environment, process_state
from tests.pty.token_bucket import TokenBucket

ENVBENCH = (sys.executable, "-m", "envbench")

_AFTER_ESCAPE_S = 0.2
"""A key that follows a lone Esc sooner is read as Alt with that key."""
_MODES_AT_REST = frozenset({7, 25})


class Terminal:
    """A program in a terminal. Everything it wrote stays in `raw`, whatever pyte makes of it."""

    def __init__(
        self,
        argv: Sequence[str | Path] = ENVBENCH,
        *,
        home: Path,
        environ: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        columns: int = 120,
        rows: int = 40,
        bytes_per_s: float | None = None,
        buffer_bytes: int = 0,
        round_trip_s: float = 0.0,
        answers: bool = True,
    ) -> None:
        """Start the program.

        Args:
            argv: The command line.
            home: A private folder: HOME, and ENVBENCH_STATE_DIR and its like below it.
            environ: Variables on top of the few fixed ones; None takes one away.
            cwd: Where it runs; `home` if not given.
            columns: Width of the terminal.
            rows: Height of the terminal.
            bytes_per_s: The rate of the link; None is as fast as can be.
            buffer_bytes: Bytes that the link takes off the program's hands before they get through.
            round_trip_s: How much later the program's questions are answered.
            answers: The terminal answers `CSI ?2026$p` and `CSI 6n`.
        """
        self.columns, self.rows = columns, rows
        self.raw = bytearray()
        self.strings: list[ControlString] = []
        self.modes: set[int] = set(_MODES_AT_REST)
        self.key_protocols = 0
        self.questions = 0
        self.exit_code: int | None = None
        self._answers, self._round_trip_s = answers, round_trip_s
        self._bucket = TokenBucket(bytes_per_s) if bytes_per_s else None
        self._buffer_bytes, self._buffered = buffer_bytes, bytearray()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._sieve = EscapeSieve()
        self._open_screens()
        self._lock = threading.RLock()
        self._waiting: list[_Wait] = []
        self._last_read_s = self._last_escape_s = 0.0
        self._stopping = False
        self._bell, self._ring = os.pipe()
        self._reap_lock = threading.Lock()
        self._start([os.fspath(part) for part in argv], home, environ or {}, cwd or home)

    # Starting and ending

    def _start(
        self, argv: list[str], home: Path, environ: Mapping[str, str | None], cwd: Path
    ) -> None:
        variables = make_environment(home, environ)
        # The slave stays open here, so that its settings can be read when the program is gone.
        self._master, self._slave = os.openpty()
        self._set_size(self.columns, self.rows)
        os.set_blocking(self._master, False)
        self.pid = os.fork()
        if self.pid == 0:
            become(argv, variables, cwd, self._slave)
        self._pidfd = os.pidfd_open(self.pid)
        self._reader = threading.Thread(target=self._read_all, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program if it still runs (SIGTERM, then SIGKILL) and reap it, whatever happens."""
        try:
            for number in (signal.SIGCONT, signal.SIGTERM, signal.SIGKILL):
                if self._reap(0.0) is not None:
                    break
                self.signal(number)
                if self._reap(0.0 if number == signal.SIGCONT else 3.0) is not None:
                    break
        finally:
            self.close_pty()
            self._stopping = True
            self._wake()
            self._reader.join(5.0)
            for handle in (self._slave, self._pidfd, self._bell, self._ring):
                with contextlib.suppress(OSError):
                    os.close(handle)
            self._slave = self._pidfd = self._bell = self._ring = -1

    def close_pty(self) -> None:
        """Tear the terminal off, as a lost connection does: the program is hung up on."""
        with self._lock:
            master, self._master = self._master, -1
        if master >= 0:
            self._wake()
            os.close(master)

    def signal(self, number: int) -> None:
        """Send a signal to the program itself."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait_exit(self, timeout_s: float = 20) -> int:
        """Wait for the end; return the exit code, or minus the signal that ended it."""
        code = self._reap(timeout_s)
        if code is None:
            raise self._timed_out("the end of the program", timeout_s)
        self._await_drained()
        return code

    def wait_stopped(self, timeout_s: float = 10) -> None:
        """Wait until the program is stopped (SIGSTOP), as Ctrl-Z leaves it."""
        end = time.monotonic() + timeout_s
        # A stop wakes no file handle: this is the one place that looks again and again.
        while process_state(self.pid) != "T":
            if time.monotonic() > end:
                raise self._timed_out("a stopped program", timeout_s)
            time.sleep(0.01)

    def _reap(self, timeout_s: float) -> int | None:
        with self._reap_lock:
            if self.exit_code is None and select.select([self._pidfd], [], [], timeout_s)[0]:
                self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.exit_code

    # Waiting

    def wait_for(
        self, condition: Callable[[], Any], timeout_s: float = 20, what: str = "the condition"
    ) -> Any:
        """Wait until a condition of the screen holds; it is asked after each read.

        Returns:
            What the condition returned.
        """
        value, _ = self._wait(condition, timeout_s, what)
        return value

    def wait_text(self, pattern: str, timeout_s: float = 20) -> re.Match[str]:
        """Wait until the screen's text matches; `^` and `$` are the ends of lines."""
        search = re.compile(pattern, re.MULTILINE).search
        return self.wait_for(lambda: search(self.screen_text()), timeout_s, f"/{pattern}/")

    def wait_gone(self, pattern: str, timeout_s: float = 20) -> None:
        """Wait until the screen's text matches no more."""
        search = re.compile(pattern, re.MULTILINE).search
        what = f"/{pattern}/ to go"
        self.wait_for(lambda: not search(self.screen_text()), timeout_s, what)

    def wait_raw(self, data: bytes, timeout_s: float = 20) -> None:
        """Wait until the program wrote these bytes."""
        self.wait_for(lambda: data in self.raw, timeout_s, repr(data))

    def wait_quiet(self, quiet_s: float = 0.5, timeout_s: float = 20) -> None:
        """Wait until the program wrote nothing for a while."""
        end = time.monotonic() + timeout_s
        while (left := self._last_read_s + quiet_s - time.monotonic()) > 0:
            if time.monotonic() > end:
                raise self._timed_out("silence", timeout_s)
            time.sleep(left)

    def _wait(self, condition: Callable[[], Any], timeout_s: float, what: str) -> tuple[Any, float]:
        with self._lock:
            if value := condition():
                return value, time.monotonic()
            wait = _Wait(condition)
            self._waiting.append(wait)
        try:
            if not wait.done.wait(timeout_s):
                raise self._timed_out(what, timeout_s)
        finally:
            with self._lock:
                self._waiting.remove(wait)
        if wait.error:
            raise wait.error
        return wait.value, wait.when_s

    def _timed_out(self, what: str, timeout_s: float) -> AssertionError:
        state = "is running" if self._reap(0.0) is None else f"ended with {self.exit_code}"
        frame = "-" * self.columns
        return AssertionError(
            f"waited {timeout_s} s in vain for {what}; the program {state}\n"
            f"{frame}\n{self.screen_text()}\n{frame}\nlast bytes: {bytes(self.raw[-200:])!r}"
        )

    # Keys

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `ctrl+s`, `f1`) or as literal text."""
        for key in keys:
            rest = self._last_escape_s + _AFTER_ESCAPE_S - time.monotonic()
            if rest > 0:
                time.sleep(rest)
            if key == "escape":
                self._last_escape_s = time.monotonic()
            self.write(key_bytes(key))

    def type(self, text: str) -> None:
        """Type text, character by character as the terminal would send it."""
        for character in text:
            self.press("enter" if character == "\n" else character)

    def paste(self, text: str) -> None:
        """Paste text the way terminals do that know bracketed paste."""
        self.write(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def write(self, data: bytes) -> None:
        """Send bytes to the program as if typed."""
        while data:
            with self._lock:
                if self._master < 0:
                    return
                try:
                    data = data[os.write(self._master, data) :]
                    continue
                except BlockingIOError:
                    pass
            select.select([], [self._master], [], 1.0)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window; the program gets SIGWINCH."""
        with self._lock:
            self.columns, self.rows = columns, rows
            for screen in (self._main, self._alternate):
                screen.resize(rows, columns)
            self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def speed_up(self, bytes_per_s: float) -> None:
        """Let a slow link have another rate from now on."""
        self._bucket = TokenBucket(bytes_per_s)

    # Looking

    def screen_text(self) -> str:
        """The lines of the screen, without the blanks at their ends."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def is_restored(self) -> bool:
        """The program left the terminal as it found it: modes, keys, and echo is on."""
        return self.modes == _MODES_AT_REST and self.key_protocols <= 0 and self.echoes

    @property
    def echoes(self) -> bool:
        """The terminal shows what is typed, and waits for whole lines."""
        flags = termios.tcgetattr(self._slave)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON and flags & termios.ISIG)

    def latency(
        self, key: str, probe: Callable[["Terminal"], object], timeout_s: float = 20
    ) -> float:
        """Press a key; return the seconds until the read after which the probe differs."""
        with self._lock:
            before = probe(self)
        start = time.monotonic()
        self.press(key)
        _, when = self._wait(lambda: probe(self) != before, timeout_s, f"an answer to {key}")
        return when - start

    def count_bytes(self, seconds: float) -> int:
        """Count what the program writes in so many seconds."""
        before = len(self.raw)
        time.sleep(seconds)
        return len(self.raw) - before

    # The reading thread

    def _open_screens(self) -> None:
        self._main = pyte.Screen(self.columns, self.rows)
        self._alternate = pyte.Screen(self.columns, self.rows)
        self.screen = self._main
        self._stream = pyte.Stream(self.screen)

    def _read_all(self) -> None:
        gone = False
        while not self._stopping and (handle := self._master) >= 0:
            wanted = [self._bell] if gone else [self._bell, self._pidfd]
            if len(self._buffered) < self._room():
                wanted.append(handle)
            try:
                ready = select.select(wanted, [], [], self._rest_s(gone))[0]
                if self._bell in ready:
                    os.read(self._bell, 1)
                more = handle in ready and self._pull(handle)
            except (OSError, ValueError):
                return
            self._push()
            if gone and not more and not self._buffered:
                return
            gone = gone or self._pidfd in ready

    def _room(self) -> int:
        return self._buffer_bytes + 4096 if self._bucket else 1 << 20

    def _rest_s(self, gone: bool) -> float | None:
        """Seconds until buffered bytes may go on; None is until something happens."""
        if self._bucket and self._buffered:
            return self._bucket.wait_s(len(self._buffered))
        return 0.0 if gone else None

    def _pull(self, handle: int) -> bool:
        try:
            size = 65536 if self._bucket is None else max(1, self._room() - len(self._buffered))
            data = os.read(handle, size)
        except BlockingIOError:
            return False
        self._buffered += data
        return bool(data)

    def _push(self) -> None:
        count = len(self._buffered)
        if self._bucket is not None:
            count = self._bucket.take(count)
        if not count:
            return
        now = time.monotonic()
        data = bytes(self._buffered[:count])
        del self._buffered[:count]
        with self._lock:
            self._last_read_s = now
            self.raw += data
            for token in self._sieve.feed(self._decode(data)):
                self._take(token)
            for wait in self._waiting:
                wait.ask(now)

    def _take(self, token: Token) -> None:
        match token:
            case str():
                self._stream.feed(token)
            case Mode():
                self._switch(token)
            case Question():
                self._answer(token)
            case KeyProtocol():
                self.key_protocols += 1 if token.pushed else -1
            case ControlString():
                self.strings.append(token)

    def _switch(self, mode: Mode) -> None:
        (self.modes.add if mode.on else self.modes.discard)(mode.number)
        if mode.number == 1049:
            if mode.on:
                self._alternate.reset()
            self.screen = self._alternate if mode.on else self._main
            self._stream = pyte.Stream(self.screen)

    def _answer(self, question: Question) -> None:
        self.questions += 1
        if not self._answers:
            return
        if question.what == "mode":
            known = {2026: 2}.get(question.number, 1 if question.number in self.modes else 0)
            answer = f"\x1b[?{question.number};{known}$y"
        elif question.what == "cursor":
            answer = f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R"
        else:
            answer = "\x1b[?62;c"
        if self._round_trip_s:
            timer = threading.Timer(self._round_trip_s, self.write, [answer.encode()])
            timer.daemon = True
            timer.start()
        elif self._master >= 0:
            # A program that does not read loses answers; waiting for it would stop the screen.
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, answer.encode())

    def _await_drained(self) -> None:
        self._wake()
        self._reader.join(5.0)

    def _wake(self) -> None:
        if self._ring >= 0:
            os.write(self._ring, b".")


class _Wait:
    """Somebody who waits for a condition, asked by the reading thread."""

    def __init__(self, condition: Callable[[], Any]) -> None:
        self.condition = condition
        self.done = threading.Event()
        self.value: Any = None
        self.error: Exception | None = None
        self.when_s = 0.0

    def ask(self, now_s: float) -> None:
        if self.done.is_set():
            return
        try:
            self.value = self.condition()
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            self.error = error
        if self.value or self.error:
            self.when_s = now_s
            self.done.set()
