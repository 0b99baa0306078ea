"""The child: reads questions from standard input, answers on standard output, one at a time.

It ends with `os._exit`, always: native libraries may crash an interpreter that shuts down.
"""

import contextlib
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from envbench.jobs.launching import end_with_parent
from envbench.jobs.private_pipe import PrivatePipe
from envbench.model.errors import EnvbenchError
from envbench.settings.load import Settings, load_settings
from envbench.settings.soundness import require_sound
from envbench.workbench.desk.calling import call
from envbench.workbench.desk.failures import explain_fault, to_refusal
from envbench.workbench.desk.protocol import (
    Ask,
    Hello,
    encode_answer,
    encode_message,
    encode_update,
    read_asks,
)
from envbench.workbench.desk.verbs import LOOKING_VERBS

_READ_BYTES = 1 << 16


class Worker:
    """Answers questions."""

    def __init__(self, pipe: PrivatePipe) -> None:
        """Answer on a pipe."""
        self._pipe = pipe
        self._state_dir: Path | None = None

    def answer(self, ask: Ask) -> None:
        """Run a verb, and send what comes of it."""
        try:
            value = call(ask.verb, ask.arguments, lambda: self._load(ask.verb), self._teller(ask))
            for line in encode_answer(ask.id, value):
                self._pipe.send(line)
        except EnvbenchError as error:
            self._refuse(ask, error)
        except Exception as fault:  # noqa: BLE001 - the edge of the process: whoever asked must hear of it
            self._refuse(ask, explain_fault(fault, self._find_state_dir()))

    def _teller(self, ask: Ask) -> Any:
        return lambda value: self._pipe.send(encode_update(ask.id, value))

    def _refuse(self, ask: Ask, error: EnvbenchError) -> None:
        self._pipe.send(encode_message(to_refusal(ask.id, error)))

    def _load(self, verb: str) -> Settings:
        """Load the settings anew: reading them takes a millisecond, and files change.

        Raises:
            UsageError: One of envbench's own is wrong, and the verb does more than to look.
        """
        settings = load_settings()
        self._state_dir = settings.paths.state_dir
        if verb not in LOOKING_VERBS:
            require_sound(settings)
        return settings

    def _find_state_dir(self) -> Path | None:
        with contextlib.suppress(EnvbenchError, OSError):
            self._state_dir = self._state_dir or load_settings().paths.state_dir
        return self._state_dir


def main() -> None:
    """Serve until standard input ends, or the parent dies."""
    code = 1
    try:
        end_with_parent(os.getppid())
        _serve(PrivatePipe())
    finally:
        _leave(code)


def _serve(pipe: PrivatePipe) -> None:
    asks: queue.Queue[Ask] = queue.Queue()
    threading.Thread(target=_read_forever, args=(asks,), daemon=True).start()
    worker = Worker(pipe)
    pipe.send(encode_message(Hello(pid=os.getpid())))
    while True:
        worker.answer(asks.get())


def _read_forever(asks: "queue.Queue[Ask]") -> None:
    """Hand on questions; end the process at the end of input, even in the middle of one."""
    code = 1
    try:
        reader = read_asks()
        while data := os.read(0, _READ_BYTES):
            for ask in reader.feed(data):
                asks.put(ask)
        code = 0
    finally:
        _leave(code)


def _leave(code: int) -> None:
    """End the process at once; the last words of a failure go to standard error."""
    if code:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)
