"""Keeps a sampler running: names what hangs or crashes, leaves it alone, replaces the process."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from envbench.machine.gpu_absence import explain_absence
from envbench.machine.sampler import quarantine, restarts, stalls
from envbench.machine.sampler.breadcrumb import Breadcrumb
from envbench.machine.sampler.child import ChildEnd, SamplerChild
from envbench.machine.sampler.orders import (
    BOX,
    DRIVER,
    EXIT_STALE,
    PROCESS_CALLS,
    UTILIZATION_CALL,
    Orders,
    Part,
    name_call,
)
from envbench.machine.sampler.picture import Picture
from envbench.machine.sampler.quarantine import Confinement, Quarantine
from envbench.machine.sampler.scouting import Failure, Scout, explain_crash, explain_hang
from envbench.machine.sampler.stalls import Witness
from envbench.model.gpu import AbsenceCode, GpuAbsence, Sample

_STARTING_S = 1.0
"""After so long without a sample it is told that the sampler is starting."""
_SILENCE_S = 20.0
"""A sampler that makes no call and tells nothing for so long beyond its period is replaced."""
_FIRST_RETRY_S, _LONGEST_RETRY_S = 5.0, 60.0
_MOST_NOTES = 8
_NOTE_S = 60.0
"""So long it is told that the sampler was replaced: all is well again, or its cause is told."""
_GIVEN_UP = "the driver does not answer; look for Xid lines in dmesg; a reboot may be needed"
_NOT_ASKED = {
    **{call: f"{kind} processes are not listed" for kind, call in PROCESS_CALLS.items()},
    UTILIZATION_CALL: "what each process does is not read",
}
"""What is missing while a call is not made."""
_FAILED_REMEDY = "it is started again by itself; if this stays, report it with this line"


class Supervision:
    """One sampler after the other; to be used from within one event loop."""

    def __init__(
        self,
        environ: Mapping[str, str],
        on_sample: Callable[[Sample], None],
        *,
        period_s: float,
        stall_limit_s: float,
        disks: tuple[str, ...] = (),
    ) -> None:
        """Start nothing yet.

        Args:
            environ: The sampler's environment variables, complete.
            on_sample: Hears every sample, those that are made here among them.
            period_s: Wanted time between two samples.
            stall_limit_s: How long one call into the driver may take.
            disks: Paths whose disks are told.
        """
        self._environ, self._on_sample = environ, on_sample
        self._period_s, self._limit_s = period_s, stall_limit_s
        self._disks = disks
        self._picture = Picture()
        self._held: Quarantine = quarantine.EMPTY
        self._witness = Witness()
        self._suspect: Confinement | None = None
        self._kills: Counter[str] = Counter()
        self._notes: deque[tuple[float, str]] = deque(maxlen=_MOST_NOTES)
        self._absence: GpuAbsence | None = None
        self._silence: GpuAbsence | None = None
        """What the box shows of a driver that does not answer."""
        self._child: SamplerChild | None = None
        self._scout: Scout | None = None
        self._undead: list[SamplerChild] = []
        self._failures = 0
        self._retry_s = _FIRST_RETRY_S
        self._restart_at = float("-inf")
        self._started_at = self._heard_at = 0.0
        self._first_at: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the first sampler."""
        self._look()

    def set_period(self, period_s: float) -> None:
        """Change the wanted time between two samples, while running too."""
        self._period_s = period_s
        if self._child:
            self._child.send(Orders(period_s=period_s))

    def end(self) -> None:
        """End everything without waiting."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._scout:
            self._undead.append(self._scout.end())
            self._scout = None
        if self._child:
            self._kill_child(self._child)

    async def wait(self, timeout_s: float) -> None:
        """Wait a moment for what was killed; what hangs in the kernel is left to itself."""
        await asyncio.gather(*(child.wait(timeout_s) for child in self._undead))

    def _kill_child(self, child: SamplerChild) -> None:
        child.kill()
        self._undead = [each for each in (*self._undead, child) if not each.is_gone]
        self._child = None

    def _look(self) -> None:
        """Look after the sampler; comes again by itself."""
        self._timer = asyncio.get_running_loop().call_later(stalls.LOOK_S, self._look)
        now = time.monotonic()
        self._try_again(now)
        if self._child is None:
            if now >= self._restart_at:
                self._start_child(now)
            return
        self._witness = stalls.look(self._witness, self._child.read_crumb(), now)
        if self._witness.crumb:
            self._watch_call(self._witness.crumb, now)
        else:
            self._watch_silence(now)

    def _start_child(self, now: float) -> None:
        self._held = quarantine.forget(self._held, now)
        self._witness, self._suspect, self._first_at = Witness(looked_at_s=now), None, None
        self._started_at = self._heard_at = now
        try:
            self._child = SamplerChild(self._environ, self._make_orders(), self._hear, self._end)
        except OSError as fault:
            what = f" ({fault.filename})" if fault.filename else ""
            self._fail(f"it cannot be started: {fault.strerror}{what}")

    def _make_orders(self) -> Orders:
        return Orders(
            period_s=self._period_s,
            disks=self._disks,
            skip=quarantine.list_parts(self._held),
            retry_s=self._retry_s,
        )

    def _try_again(self, now: float) -> None:
        """Send a scout to what has waited long enough, so that nothing else has to wait for it."""
        if self._scout:
            self._scout.look(now)
            return
        due = quarantine.find_due(self._held, now)
        if due is None:
            return
        self._undead = [child for child in self._undead if not child.is_gone]
        if self._undead:
            # What was killed hangs in the kernel still: there is no use in sending another.
            self._held = quarantine.postpone(self._held, due.part, now)
            return
        others = tuple(part for part in quarantine.list_parts(self._held) if part != due.part)
        try:
            self._scout = Scout(self._environ, due.part, others, self._limit_s, self._hear_scout)
        except OSError:
            self._held = quarantine.postpone(self._held, due.part, now)

    def _hear_scout(self, part: Part, failure: Failure | None) -> None:
        now = time.monotonic()
        scout, self._scout = self._scout, None
        if scout:
            self._undead.append(scout.end())
        if failure is None:
            self._held = quarantine.free(self._held, part, now)
            if self._child:
                self._child.send(Orders(skip=quarantine.list_parts(self._held)))
            return
        if failure.part is not None:
            self._confine(failure.part, failure.call, failure.words, failure.code, now)
        if failure.part != part:
            self._held = quarantine.postpone(self._held, part, now)
        self._tell()

    def _watch_call(self, crumb: Breadcrumb, now: float) -> None:
        part = quarantine.blame(crumb, is_crash=False)
        patience = stalls.tell_patience(crumb, self._limit_s)
        lasted_s = self._witness.lasted_s
        if lasted_s < patience.name_s:
            self._suspect = None
            return
        words = explain_hang(crumb, now)
        if lasted_s >= patience.kill_s:
            self._confine(part, crumb.call, words, None, now)
            self._replace(words, now)
        elif self._suspect is None:
            self._suspect = self._accuse(part, crumb.call, words, None)
            self._tell()

    def _watch_silence(self, now: float) -> None:
        self._suspect = None
        silent_s = now - self._heard_at
        if self._picture.last is None and self._absence is None and silent_s >= _STARTING_S:
            self._absence = GpuAbsence(code=AbsenceCode.STARTING, words="nothing was read yet")
            self._tell()
        if silent_s >= self._period_s + _SILENCE_S:
            self._fail(f"it told nothing for {silent_s:.0f} s")

    def _hear(self, sample: Sample) -> None:
        now = time.monotonic()
        self._heard_at = now
        self._first_at = self._first_at or now
        is_starting = sample.absence and sample.absence.code is AbsenceCode.STARTING
        if sample.driver:
            self._retry_s = _FIRST_RETRY_S
        self._picture.take(sample, quarantine.list_confined(self._held))
        is_silent = (DRIVER, "") in quarantine.list_parts(self._held)
        if is_starting and not is_silent and now - self._started_at < _STARTING_S:
            return  # It will have more to tell in a moment.
        self._absence = None
        self._tell(sample.at_s)

    def _end(self, end: ChildEnd) -> None:
        now = time.monotonic()
        self._child = None
        if end.code == EXIT_STALE:
            self._retry_s = min(_LONGEST_RETRY_S, 2 * self._retry_s)
            self._start_child(now)
            return
        crash = explain_crash(end)
        if crash and crash.part is not None:
            self._confine(crash.part, crash.call, crash.words, crash.code, now)
            self._replace(crash.words, now)
        else:
            self._fail(end.words)

    def _confine(self, part: Part, call: str, words: str, code: int | None, now: float) -> None:
        self._kills[name_call(call)] += 1
        news = self._accuse(part, call, words, code)
        self._held = quarantine.confine(self._held, news, now)

    def _accuse(self, part: Part, call: str, words: str, code: int | None) -> Confinement:
        before = self._held.get(part)
        retry_s = quarantine.tell_retry_s(before.times + 1 if before else 1)
        remedy = f"it is left alone for {retry_s:.0f} s; look for Xid lines in dmesg"
        if self._kills[name_call(call)] >= restarts.MANY_KILLS:
            remedy = _GIVEN_UP
        if part == (DRIVER, ""):
            # Looked at once, not with each sample: it is a look at every device of the bus.
            kind = "hung" if code is None else "crashed"
            self._silence = explain_absence(None, kind=kind, environ=self._environ)
        return Confinement(
            part=part,
            call=call,
            is_crash=code is not None,
            code=code,
            words=words,
            remedy=remedy,
            since_s=time.time(),
        )

    def _fail(self, why: str) -> None:
        """Replace a sampler that failed by itself; tell so if it told no sample."""
        now = time.monotonic()
        if self._first_at is None:
            words = f"the process that reads the GPUs failed: {why}"
            self._absence = GpuAbsence(
                code=AbsenceCode.SAMPLER_FAILED, words=words, remedy=_FAILED_REMEDY
            )
        self._replace(why, now)

    def _replace(self, why: str, now: float) -> None:
        """Kill the sampler, tell what is known now, and start another after a while."""
        if self._child:
            self._kill_child(self._child)
        lived_s = now - self._first_at if self._first_at is not None else 0.0
        self._failures = restarts.count_failures(self._failures, lived_s)
        self._suspect = None
        self._notes.append((now, f"the GPU reader was replaced: {why}"))
        self._restart_at = now + restarts.tell_delay_s(self._failures)
        is_at_once = self._restart_at <= now and self._timer is not None
        if self._picture.last or not is_at_once:
            # Else the next sampler tells it in a moment, and has something to tell besides.
            self._tell()
        if is_at_once:
            self._start_child(now)

    def _tell(self, at_s: float | None = None) -> None:
        confined = list(quarantine.list_confined(self._held))
        if self._suspect:
            confined.append(self._suspect)
        self._on_sample(
            self._picture.show(
                confined,
                at_s=time.time() if at_s is None else at_s,
                period_s=self._period_s,
                absence=_explain_driver(confined, self._silence) or self._absence,
                notes=(*self._list_notes(), *_explain_calls(confined)),
            )
        )

    def _list_notes(self) -> tuple[str, ...]:
        oldest = time.monotonic() - _NOTE_S
        return tuple(words for at, words in self._notes if at >= oldest)


def _explain_driver(confined: list[Confinement], absence: GpuAbsence | None) -> GpuAbsence | None:
    """Say why there is no GPU when the driver itself does not answer."""
    for entry in confined:
        if absence is not None and entry.part == (DRIVER, ""):
            remedy = entry.remedy if entry.remedy == _GIVEN_UP else absence.remedy or entry.remedy
            return replace(absence, remedy=remedy, details=(*absence.details, entry.words))
    return None


def _explain_calls(confined: list[Confinement]) -> tuple[str, ...]:
    """Say what is not asked of GPUs that answer otherwise, and of the box."""
    return tuple(
        f"{'the box' if entry.part[0] == BOX else f'GPU {entry.part[0]}'}: "
        f"{_NOT_ASKED.get(entry.part[1], f'{entry.part[1]} is not read')} for now: {entry.words}"
        for entry in confined
        if entry.part[1]
    )
