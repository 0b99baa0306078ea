"""Tells the phases of a job as they begin and end, and their progress at a bounded rate."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from envbench.model.cleaning import clean
from envbench.model.event import AnyEvent, Message, PhaseEnded, PhaseStarted, Progress
from envbench.model.redaction import redact

PROGRESS_INTERVAL_S = 0.1
"""Who draws needs no more than ten a second; a phase's last one always goes out."""


class Phases:
    """The story of one job, told through its events."""

    def __init__(self, emit: Callable[[AnyEvent], object]) -> None:
        """Tell through `emit`, which sets sequence and time."""
        self._emit = emit
        self._phase = ""
        self._last_progress = 0.0

    @contextmanager
    def run(self, phase: str) -> Iterator[list[str]]:
        """Tell begin and end of a phase; strings appended to the list become its detail."""
        detail: list[str] = []
        outer, self._phase = self._phase, phase
        self._emit(PhaseStarted(phase=phase))
        began, ok = time.monotonic(), False
        try:
            yield detail
            ok = True
        finally:
            self._phase = outer
            duration_s = round(time.monotonic() - began, 6)
            told = redact(", ".join(detail))
            self._emit(PhaseEnded(phase=phase, duration_s=duration_s, ok=ok, detail=told))
            verdict = "done" if ok else "failed"
            self.log(f"{phase}: {verdict} in {duration_s:.2f} s{'; ' + told if told else ''}")

    def progress(
        self, done: int, total: int | None, *, unit: str = "packages", item: str = ""
    ) -> None:
        """Tell how far the running phase is; too frequent ones are left out."""
        now = time.monotonic()
        if now - self._last_progress < PROGRESS_INTERVAL_S and done != total:
            return
        self._last_progress = now
        self._emit(
            Progress(phase=self._phase, done=done, total=total, unit=unit, item=redact(clean(item)))
        )

    def forward(self, event: AnyEvent) -> None:
        """Pass on an event of a room below; its progress is told at the same bounded rate."""
        if isinstance(event, Progress):
            self.progress(event.done, event.total, unit=event.unit, item=event.item)
        else:
            self._emit(event)

    def say(self, text: str, *, level: str = "info") -> None:
        """Tell the user something that is not progress."""
        told = redact(clean(text, multiline=True))
        self._emit(Message(text=told, level=level))
        for line in told.splitlines():
            self.log(line if level == "info" else f"{level}: {line}")

    def log(self, line: str) -> None:
        """Write a line into the log of the job only: the talk of tools.

        Phases and messages are in the log too: it tells the whole story to who comes later.
        """
        # A full disk below the jobs is no reason for the work to fail.
        with suppress(OSError):
            sys.stdout.write(redact(clean(line)) + "\n")
            sys.stdout.flush()
