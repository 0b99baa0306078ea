"""One call of uv: started, listened to, ended.

The only place of this room that starts a child.
"""

import os
import selectors
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from envbench.engine.pip_section.errors import UvError
from envbench.engine.pip_section.request import OnOutput
from envbench.engine.pip_section.uv_binary import find_uv
from envbench.engine.pip_section.uv_environment import UvReach
from envbench.model.cleaning import clean
from envbench.model.redaction import redact

_MOST_STDOUT = 64 * 1024 * 1024
_KEPT_STDERR_LINES = 2000
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class UvOutcome:
    """How a call of uv ended."""

    status: int
    """0 done; 1 no solution and alike; 2 usage or network; negative: killed by that signal."""
    stdout: str
    talk: str
    """What it said on stderr, cleaned and redacted."""


@dataclass(frozen=True, slots=True)
class UvRunner:
    """uv, with all that the calls for one task have in common."""

    reach: UvReach
    directory: Path
    """Private and without any configuration file: the working directory of the child."""
    timeout_s: float
    on_output: OnOutput | None = None

    def call(
        self, verb: Sequence[str], arguments: Sequence[str], *, quiet: bool = False
    ) -> UvOutcome:
        """Run `uv VERB` and wait for it.

        Args:
            verb: `("pip", "install")`; gets the options by which it reaches indexes.
            arguments: Paths and options written by us; never text of a spec.
            quiet: Do not pass its talk on (a question asked to explain a failure).

        Raises:
            UvError: It cannot be started, or ran past the time limit (it is dead then).
        """
        command = self.plain_command(verb, (*self.reach.options, *arguments))
        return self.run(command, quiet=quiet)

    def plain_command(self, verb: Sequence[str], arguments: Sequence[str]) -> list[str]:
        """Return the command line of a verb that asks no index."""
        return [str(find_uv()), *verb, *arguments]

    def run(self, command: Sequence[str], *, quiet: bool = False) -> UvOutcome:
        """Run a whole command line in the environment of the task; see `call`."""
        with (
            (self.directory / "stdout").open("w+b") as stdout,
            self._start(command, stdout) as child,
        ):
            talk = list(self._listen(child, None if quiet else self.on_output))
            status = child.wait(timeout=_GRACE_S)
            stdout.seek(0)
            answer = stdout.read(_MOST_STDOUT).decode("utf-8", "replace")
        return UvOutcome(status, answer, "\n".join(talk[-_KEPT_STDERR_LINES:]))

    @contextmanager
    def _start(
        self, command: Sequence[str], stdout: IO[bytes]
    ) -> Iterator[subprocess.Popen[bytes]]:
        try:
            child = subprocess.Popen(
                list(command), stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                env={**self.reach.variables, "TMPDIR": str(self.directory)}, cwd=self.directory, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise UvError("uv cannot be started", where=command[0], why=str(error)) from error
        try:
            yield child
        finally:
            _end(child)

    def _listen(self, child: subprocess.Popen[bytes], on_output: OnOutput | None) -> Iterator[str]:
        for raw in _read_lines(child, monotonic() + self.timeout_s):
            line = redact(clean(raw.decode("utf-8", "replace"), progress=True)).rstrip()
            yield line
            if on_output and line:
                on_output(line)


def _read_lines(child: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """Yield the lines of stderr as they come, until its end or the deadline."""
    assert child.stderr is not None
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stderr, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - monotonic())):
            chunk = os.read(child.stderr.fileno(), 65536)
            if not chunk:
                if rest:
                    yield rest
                return
            *lines, rest = (rest + chunk).split(b"\n")
            yield from lines
    raise UvError("uv did not end in time and was stopped", hint="Raise the time limit, or retry.")


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave no process behind: SIGTERM to the group, a grace, SIGKILL."""
    if child.poll() is None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(child.pid, number)
                child.wait(timeout=_GRACE_S)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
    if child.stderr is not None:
        child.stderr.close()
    child.poll()
