"""What is left alone for a while because a call about it hung or crashed: values and rules.

A part is confined, then tried again, each time after a longer wait; when it answers it is free, and
what befell it is remembered for a while. Pure: the clock is passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from envbench.machine.sampler.breadcrumb import Breadcrumb
from envbench.machine.sampler.orders import BOX, OPTIONAL_CALLS, Part, name_call

RETRY_S = (30.0, 60.0, 120.0, 300.0, 600.0)
"""How long a part is left alone, the first time, the second..."""
TRIAL_S = 15.0
"""A call that has been made for so long without harm is free again."""
MEMORY_S = 600.0
"""So long after it was freed, a part that fails again goes on where it left off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """One part, and what it did."""

    part: Part
    call: str
    """The function that did not come back, with its version."""
    is_crash: bool
    """Whether it ended the process; else it hung."""
    code: int | None
    """Number of the signal, for a crash."""
    words: str
    """One line: what happened."""
    remedy: str = ""
    """One line: what to do about it."""
    since_s: float
    """Unix time of the first time in a row."""
    times: int = 1
    """How often in a row."""
    retry_at_s: float = 0.0
    """CLOCK_MONOTONIC."""
    tried_since_s: float | None = None
    """CLOCK_MONOTONIC; None while it is left alone."""
    freed_at_s: float | None = None
    """CLOCK_MONOTONIC; None while it is not free."""

    @property
    def is_left_alone(self) -> bool:
        """Whether it must not be asked."""
        return self.tried_since_s is None and self.freed_at_s is None


Quarantine = Mapping[Part, Confinement]
EMPTY: Quarantine = MappingProxyType({})


def blame(crumb: Breadcrumb, *, is_crash: bool) -> Part:
    """Say what a call that did not come back speaks against.

    A list of processes that crashes costs the GPU this list and nothing else. A call that hangs
    holds locks inside the driver, so that the whole GPU is left alone.
    """
    call = name_call(crumb.call)
    if crumb.gpu == BOX or (is_crash and call in OPTIONAL_CALLS):
        return crumb.gpu, call
    return crumb.gpu, ""


def tell_retry_s(times: int) -> float:
    """Tell how long a part is left alone that failed so often in a row."""
    return RETRY_S[min(max(times, 1), len(RETRY_S)) - 1]


def confine(held: Quarantine, news: Confinement, now_s: float) -> Quarantine:
    """Leave a part alone.

    Args:
        held: What is known so far.
        news: What happened; its `times`, `since_s` and `retry_at_s` are made here, the first two
            from what is remembered.
        now_s: CLOCK_MONOTONIC.
    """
    before = held.get(news.part)
    is_again = before is not None and (
        before.freed_at_s is None or now_s - before.freed_at_s < MEMORY_S
    )
    times = before.times + 1 if before and is_again else 1
    was_free = before is None or before.freed_at_s is not None
    entry = replace(
        news,
        times=times,
        since_s=news.since_s if before is None or was_free else before.since_s,
        retry_at_s=now_s + tell_retry_s(times),
        tried_since_s=None,
        freed_at_s=None,
    )
    return {**held, news.part: entry}


def try_again(held: Quarantine, now_s: float) -> Quarantine:
    """Let those be asked again whose time has come."""
    return {
        part: replace(entry, tried_since_s=now_s)
        if entry.is_left_alone and entry.retry_at_s <= now_s
        else entry
        for part, entry in held.items()
    }


def free(held: Quarantine, part: Part, now_s: float) -> Quarantine:
    """Free a part that is tried and has answered; any other is left as it is."""
    entry = held.get(part)
    if entry is None or entry.tried_since_s is None:
        return held
    return {**held, part: replace(entry, tried_since_s=None, freed_at_s=now_s)}


def settle(held: Quarantine, now_s: float) -> Quarantine:
    """Free the single calls that have been tried for long enough, and forget what is long past."""
    for part, entry in held.items():
        if part[1] and entry.tried_since_s is not None and now_s - entry.tried_since_s >= TRIAL_S:
            held = free(held, part, now_s)
    return {
        part: entry
        for part, entry in held.items()
        if entry.freed_at_s is None or now_s - entry.freed_at_s < MEMORY_S
    }


def list_left_alone(held: Quarantine) -> tuple[Part, ...]:
    """List what must not be asked now."""
    return tuple(sorted(part for part, entry in held.items() if entry.is_left_alone))


def list_confined(held: Quarantine) -> tuple[Confinement, ...]:
    """List what is not free: left alone, or tried and without an answer so far."""
    return tuple(held[part] for part in sorted(held) if held[part].freed_at_s is None)
