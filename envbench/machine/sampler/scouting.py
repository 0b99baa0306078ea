"""Tries what hung or crashed again, in a process of its own: nothing else has to wait for it."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envbench.machine.sampler import stalls
from envbench.machine.sampler.breadcrumb import Breadcrumb
from envbench.machine.sampler.child import ChildEnd, SamplerChild
from envbench.machine.sampler.orders import BOX, DRIVER, Orders, Part
from envbench.machine.sampler.quarantine import blame
from envbench.machine.sampler.stalls import Witness
from envbench.model.gpu import AbsenceCode, Sample
from envbench.model.signal_names import name_signal

_PERIOD_S = 0.2
_TICKS = 2
"""A part is in order that has answered so often."""
_LONGEST_S = 60.0
_CRASHES = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP}
    | {signal.SIGSYS}
)
"""Others, such as SIGKILL, come from outside and speak against no call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What ended a sampler."""

    part: Part | None
    """What it speaks against; None when it was nothing that the sampler asked for."""
    call: str = ""
    code: int | None = None
    """Number of the signal; None when nothing crashed."""
    words: str = ""


def explain_hang(crumb: Breadcrumb, now_s: float) -> str:
    """Say that a call hangs."""
    return f"the driver did not answer for {now_s - crumb.began_s:.1f} s ({crumb.call})"


def explain_crash(end: ChildEnd) -> Failure | None:
    """Say which call crashed a sampler; None when none did."""
    number = -end.code if end.code is not None else 0
    if end.crumb is None or number not in _CRASHES:
        return None
    return Failure(
        part=blame(end.crumb, is_crash=True),
        call=end.crumb.call,
        code=number,
        words=f"the driver crashed ({name_signal(number)} in {end.crumb.call})",
    )


class Scout:
    """One try."""

    def __init__(
        self,
        environ: Mapping[str, str],
        part: Part,
        skip: tuple[Part, ...],
        limit_s: float,
        on_end: Callable[[Part, Failure | None], None],
    ) -> None:
        """Start it.

        Args:
            environ: Of the sampler, complete.
            part: What is tried.
            skip: What must not be asked for.
            limit_s: How long an ordinary call may take.
            on_end: Hears once what came of it: None when all is well.

        Raises:
            OSError: It cannot be started.
        """
        self._part, self._limit_s, self._on_end = part, limit_s, on_end
        self._witness = Witness(looked_at_s=time.monotonic())
        self._began_s = time.monotonic()
        gpu = part[0]
        left_out = (*skip, (DRIVER, "")) if gpu == BOX else skip
        orders = Orders(period_s=_PERIOD_S, skip=left_out, only=(gpu,) if gpu >= 0 else ())
        self._child = SamplerChild(environ, orders, self._hear, self._hear_end)

    def look(self, now_s: float) -> None:
        """Look after it, every now and then."""
        self._witness = stalls.look(self._witness, self._child.read_crumb(), now_s)
        crumb = self._witness.crumb
        if crumb is None:
            if now_s - self._began_s > _LONGEST_S:
                self._on_end(self._part, Failure(part=None, words="it told nothing"))
            return
        patience = stalls.tell_patience(crumb, self._limit_s, is_awaited=False)
        if self._witness.lasted_s >= patience.kill_s:
            part = blame(crumb, is_crash=False)
            words = explain_hang(crumb, now_s)
            self._on_end(self._part, Failure(part=part, call=crumb.call, words=words))

    def end(self) -> SamplerChild:
        """Kill the process without waiting, and return it."""
        self._child.kill()
        return self._child

    def _hear(self, sample: Sample) -> None:
        gpu = self._part[0]
        if gpu >= 0:
            has_answered = any(reading.index == gpu for reading in sample.gpus)
        elif gpu == DRIVER:
            is_starting = sample.absence and sample.absence.code is AbsenceCode.STARTING
            has_answered = bool(sample.driver or (sample.absence and not is_starting))
        else:
            has_answered = True
        if has_answered and sample.number >= _TICKS - 1:
            self._on_end(self._part, None)

    def _hear_end(self, end: ChildEnd) -> None:
        self._on_end(self._part, explain_crash(end) or Failure(part=None, words=end.words))
